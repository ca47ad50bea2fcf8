using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

public sealed class ReportWriterTests
{
    public static TheoryData<string> Names => [.. Fixtures.Keys];

    private static Dictionary<string, ExperimentResults> Fixtures { get; } = new(StringComparer.Ordinal)
    {
        ["typical"] = ResultsFixture.Typical,
        ["one seed"] = ResultsFixture.OneSeed,
        ["one cell"] = ResultsFixture.OneCell,
        ["nothing finished"] = ResultsFixture.NothingFinished,
        ["all diverged"] = ResultsFixture.AllDiverged,
        ["hostile"] = ResultsFixture.Hostile,
        ["no conditions"] = ResultsFixture.Typical with { Conditions = [], Environments = [] },
    };

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Page_is_sound(string fixture)
    {
        var page = Parse(await ReportWriter.Write(Fixtures[fixture], ReportOptions.Default));
        var ids = page.All.Select(e => e.Id).Where(id => !string.IsNullOrEmpty(id)).ToList();
        var known = ids.OfType<string>().ToHashSet(StringComparer.Ordinal);
        known.Count.ShouldBe(ids.Count, "ids are unique");
        foreach (var anchor in page.QuerySelectorAll("a[href]"))
            known.Contains(anchor.GetAttribute("href")!.TrimStart('#')).ShouldBeTrue($"'{anchor.TextContent}' leads nowhere");
        foreach (var element in page.All.Where(e => e.HasAttribute("aria-labelledby")))
            foreach (var id in element.GetAttribute("aria-labelledby")!.Split(' ')) known.Contains(id).ShouldBeTrue(id);
        foreach (var label in page.QuerySelectorAll("label").Where(label => label.QuerySelector("input") is null)) known.Contains(label.GetAttribute("for")!).ShouldBeTrue(label.TextContent);
        page.QuerySelectorAll("h1").Length.ShouldBe(1);
        var levels = page.QuerySelectorAll("h1,h2,h3,h4").Select(h => h.LocalName[1] - '0').ToList();
        levels.Zip(levels.Skip(1), (before, after) => after - before).ShouldAllBe(step => step <= 1);
        foreach (var figure in page.QuerySelectorAll("figure"))
        {
            figure.QuerySelector("figcaption")!.TextContent.ShouldNotBeNullOrWhiteSpace();
            figure.QuerySelectorAll("table tbody tr").Length.ShouldBeGreaterThan(0);
            figure.QuerySelector("details")!.ChildElementCount.ShouldBeGreaterThan(1);
            foreach (var svg in figure.QuerySelectorAll("svg"))
            {
                svg.QuerySelector("title")!.TextContent.ShouldNotBeNullOrWhiteSpace();
                svg.QuerySelector("desc")!.TextContent.ShouldNotBeNullOrWhiteSpace();
            }
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Page_asks_the_network_for_nothing(string fixture)
    {
        var html = await ReportWriter.Write(Fixtures[fixture], ReportOptions.Default);
        html.ShouldNotContain("http://");
        html.ShouldNotContain("https://");
        html.ShouldNotContain("@import");
        var page = Parse(html);
        page.All.SelectMany(e => e.Attributes).Where(a => a.LocalName is "src" or "srcset" or "action" or "poster" or "background").ShouldBeEmpty();
        page.QuerySelectorAll("link, iframe, object, embed, img, base, form").ShouldBeEmpty();
        page.All.SelectMany(e => e.Attributes).Where(a => a.LocalName.StartsWith("on", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Only_the_scripts_of_the_report_are_in_the_page_and_the_policy_knows_the_hash_of_the_one_that_runs()
    {
        var page = Parse(await ReportWriter.Write(ResultsFixture.Hostile, ReportOptions.Default));
        var scripts = page.QuerySelectorAll("script");
        // Data of the report and of its drawings; one script that runs.
        scripts.SkipLast(1).ShouldAllBe(script => script.GetAttribute("type") == "application/json");
        scripts[^1].GetAttribute("type").ShouldBeNull();
        var hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(scripts[^1].TextContent)));
        page.QuerySelector("meta[http-equiv=Content-Security-Policy]")!.GetAttribute("content")!
            .ShouldBe($"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'");
    }

    [Fact]
    public async Task Names_are_shown_as_they_are_and_stay_inert()
    {
        var html = await ReportWriter.Write(ResultsFixture.Hostile, ReportOptions.Default);
        var page = Parse(html);
        page.QuerySelector(".name")!.TextContent.ShouldBe(ResultsFixture.Hostile.Name);
        page.QuerySelector(".asked")!.TextContent.ShouldBe(ResultsFixture.Hostile.Question);
        page.QuerySelector(".spec")!.TextContent.ShouldBe(ResultsFixture.Hostile.SpecText);
        var json = JsonDocument.Parse(page.GetElementById("report-data")!.TextContent);
        json.RootElement.GetProperty("name").GetString().ShouldBe(ResultsFixture.Hostile.Name);
    }

    [Fact]
    public async Task Same_results_give_the_same_bytes_in_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        var invariant = await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default);
        try
        {
            foreach (var culture in new[] { "ru-RU", "ar-SA", "" })
            {
                CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(culture);
                (await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default)).ShouldBe(invariant);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = before;
        }
    }

    [Fact]
    public async Task Words_and_order_are_as_they_were_looked_at()
    {
        var html = await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default);
        html = Regex.Replace(html, "<style>.*?</style>|<script.*?</script>|<svg.*?</svg>|sha256-[A-Za-z0-9+/=]*", "…", RegexOptions.Singleline, TimeSpan.FromSeconds(10));
        GoldenFile.Match("typical.html", html);
    }

    [Fact]
    public async Task Every_trial_is_in_the_table_and_in_the_data_whatever_became_of_it()
    {
        var page = Parse(await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default));
        var trials = ResultsFixture.Typical.Conditions.SelectMany(c => c.Trials).ToList();
        page.QuerySelectorAll("#trials tbody tr").Length.ShouldBe(trials.Count);
        page.QuerySelectorAll("#trials tr.diverged").Length.ShouldBe(1);
        page.QuerySelector("#trials tr.failed")!.TextContent.ShouldContain("exit code 137");
        page.QuerySelector(".chip")!.TextContent.ShouldBe("Incomplete 29/30 · 1 diverged · 1 failed");
        var data = JsonDocument.Parse(page.GetElementById("report-data")!.TextContent).RootElement;
        data.GetProperty("conditions").EnumerateArray().Sum(c => c.GetProperty("trials").GetArrayLength()).ShouldBe(trials.Count);
    }

    [Theory]
    [InlineData("nothing finished", "Provisional 0/6 · 0 diverged · 0 failed")]
    [InlineData("all diverged", "Complete 6/6 · 6 diverged · 0 failed")]
    [InlineData("one seed", "Complete 3/3 · 0 diverged · 0 failed")]
    public async Task Status_says_how_far_the_experiment_came(string fixture, string expected) =>
        Parse(await ReportWriter.Write(Fixtures[fixture], ReportOptions.Default)).QuerySelector(".chip")!.TextContent.ShouldBe(expected);

    [Fact]
    public async Task One_seed_gets_no_interval_and_a_warning()
    {
        var page = Parse(await ReportWriter.Write(ResultsFixture.OneSeed, ReportOptions.Default));
        page.QuerySelector("#conditions tbody td small")!.TextContent.ShouldBe("1 seed, no interval");
        page.QuerySelector(".notices")!.TextContent.ShouldContain("Fewer than three finished seeds");
    }

    [Fact]
    public async Task A_diverged_seed_counts_as_worst_and_not_as_missing()
    {
        var page = Parse(await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default));
        var cell = page.QuerySelectorAll("#conditions tbody tr").Single(r => r.QuerySelector("th")!.TextContent.Trim() == "rnn T=50").QuerySelectorAll("td")[1];
        cell.QuerySelector("small")!.TextContent.ShouldEndWith("– ∞");
        Parse(await ReportWriter.Write(ResultsFixture.AllDiverged, ReportOptions.Default))
            .QuerySelector("#conditions tbody td:nth-child(3)")!.TextContent.ShouldContain("diverged");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Report_and_figures_keep_their_size(string fixture)
    {
        var html = await ReportWriter.Write(Fixtures[fixture], ReportOptions.Default);
        Encoding.UTF8.GetByteCount(html).ShouldBeLessThan(3 * 1024 * 1024);
        foreach (var figure in Parse(html).QuerySelectorAll("figure"))
            // Its drawings, and those with the other axis.
            foreach (var drawings in new[] { ".drawing:not(.linear) svg", ".linear svg" })
                figure.QuerySelectorAll(drawings).Sum(svg => Encoding.UTF8.GetByteCount(svg.OuterHtml)).ShouldBeLessThan(80 * 1024, figure.Id);
    }

    [Fact]
    public async Task A_thousand_trials_make_a_small_page()
    {
        var html = await ReportWriter.Write(ResultsFixture.ManyTrials, ReportOptions.Default);
        Encoding.UTF8.GetByteCount(html).ShouldBeLessThan(5 * 1024 * 1024);
        var page = Parse(html);
        foreach (var figure in page.QuerySelectorAll("figure"))
            // Its drawings, and those with the other axis.
            foreach (var drawings in new[] { ".drawing:not(.linear) svg", ".linear svg" })
                figure.QuerySelectorAll(drawings).Sum(svg => Encoding.UTF8.GetByteCount(svg.OuterHtml)).ShouldBeLessThan(80 * 1024, figure.Id);
        page.QuerySelectorAll("#trials tbody tr").Length.ShouldBe(500);
        page.GetElementById("all-trials")!.TextContent.ShouldContain("500 of 1020 trials are listed");
    }

    private static AngleSharp.Html.Dom.IHtmlDocument Parse(string html) => new HtmlParser().ParseDocument(html);
}
