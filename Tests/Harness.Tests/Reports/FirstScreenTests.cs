using AngleSharp.Html.Parser;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Summaries;

namespace Harness.Tests.Reports;

/// <summary>Every report of the catalogue answers a stranger's five questions before anything is scrolled or opened.</summary>
public sealed class FirstScreenTests
{
    public static TheoryData<string> Files => [.. CatalogResults.Files];

    [Theory]
    [MemberData(nameof(Files))]
    public async Task First_screen_answers_five_questions(string file)
    {
        var html = await ReportWriter.Write(CatalogResults.Of(file), ReportOptions.Default);
        FirstScreen.Open(new HtmlParser().ParseDocument(html)).ShouldBeEmpty(string.Join('\n', Said(file, "en")));
    }

    /// <summary>Each entry is short enough to be read, in both languages, and they say as much as each other.</summary>
    [Theory]
    [MemberData(nameof(Files))]
    public void Entries_of_a_summary_are_few_and_short(string file)
    {
        var (english, chinese) = (Said(file, "en"), Said(file, "zh"));
        english.Count.ShouldBeLessThanOrEqualTo(6);
        chinese.Count.ShouldBe(english.Count);
        foreach (var entry in english)
        {
            entry.ShouldNotContain("NaN");
            entry.ShouldNotContain("∞ times");
            // Two sentences at most.
            entry.Length.ShouldBeLessThan(400, entry);
        }
    }

    /// <summary>The tests of this class fail for a head that leaves a question open.</summary>
    [Fact]
    public void Head_that_answers_nothing_is_found_out() =>
        FirstScreen.Open(new HtmlParser().ParseDocument("<header class=masthead><h1>Results</h1><ul class=key><li>Training is over.</li></ul><p class=next>Next: </p></header>"))
            .ShouldBe(["which one", "by how much", "how sure", "where not", "what next"]);

    private static IReadOnlyList<string> Said(string file, string language) => SummaryBuilder.Of(CatalogResults.Of(file), language) is var summary ? [summary.Headline, .. summary.Findings, summary.Next] : [];
}
