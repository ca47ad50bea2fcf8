using System.Reflection;
using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Tests.Reports;

/// <summary>Every language says everything.</summary>
public sealed partial class LanguageTests
{
    /// <summary>What data call themselves in every language: sentences of the experiment, its machine and its processes.</summary>
    private static readonly string[] names = ["How far back can each cell remember?", "Example CPU @ 2.40 GHz, AVX2", "The trainer process ended with exit code 137 (killed).", "package, patched copy", "Debian GNU/Linux 12"];

    public static TheoryData<string> Languages => [.. ReportLanguages.All.Skip(1)];

    [Theory]
    [MemberData(nameof(Languages))]
    public void No_text_is_missing(string language)
    {
        const BindingFlags all = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
        var texts = Texts.In(language).GetType();
        texts.ShouldNotBe(typeof(Texts));
        var wanted = typeof(Texts).GetMethods(all).Where(method => method.IsVirtual && method.DeclaringType == typeof(Texts)).ToList();
        wanted.Count.ShouldBeGreaterThan(200);
        texts.GetMethods(all).Where(method => method.DeclaringType == typeof(Texts) && method.IsVirtual).Select(method => method.Name).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_chinese_report_is_chinese()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Everything(), ReportOptions.Default with { Language = "zh" }));
        page.DocumentElement.GetAttribute("lang").ShouldBe("zh-Hans");
        page.QuerySelectorAll("#article > ol > li").Length.ShouldBe(16);
        page.QuerySelectorAll("figure").Length.ShouldBe(11);
        foreach (var element in page.QuerySelectorAll("pre, script, style, code")) element.Remove();
        var attributes = page.All.SelectMany(element => new[] { element.GetAttribute("aria-label"), element.GetAttribute("alt"), element.GetAttribute("title") }).OfType<string>();
        // A document's text, element by element: words of neighbours do not make a sentence.
        var texts = page.All.SelectMany(element => element.ChildNodes.OfType<IText>()).Select(text => text.Data).Concat(attributes).ToList();
        texts.Count(text => Chinese().IsMatch(text)).ShouldBeGreaterThan(300);
        foreach (var text in texts)
        {
            var own = names.Aggregate(text, (rest, name) => rest.Replace(name, "", StringComparison.Ordinal));
            English().Matches(own).Select(match => match.Value).ShouldBeEmpty(text);
        }
    }

    [Fact]
    public async Task Languages_differ_in_words_and_not_in_numbers()
    {
        var (english, chinese) = (await Numbers("en"), await Numbers("zh"));
        chinese.ShouldBe(english);

        static async Task<List<string>> Numbers(string language) =>
            [.. new HtmlParser().ParseDocument(await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default with { Language = language }))
                .QuerySelectorAll("td.numeric").Select(cell => cell.GetAttribute("data-sort") ?? "")];
    }

    [Fact]
    public async Task Question_of_a_report_is_the_one_in_its_language()
    {
        var asked = ResultsFixture.OneSeed with { Report = new ReportSpec { Questions = new Dictionary<string, string>(StringComparer.Ordinal) { ["en"] = ResultsFixture.OneSeed.Question!, ["zh"] = "每种单元能记住多久？" } } };
        (await Asked("en")).ShouldBe(ResultsFixture.OneSeed.Question);
        (await Asked("zh")).ShouldBe("每种单元能记住多久？");

        async Task<string> Asked(string language) => new HtmlParser().ParseDocument(await ReportWriter.Write(asked, ReportOptions.Default with { Language = language })).QuerySelector(".asked")!.TextContent;
    }

    [Fact]
    public async Task A_report_in_both_languages_is_two_pages_in_one_document()
    {
        var html = await ReportWriter.Write(Everything(), ReportOptions.Default with { Language = ReportLanguages.Both });
        var document = new HtmlParser().ParseDocument(html);
        var ids = document.All.Select(element => element.Id).OfType<string>().Where(id => id.Length > 0).ToList();
        ids.ShouldBeUnique(StringComparer.Ordinal);
        foreach (var language in ReportLanguages.All)
        {
            var page = document.GetElementById(language)!;
            page.GetAttribute("lang").ShouldBe(Texts.In(language).Language);
            page.QuerySelectorAll("h1").Length.ShouldBe(1);
            var own = page.QuerySelectorAll("[id]").Select(element => element.Id!).ToHashSet(StringComparer.Ordinal);
            // Whatever names an id names one of the same page.
            foreach (var link in page.QuerySelectorAll("a[href^='#']")) own.ShouldContain(link.GetAttribute("href")![1..], StringComparer.Ordinal);
            foreach (var attribute in new[] { "for", "aria-labelledby", "aria-describedby", "data-filter" })
                foreach (var element in page.QuerySelectorAll($"[{attribute}]"))
                    foreach (var id in element.GetAttribute(attribute)!.Split(' ')) own.ShouldContain(id, StringComparer.Ordinal);
            foreach (var part in page.QuerySelectorAll("svg [clip-path]")) own.ShouldContain(part.GetAttribute("clip-path")![5..^1], StringComparer.Ordinal);
            // A page alone has the same words, and figures the same numbers.
            var alone = new HtmlParser().ParseDocument(await ReportWriter.Write(Everything(), ReportOptions.Default with { Language = language })).Body!;
            page.QuerySelectorAll("h1, h2, h3, p, td").Select(element => element.TextContent).ShouldBe(alone.QuerySelectorAll("h1, h2, h3, p, td").Select(element => element.TextContent));
            page.QuerySelectorAll("script.numbers").Length.ShouldBe(alone.QuerySelectorAll("script.numbers").Length);
        }

        document.QuerySelectorAll("#in-en[checked], #in-zh[checked]").ShouldHaveSingleItem().Id.ShouldBe("in-en");
        document.QuerySelectorAll("#report-data").ShouldHaveSingleItem();
        document.QuerySelectorAll("input[type=radio]").GroupBy(input => input.GetAttribute("name"), StringComparer.Ordinal).ShouldAllBe(group => group.Count(input => input.HasAttribute("checked")) == 1);
        document.GetElementById("zh-fig-loss").ShouldNotBeNull();
    }

    /// <summary>The results of every trial are there once, whatever the number of languages.</summary>
    [Fact]
    public async Task A_second_language_costs_less_than_the_first()
    {
        var (one, both) = (await Size("en"), await Size(ReportLanguages.Both));
        both.ShouldBeLessThan(one * 17 / 10);

        static async Task<int> Size(string language) => System.Text.Encoding.UTF8.GetByteCount(await ReportWriter.Write(ResultsFixture.ManyTrials, ReportOptions.Default with { Language = language }));
    }

    [Fact]
    public async Task Both_languages_begin_with_the_one_that_the_experiment_asks_for()
    {
        var asked = ResultsFixture.OneSeed with { Report = new ReportSpec { Language = "zh" } };
        var document = new HtmlParser().ParseDocument(await ReportWriter.Write(asked, ReportOptions.Default with { Language = ReportLanguages.Both }));
        document.DocumentElement.GetAttribute("lang").ShouldBe("zh-Hans");
        document.QuerySelectorAll("[name=language][checked]").ShouldHaveSingleItem().Id.ShouldBe("in-zh");
    }

    private static ExperimentResults Everything()
    {
        var lstm = TimingArm.StepOf(ResultsFixture.Typical.Conditions[1].Trial, KernelPath.Library);
        var results = TimingFixture.With(GateFixture.With(ResultsFixture.Typical), more: [new(lstm with { Task = lstm.Task with { Length = 100 } }, 1)]);
        return results with
        {
            Conditions = [.. results.Conditions.Select(condition => condition with
            {
                Trials = [.. condition.Trials.Select(trial => trial.Gradients.Count == 0 ? trial : trial with
                {
                    Gradients = [.. trial.Gradients, .. new[] { 100, 200, 300, 400 }.Select(step => trial.Gradients[0] with { Moment = ProbeMoment.During, Step = step })],
                })],
            })],
            Claims =
            [
                new ComparisonClaim("keeps-gradients", "lstm", "rnn", "gradient.slope", null, 0.02) { Article = 6, At = ProbeMoment.Init },
                new ComparisonClaim("solves-more", "lstm", "rnn", "solved", null, 0.2) { Article = 7, Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = ["50"] } },
                new EquivalenceClaim("on-par", "gru", "lstm", "eval.loss", 1.1) { Article = 13 },
                new ComparisonClaim("smaller", "gru", "lstm", "parameters", null, null) { Article = 11 },
                new ComparisonClaim("sooner", "gru", "lstm", "steps_to_target", null, null) { Article = 12 },
                new TrendClaim("longer-is-slower", "rnn", "speed.ms_per_step", "length", Falls: false) { Article = 4 },
                new ThresholdClaim("solved-at-all", "lstm", "eval.loss", 0.01, null),
                new ThresholdClaim("kept", "lstm", "gradient.slope", null, -0.02),
                new ComparisonClaim("absent", "transformer", "rnn", "eval.loss", null, null) { Article = 16 },
            ],
        };
    }

    /// <summary>Three words in a row are a sentence that nobody translated.</summary>
    [GeneratedRegex(@"[A-Za-z]{2,} [a-z]{2,} [a-z]{2,}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex English();

    [GeneratedRegex(@"[\u4e00-\u9fff]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Chinese();
}
