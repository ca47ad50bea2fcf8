using System.Text.RegularExpressions;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Sections;
using Harness.Reports.Wording;

namespace Harness.Tests.Reports;

/// <summary>The terms that a report explains.</summary>
public sealed class GlossaryTests
{
    private static readonly GlossaryTerm lag = new Texts().Glossary.Single(term => term.Key == "lag");

    public static TheoryData<string> Languages => [.. ReportLanguages.All];

    [Fact]
    public void Meanings_are_those_of_the_glossary_page()
    {
        var page = File.ReadLines(Path.Combine(Repository.Root, "docs", "glossary.md")).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .Select(line => line.Trim('|', ' ').Split(" | ")).Where(cells => cells.Length == 2).ToLookup(cells => cells[0], cells => Plain(cells[1]), StringComparer.Ordinal);
        foreach (var term in new Texts().Glossary)
        {
            page[term.Word].ShouldContain(meaning => meaning.StartsWith(term.Meaning, StringComparison.Ordinal), $"{term.Word}: {term.Meaning}");
        }

        static string Plain(string markdown) => Regex.Replace(Regex.Replace(markdown, "[`*]", "", RegexOptions.None, TimeSpan.FromSeconds(1)), @"\[([^\]]*)\]\([^)]*\)", "$1", RegexOptions.None, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void Every_language_explains_the_same_terms() =>
        ReportLanguages.All.Select(language => string.Join(' ', Texts.In(language).Glossary.Select(term => term.Key))).Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();

    [Theory]
    [MemberData(nameof(Languages))]
    public async Task Term_is_marked_once_and_has_its_meaning_beside_it_and_in_the_list(string language)
    {
        var page = Parse(await ReportWriter.Write(GateFixture.With(ResultsFixture.Typical), ReportOptions.Default with { Language = language }));
        var marked = page.QuerySelectorAll("dfn.term").ToList();
        marked.Count.ShouldBeGreaterThan(10);
        var listed = page.QuerySelectorAll("#glossary dd").ToDictionary(meaning => meaning.Id!, meaning => meaning.TextContent, StringComparer.Ordinal);
        marked.Select(term => term.GetAttribute("aria-describedby")!).Order(StringComparer.Ordinal).ShouldBe(listed.Keys.Order(StringComparer.Ordinal));
        foreach (var term in marked)
        {
            term.GetAttribute("data-meaning").ShouldBe(listed[term.GetAttribute("aria-describedby")!]);
            term.GetAttribute("tabindex").ShouldBe("0");
            term.Closest("a, button, summary, label, code, table, h1, h2, h3, h4, .asked, .name").ShouldBeNull(term.TextContent);
        }

        page.All.Where(element => element.LocalName == "dfn").ShouldAllBe(element => element.Closest("p, li, figcaption, dd") != null);
        page.DocumentElement.TextContent.ShouldNotContain("<!--");
    }

    [Theory]
    [InlineData("<p>A lag, then a lag.</p>", "A [lag], then a lag.")]
    [InlineData("<details><p>A lag.</p></details><p>Lags.</p>", "A lag.[Lags].")]
    [InlineData("<details><p>A lag.</p></details>", "A [lag].")]
    [InlineData("<p>A jet-lag, a lagging <a href=\"#x\">lag</a> and <code>lag</code>.</p>", "A jet-lag, a lagging lag and lag.")]
    [InlineData("<p class=\"asked\">A lag?</p><table><tbody><tr><td>lag</td></tr></tbody></table>", "A lag?lag")]
    [InlineData("<svg><title>p</title><path d=\"M0 0\" /></svg><p>The <b>lag</b></p>", "pThe [lag]")]
    public void First_mention_in_what_is_open_is_marked(string body, string expected)
    {
        var (html, terms) = GlossaryMarks.Mark($"<html><head><title>lag</title></head><body>{body}</body></html>", new Texts());
        var page = Parse(html);
        foreach (var term in page.QuerySelectorAll("dfn")) term.TextContent = $"[{term.TextContent}]";
        page.Body!.TextContent.ShouldBe(expected);
        terms.ShouldBe(expected.Contains('[', StringComparison.Ordinal) ? [lag] : []);
    }

    [Fact]
    public void Longer_term_keeps_its_words()
    {
        var (html, terms) = GlossaryMarks.Mark("<html><body><p>计时试验与试验</p></body></html>", Texts.In("zh"));
        terms.Select(term => term.Key).ShouldBe(["trial", "timing-trial"]);
        Parse(html).QuerySelectorAll("dfn").Select(term => term.TextContent).ShouldBe(["计时试验", "试验"]);
    }

    private static IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
