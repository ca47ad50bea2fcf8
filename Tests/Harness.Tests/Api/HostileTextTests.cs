using System.Net;
using System.Text;
using System.Text.Json;
using AngleSharp.Html.Dom;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Contracts;
using Harness.Experiments.Reading;
using Harness.Orchestrator.Cli;
using Harness.Reports;
using Harness.Reports.Model;
using Harness.Reports.Summaries;
using Harness.Scheduling;
using Harness.Server.Api;
using Harness.Server.Dashboard;
using Harness.Server.Dashboard.Parts;
using Harness.Store.Exports;
using Harness.Store.Views;
using Harness.Tests.Reports;
using Microsoft.AspNetCore.Components;

namespace Harness.Tests.Api;

/// <summary>
/// Public collections of naughty strings and script injections go through every field that others write. Whatever they are, the pages have
/// the elements that they have with harmless text, and show what was written.
/// </summary>
public sealed class HostileTextTests
{
    private static readonly string[] traversals =
        ["..%2f..%2f..%2fetc%2fpasswd", "..%252f..%252fetc%252fpasswd", "..%5c..%5cwindows%5cwin.ini", "%2e%2e/%2e%2e/server.json", "....//....//server.json", "..;/..;/server.json", "%c0%ae%c0%ae/server.json", "%00", "server.json%00.css"];

    private static readonly DateTimeOffset now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Every_part_of_every_page_has_the_same_elements_whatever_is_written_in_it()
    {
        var payloads = Payloads();
        await using var renderer = new PageRenderer();
        foreach (var (name, render) in Parts(renderer))
        {
            foreach (var texts in payloads.Chunk(400))
            {
                var expected = Shape(await Parse(await render([.. texts.Select((_, i) => FormattableString.Invariant($"harmless {i}"))])));
                var page = await Parse(await render(texts));
                Shape(page).ShouldBe(expected, name);
                page.QuerySelectorAll("script, iframe, object, embed, [onerror], [onload], [onclick], [href^='javascript' i], [src^='javascript' i], [style]").ShouldBeEmpty(name);
            }
        }
    }

    [Fact]
    public async Task What_is_shown_is_what_was_written()
    {
        var payloads = Payloads().Where(text => !text.Any(letter => char.IsControl(letter) || char.IsSurrogate(letter))).ToArray();
        await using var renderer = new PageRenderer();
        var page = await Parse(await renderer.Render<EventTable>((nameof(EventTable.Now), now), (nameof(EventTable.Events), Events(payloads))));
        page.QuerySelectorAll("tbody tr td:last-child").Select(cell => cell.TextContent).ShouldBe(payloads);
    }

    [Fact]
    public async Task A_report_has_the_same_elements_whatever_is_written_in_it()
    {
        foreach (var texts in Payloads().Chunk(450))
        {
            var all = string.Join("\n", texts);
            var hostile = ResultsFixture.OneSeed with { Name = all, Question = all, SpecText = all, SpecPath = all };
            var harmless = ResultsFixture.OneSeed with { Name = "a", Question = "a", SpecText = "a", SpecPath = "a" };
            var page = await Parse(await ReportWriter.Write(hostile, ReportOptions.Default));
            Shape(page).ShouldBe(Shape(await Parse(await ReportWriter.Write(harmless, ReportOptions.Default))));
            Parsed(page.QuerySelector("script[type='application/json']")!.TextContent).ShouldNotBeNull();
        }

        static JsonDocument Parsed(string json) => JsonDocument.Parse(json);
    }

    [Fact]
    public void A_spreadsheet_and_a_terminal_get_text()
    {
        foreach (var text in Payloads())
        {
            var cell = CsvExport.Text(text);
            var inner = cell.StartsWith('"') ? cell[1..^1].Replace("\"\"", "\"", StringComparison.Ordinal) : cell;
            (cell.StartsWith('"') ? inner.Length + 2 + inner.Count(letter => letter == '"') : inner.Length).ShouldBe(cell.Length);
            if (inner.Length > 0) "=+-@\t\r\n".ShouldNotContain(inner[0].ToString(), Case.Sensitive, text);
            inner.ShouldEndWith(text, Case.Sensitive);
            Terminal.Printable(text).Any(char.IsControl).ShouldBeFalse();
        }
    }

    [Fact]
    public void An_experiment_file_with_it_is_read_or_refused_with_a_place()
    {
        foreach (var text in Payloads())
        {
            var quoted = JsonSerializer.Serialize(text);
            if (Read($"question: {quoted}") is { Question: { } question }) question.Trim().ShouldBe(text.Trim());
            foreach (var line in new[] { $"name: {quoted}", $"question: {text}", $"{text}: 1", $"{quoted}: 1" }) Read(line);
        }
    }

    private static Harness.Experiments.Planning.ExperimentSpec? Read(string line)
    {
        var reading = SpecReader.Read(Encoding.UTF8.GetBytes(RunningServer.Spec.Replace("question: Does the page show it?", line, StringComparison.Ordinal)), "x.yaml", []);
        if (reading.Spec is null) reading.Diagnostics.ShouldNotBeEmpty(line);
        return reading.Spec;
    }

    [Fact]
    public async Task As_part_of_an_address_it_finds_nothing_and_breaks_nothing()
    {
        await using var server = await RunningServer.Start();
        await server.Submit();
        foreach (var text in (string[])[.. traversals, .. Payloads().Where((_, i) => i % 7 == 0).Select(Uri.EscapeDataString)])
        {
            foreach (var address in new[] { $"api/trials/{text}", $"api/trials/1/metrics/{text}", $"api/experiments?name={text}", $"events?kind={text}", $"events?q={text}", $"experiments?q={text}&sort={text}", $"workers?q={text}", $"compare?e={text}", $"experiments/1?view=map&rows={text}", $"experiments/1/trials?state={text}&q={text}&where={text}&page={text}", $"assets/{text}/report.css", $"assets/x/{text}" })
            {
                using var response = await server.Operator.SendAsync(new HttpRequestMessage(HttpMethod.Get, new Uri($"{server.Server.Url}/{address}")), TestContext.Current.CancellationToken);
                ((int)response.StatusCode).ShouldBeLessThan(500, address);
                (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldNotContain("viewer_token", Case.Sensitive, address);
                if (response.StatusCode != HttpStatusCode.OK) continue;
                if (response.Content.Headers.ContentType?.MediaType == "text/html")
                    (await Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))).QuerySelectorAll("script:not([src]), [onerror], [onload], iframe, [href^='javascript' i]").ShouldBeEmpty(address);
            }

            using var drained = await server.Operator.PostAsync(new Uri($"{server.Server.Url}/api/workers/{text}/drain"), null, TestContext.Current.CancellationToken);
            ((int)drained.StatusCode).ShouldBeLessThan(500, text);
        }
    }

    private static string[] Payloads() =>
        [.. new[] { "naughty-strings.json", "xss-payloads.json" }.SelectMany(name => JsonSerializer.Deserialize<string[]>(File.ReadAllText(Corpora.Require(name)))!).Distinct(StringComparer.Ordinal)];

    /// <summary>Every component that shows what others write, with the texts in every such field of it.</summary>
    private static IEnumerable<(string Name, Func<string[], Task<string>> Render)> Parts(PageRenderer renderer)
    {
        yield return Of<EventTable>(texts => [(nameof(EventTable.Now), now), (nameof(EventTable.Events), Events(texts))]);
        yield return Of<EventsPart>(texts => [(nameof(EventsPart.Model), new EventsModel(now, Address(texts), Events(texts), texts, 7))]);
        yield return Of<ExperimentsPart>(texts => [(nameof(ExperimentsPart.Now), now), (nameof(ExperimentsPart.Page), new ListPage<ExperimentSummary>([.. texts.Select(Summary)], 2, 1, 9)), (nameof(ExperimentsPart.Address), Address(texts)), (nameof(ExperimentsPart.Answers), new Dictionary<long, ReportSummary> { [1] = Answer(texts) })]);
        yield return Of<ExperimentPart>(texts => [(nameof(ExperimentPart.Model), new ExperimentModel(now, Detail(texts), texts.Select(Row).ToLookup(row => row.Condition), 0, null, true) { Answer = Answer(texts) })]);
        yield return Of<QueuePart>(texts => [(nameof(QueuePart.Folder), texts[0]), (nameof(QueuePart.Queue), new QueueReply(2, 1, [.. texts.Select(text => new QueueEntry(1, text, 0, "running", 1, [new WaitingReason(1, text, true)]))]))]);
        yield return Of<WorkersPart>(texts => [(nameof(WorkersPart.Model), new WorkersModel(now, texts[0], new ListPage<WorkerView>([.. texts.Select(Worker)], 2, 1, 9), [.. texts.Select(text => Worker(text) with { LeftAt = now })], Address(texts), texts.Length))]);
        yield return Of<ListFilters>(texts => [(nameof(ListFilters.Form), new ListForm(Address(texts), texts[0], [new ListChoice("state", texts[1], texts[2], [.. texts.Select(text => (text, text))])]))]);
        yield return Of<HeatMapPart>(texts => [(nameof(HeatMapPart.Experiment), 1L), (nameof(HeatMapPart.Map), HeatMap.Of([.. texts.Distinct(StringComparer.Ordinal).Select(Point)], "a", "b", HeatMeasure.Loss))]);
        yield return Of<ComparePart>(texts => [(nameof(ComparePart.Model), new CompareModel([.. texts.Take(5).Select(text => new ComparedExperiment(Summary(text), text, Answer([.. Enumerable.Repeat(text, 5)])))], ParallelChart.Of([[.. texts.Take(60).Select(Point)]]), [3]))]);
        yield return Of<SeedsPart>(texts => [(nameof(SeedsPart.Own), 1L), (nameof(SeedsPart.Chart), null), (nameof(SeedsPart.Seeds), texts.Select((text, i) => new SeedCurve(i, i, text, text, [], [])).ToArray())]);
        yield return Of<TrialsPart>(texts => [(nameof(TrialsPart.Model), new TrialsModel(Summary("a"), new ListPage<TrialRow>([.. texts.Select(Row)], 2, 1, 9), Address(texts)))]);
        yield return Of<SpecPart>(texts => [(nameof(SpecPart.Text), string.Join("\n", texts)), (nameof(SpecPart.Path), texts[0]), (nameof(SpecPart.Overrides), texts)]);
        yield return Of<SubmitForm>(texts => [(nameof(SubmitForm.FormToken), texts[0]), (nameof(SubmitForm.Text), string.Join("\n", texts)), (nameof(SubmitForm.Note), texts[^1])]);
        yield return Of<SubmitResult>(texts => [(nameof(SubmitResult.Source), texts[0].Replace("\n", "", StringComparison.Ordinal)), (nameof(SubmitResult.Refusal), texts[^1]), (nameof(SubmitResult.Diagnostics), texts.Select(text => new DiagnosticView("HRN001", "error", text, text, 1, 1, 1, 1, text, text, text)).ToArray())]);
        yield return Of<AboutPart>(texts => [(nameof(AboutPart.Facts), texts.Select(text => (text, text)).ToArray())]);
        yield return ("TrialPart", async texts => string.Concat(await Task.WhenAll(texts.Take(60).Select(text => renderer.Render<TrialPart>((nameof(TrialPart.Model), Trial(text)))))));
        yield return ("PageHead", async texts => string.Concat(await Task.WhenAll(texts.Select(text => renderer.Render<PageHead>((nameof(PageHead.Title), text), (nameof(PageHead.Subtitle), "a" + text), (nameof(PageHead.Parts), new[] { ("/x?state=" + text, "") }))))));

        (string, Func<string[], Task<string>>) Of<T>(Func<string[], (string, object?)[]> parameters) where T : IComponent => (typeof(T).Name, texts => renderer.Render<T>(parameters(texts)));
    }

    private static EventView[] Events(string[] texts) => [.. texts.Select((text, i) => new EventView(i, now, "kind" + text, null, null, null, null, "w" + text, text, text, text))];

    private static ReportSummary Answer(string[] texts) => new(
        "en", texts[0], texts[0], texts[0], texts, texts[^1], [.. texts.Take(5).Select(text => new VerdictCount("supported", "✔", text, 1))],
        [.. texts.Take(2).Select(text => new ClaimLine(text, "supported", "✔", text, text, text, []) { Scale = "factor", Axis = text })], new SummaryGrid([], []), 1, 1)
    { Recommendations = [texts[0]] };

    private static ListAddress Address(string[] texts) => new("/events", [KeyValuePair.Create("q", texts[0]), KeyValuePair.Create("where", texts[^1]), KeyValuePair.Create("other", texts[0])]);

    private static ConditionPoint Point(string text, int index) => new(index, text, new Dictionary<string, string>(StringComparer.Ordinal) { ["a"] = text, ["b"] = "1", ["c" + text] = text }, 2, 2, 0, 1, 0.5, 0.25);

    private static ExperimentSummary Summary(string text) => new(1, text, text, "running", 0, now, null, 1, new StateCounts { ["pending"] = 1 });

    private static ExperimentDetail Detail(string[] texts) => new(
        Summary(texts[0]), texts[0], texts[0], texts, [.. texts.Select((text, i) => new ConditionSummary(i, text, text, new Dictionary<string, string>(StringComparer.Ordinal), 1, []))],
        [.. texts.Take(20).Select(Running)], [.. texts.Select(text => new WaitingReason(1, text, true))], null);

    private static RunningView Running(string text) => new(1, text, text, text, text, 1, 1, 2, null, null, now, text) { Of = new TrialMembership(1, text, text) };

    private static TrialRow Row(string text) => new(1, text, 1, 0, text, text, 1, "failed", 1, null, null, null, text, text);

    private static WorkerView Worker(string text) => new(text, text, 1, 2, text, [text], now, null, false, new WorkerLoad(null, null, null, null, null, null, [new DeviceLoad(0, text, null, null, null, null, null)]), [Running(text)]);

    private static TrialModel Trial(string text)
    {
        var attempt = new AttemptView(1, "w" + text, text, "ended", "user_error", text[..Math.Min(500, text.Length)], 1, text, now, now, null, null);
        using var spec = JsonDocument.Parse("{}");
        return new TrialModel(
            now, new TrialDetail(1, "hash" + text, text, text, 1, "failed", text, 1, 0, text, text, now, spec.RootElement.Clone(), null, [new TrialMembership(1, text, text)], [attempt], []),
            [], attempt, "log " + text, Events([text]), [(text, text)])
        { Beside = new Neighbours(1, text, new TrialLink(1, text, 1), new TrialLink(2, text, 2)) };
    }

    private static async Task<IHtmlDocument> Parse(string html) => await new HtmlParser().ParseDocumentAsync(html);

    /// <summary>Every element, with the names of what is said about it.</summary>
    private static string Shape(IHtmlDocument page) => string.Join('\n', page.All.Select(element => $"{element.LocalName} {string.Join(' ', element.Attributes.Select(attribute => attribute.Name))}"));
}
