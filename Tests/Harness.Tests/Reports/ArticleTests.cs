using System.Text;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Tests.Reports;

/// <summary>The course article's claims in the report and on their page.</summary>
public sealed class ArticleTests
{
    private static readonly ExperimentResults Asked = ResultsFixture.Typical with
    {
        Claims =
        [
            new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null) { Article = 11 },
            new ComparisonClaim("smaller-still", "gru", "rnn", "parameters", null, null) { Article = 8 },
            new ComparisonClaim("remembers", "lstm", "rnn", "eval.loss", null, null) { Article = 7, Where = Length("50") },
            new ComparisonClaim("own", "lstm", "rnn", "eval.loss", null, null),
        ],
    };

    [Fact]
    public async Task Each_of_the_sixteen_claims_is_answered_or_said_to_be_open()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Asked, ReportOptions.Default));
        var points = page.QuerySelectorAll("#article > ol > li");
        points.Length.ShouldBe(16);
        points[10].QuerySelector("strong")!.TextContent.ShouldBe("Holds here.");
        points[10].QuerySelector("a")!.GetAttribute("href").ShouldBe("#claim-1");
        points[7].QuerySelector("strong")!.TextContent.ShouldBe("Does not hold here.");
        points[6].QuerySelector("a")!.TextContent.ShouldStartWith("Length 50: LSTM beats RNN");
        points[0].QuerySelector("strong")!.TextContent.ShouldBe("Not asked here.");
        points.SelectMany(point => point.QuerySelectorAll("a")).Count().ShouldBe(3);
    }

    [Fact]
    public async Task An_experiment_that_asks_nothing_of_the_article_is_not_bothered_with_it() =>
        (await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default)).ShouldNotContain("id=\"article\"");

    [Fact]
    public void The_page_of_the_claims_is_current()
    {
        var path = Path.Combine(Repository.Root, "docs", "article.md");
        if (Environment.GetEnvironmentVariable("HARNESS_REGENERATE") == "1") File.WriteAllText(path, Page());
        File.ReadAllText(path).ShouldBe(Page(), "HARNESS_REGENERATE=1 writes it anew.");
    }

    private static string Page()
    {
        var texts = new Texts();
        var page = new StringBuilder("<!-- Written by the tests from the report's own words: HARNESS_REGENERATE=1 dotnet test -->\n\n# What the article claims\n\n");
        page.Append("The course note that this product began from describes RNN, LSTM and GRU and lists what speaks for and against each. These are its claims in our\nwords, in its order. `article: 6` in a claim of an experiment file says which of them it tests; the report then answers them one by one.\n");
        for (var number = 1; number <= ClaimSettingCatalog.ArticleClaims; number++)
        {
            var text = texts.ArticleClaim(number);
            page.Append(System.Globalization.CultureInfo.InvariantCulture, $"\n## {number}. {text.Subject}: {text.Claim}\n\n{text.Why}\n");
        }

        return page.ToString();
    }

    private static Dictionary<string, IReadOnlyList<string>> Length(string level) => new(StringComparer.Ordinal) { ["length"] = [level] };
}
