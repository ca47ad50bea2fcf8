using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Reports;
using Harness.Reports.Formatting;
using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Data.Sqlite;

namespace Harness.Server.Dashboard;

/// <summary>The parts of the pages that stay up to date, as HTML. Each is made once for all who look at it.</summary>
internal sealed class Pages(ClusterViews views, SummaryDesk summaries, PageRenderer renderer, EmbeddedHarness harness, Scheduler scheduler, TimeProvider time)
{
    private const int ExperimentsShown = 30, EndedShown = 6, EventsShown = 12, EventsPerPage = 100, TilesPerPage = 1000, MostConditions = 60, WorkersShown = 24;

    /// <summary>Experiments with more trials get their figures in the report only.</summary>
    private const long MostTrialsDrawn = 3000;

    private static readonly TimeSpan Recently = TimeSpan.FromMinutes(10);

    public Task<(string, long)> Overview() => Part("/", async () => await renderer.Render<OverviewPart>((nameof(OverviewPart.Model), await OverviewModel())));

    /// <summary>Whether its page shows conditions by two factors: where it is asked for, and where there are more trials than tiles on a page.</summary>
    public static bool IsMap(ExperimentLook look, ExperimentSummary experiment) => look.IsMap ?? (experiment.Trials.Total > TilesPerPage && look.From == 0);

    /// <param name="look">What of it is shown.</param>
    public Task<(string, long)> Experiment(long id, ExperimentLook look) => Part($"/experiments/{id} {look}", async () =>
    {
        var from = look.From;
        var (limit, detail) = (MostConditions, (ExperimentDetail)(await views.Detail(id, from, MostConditions, default))!);
        // Few conditions with many seeds fill a page as well.
        while (limit > 1 && detail.Conditions.Take(limit).Sum(condition => condition.Trials.Total) > TilesPerPage) limit /= 2;
        var shown = detail with { Conditions = [.. detail.Conditions.Take(limit)] };
        var isMap = IsMap(look, detail.Experiment);
        var grid = isMap ? [] : await views.Read(connection => ExperimentReader.Grid(connection, id, from == 0 ? PlannedTrial.NoCondition : from, from + limit, TilesPerPage), default);
        var map = isMap ? HeatMap.Of(await views.Read(connection => ListReader.Points(connection, id), default), look.Rows, look.Columns, look.Measure) : null;
        var next = from + shown.Conditions.Count;
        return await renderer.Render<ExperimentPart>((nameof(ExperimentPart.Model), new ExperimentModel(
            time.GetUtcNow(), shown, grid.ToLookup(trial => trial.Condition), from, next < detail.Experiment.Conditions ? next : null, scheduler.Counts(id) is not null)
        { Answer = await summaries.Known(detail.Experiment), Map = map, Cards = await summaries.Cards(detail.Experiment) }));
    });

    /// <summary>Loss and gradients, drawn as in the report.</summary>
    public Task<(string, long)> Figures(ExperimentSummary experiment) => Drawing($"/experiments/{experiment.Id}/figures {experiment.State} {experiment.FinishedAt}", experiment.State == "finished", async () =>
    {
        if (experiment.Trials.Total > MostTrialsDrawn)
            return await renderer.Render<FiguresPart>((nameof(FiguresPart.Figures), Array.Empty<Reports.Model.FigureModel>()), (nameof(FiguresPart.Nothing), "So many trials are drawn in the report only."));
        var results = await views.Read(connection =>
        {
            var reader = new ResultsReader(connection);
            // Without the losses of every batch where evaluations tell the same with fewer points.
            return reader.ReadWith(experiment.Id, [reader.Has(experiment.Id, MetricCatalog.EvaluationLoss) ? MetricCatalog.EvaluationLoss : MetricCatalog.TrainingLoss]);
        }, default);
        return await renderer.Render<FiguresPart>((nameof(FiguresPart.Figures), ExperimentFigures.Of(Begun(results), ReportOptions.Default with { MaximumPanels = 4 })));
    });

    public Task<(string, long)> Spec(long id) => Part($"/experiments/{id}/spec", async () =>
    {
        var (text, path, overrides) = await views.Read(connection => ExperimentReader.Spec(connection, id), default);
        return await renderer.Render<SpecPart>((nameof(SpecPart.Text), text), (nameof(SpecPart.Path), path), (nameof(SpecPart.Overrides), overrides));
    });

    public Task<(string, long)> Trial(long id) => Part($"/trials/{id}", async () => await renderer.Render<TrialPart>((nameof(TrialPart.Model), await TrialModel(id))));

    public Task<(string, long)> TrialFigures(TrialDetail trial) => Drawing($"/trials/{trial.Id}/figures {trial.State} {trial.Attempts.Count}", ExperimentStore.StateOf(trial.State).IsTerminal(), async () =>
    {
        var condition = await views.Read(connection => TrialAsCondition(connection, trial.Id), default);
        var results = new ExperimentResults("", "", null, "", "", "", [], default, null, "", "", [condition], []);
        var seeds = await views.Read(connection => ListReader.Seeds(connection, trial.Id), default);
        return await renderer.Render<SeedsPart>((nameof(SeedsPart.Chart), SeedChart.Of(seeds, trial.Id)), (nameof(SeedsPart.Seeds), seeds), (nameof(SeedsPart.Own), trial.Id))
            + await renderer.Render<CurvesPart>((nameof(CurvesPart.Curves), ExperimentFigures.Curves(condition)), (nameof(CurvesPart.Figures), ExperimentFigures.Of(results, ReportOptions.Default)));
    });

    public Task<(string, long)> Queue() => Part("/queue", async () => await renderer.Render<QueuePart>((nameof(QueuePart.Queue), await views.Queue(default)), (nameof(QueuePart.Folder), harness.Folder)));

    public Task<(string, long)> About() => Part("/about", async () =>
    {
        var (sqlite, trials, experiments) = await views.Read(connection => (
            connection.ServerVersion, TrialReader.Total(connection), ExperimentReader.Total(connection)), default);
        return await renderer.Render<AboutPart>((nameof(AboutPart.Facts), new (string, string)[]
        {
            ("Harness", HarnessVersion.Text), ("Data folder", harness.Folder), ("Database", $"{Numbers.Count(new FileInfo(harness.Database.Path).Length / 1024)} KiB, {Words.Plural(experiments, "experiment")}, {Words.Plural(trials, "trial")}"),
            ("Store", harness.Store.Trouble ?? "takes writes"), ("SQLite", sqlite), (".NET", System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription),
            ("System", System.Runtime.InteropServices.RuntimeInformation.OSDescription), ("Process", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)),
        }));
    });

    private Task<(string, long)> Part(string key, Func<Task<string>> render) => views.Shared(key, isDrawn: false, isSettled: false, render);

    /// <param name="isSettled">Whether it shows what has ended: then it is drawn again only when the key changes.</param>
    private Task<(string, long)> Drawing(string key, bool isSettled, Func<Task<string>> render) => views.Shared(key, isDrawn: true, isSettled, render);

    private async Task<OverviewModel> OverviewModel()
    {
        var now = time.GetUtcNow();
        var open = (await views.Experiments(null, ExperimentsShown, open: true, default)).Experiments;
        var ended = (await views.Experiments(null, EndedShown, open: false, default)).Experiments;
        var queue = await views.Queue(default);
        var (there, _) = await views.Capacity(default);
        var workers = (await views.Workers(null, WorkersShown, 0, default))!.Workers;
        var (events, gone) = await views.Read(connection => (
            ClusterReader.EventsBefore(connection, null, null, null, null, EventsShown), ClusterReader.EventsBefore(connection, null, null, null, "worker_left", 5)), default);
        var attention = new List<(string, string?)>();
        if (harness.Store.Trouble is { } trouble) attention.Add(($"Nothing can be stored just now: {trouble}", null));
        attention.AddRange(gone.Where(left => now - left.At < Recently && left.Detail is not "The worker left.")
            .Select(left => ($"A worker is lost ({Words.Ago(now - left.At)}): {left.Detail} Its trials resume elsewhere.", (string?)"/workers")));
        foreach (var entry in queue.Queue)
        {
            foreach (var reason in entry.Reasons.Where(reason => !reason.CanEnd && entry.State != "paused"))
                attention.Add(($"{entry.Name}: {Words.Plural(reason.Trials, "trial")} cannot be scheduled: {reason.Sentence}.", "/queue"));
        }

        foreach (var experiment in open.Concat(ended).Where(experiment => experiment.Trials.Of("failed") > 0))
            attention.Add(($"{experiment.Name}: {Words.Plural(experiment.Trials.Of("failed"), "trial")} failed.", FormattableString.Invariant($"/experiments/{experiment.Id}/trials?state=failed")));
        return new OverviewModel(now, harness.Folder, queue, open, ended, workers, Math.Max(0, there - workers.Count), events, attention) { Answers = await summaries.Known(ended) };
    }

    private async Task<TrialModel> TrialModel(long id)
    {
        var (trial, failed, log, events, beside) = await views.Read(connection =>
        {
            var detail = TrialReader.Read(connection, id);
            var last = detail.Attempts is [.., { Ending: not (null or "completed" or "early_stopped" or "diverged" or "drained") } attempt] ? attempt : null;
            return (detail, last, last is null ? null : TrialReader.Log(connection, id, last.Number)?.Log, ClusterReader.EventsBefore(connection, null, null, detail.Trial, null, EventsPerPage), ListReader.Beside(connection, id));
        }, default);
        var running = trial.State == "running" ? await views.Running(trial.Trial, default) : null;
        return new TrialModel(time.GetUtcNow(), trial, running is null ? [] : [running], failed, log, events, [.. Flat("", trial.Spec)]) { Beside = beside };
    }

    /// <summary>The one trial as if it were a condition, so that the report's figures can be drawn of it.</summary>
    private static ConditionResults TrialAsCondition(SqliteConnection connection, long id)
    {
        var trial = TrialReader.Read(connection, id);
        var spec = trial.Spec.Deserialize(HarnessJson.Default.TrialSpec)!;
        var curves = trial.Metrics.ToDictionary(range => range.Metric, range => CurveReader.Drawn(connection, id, range), StringComparer.Ordinal);
        var outcome = trial.Outcome?.Deserialize(HarnessJson.Default.TrialOutcome);
        return new ConditionResults(0, trial.Label, new Dictionary<string, string>(StringComparer.Ordinal), spec, 0, 0,
            [new TrialResult(trial.Trial, trial.Seed, ExperimentStore.StateOf(trial.State), outcome, trial.Attempts.Count, trial.Failure, trial.Device, trial.Worker, curves, TrialReader.Gradients(connection, id))]);
    }

    /// <summary>Without the conditions of which nothing is known yet.</summary>
    private static ExperimentResults Begun(ExperimentResults results) =>
        results.Conditions.Where(condition => condition.Trials.Any(trial => trial.Metrics.Count + trial.Gradients.Count > 0)).ToArray() is { Length: > 0 } begun ? results with { Conditions = begun } : results;

    private static IEnumerable<(string, string)> Flat(string path, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => value.EnumerateObject().SelectMany(member => Flat(path.Length == 0 ? member.Name : $"{path}.{member.Name}", member.Value)),
        JsonValueKind.Null => [],
        // Each is as long as all other settings together.
        JsonValueKind.Array when path == "timing.arms" => [(path, Words.Plural(value.GetArrayLength(), "step"))],
        _ => [(path, value.ToString())],
    };
}
