using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports;
using Harness.Reports.Comparison;
using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Server.Dashboard.Parts;
using Harness.Store;
using Harness.Store.Views;

namespace Harness.Server.Dashboard;

/// <summary>Several experiments side by side: what they found, by which factors, and their losses in one picture.</summary>
internal sealed class ComparePages(ClusterViews views, SummaryDesk summaries, PageRenderer renderer)
{
    /// <summary>The name of a chosen experiment in the address.</summary>
    public const string Chosen = "e";

    /// <summary>More are not told apart in a picture.</summary>
    private const int Most = 6;

    /// <summary>Experiments with more trials together are compared by 'harness compare' only.</summary>
    private const long MostTrialsDrawn = 3000;

    public static IReadOnlyList<long> Of(HttpContext context) =>
        [.. context.Request.Query[Chosen].Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0).Where(id => id > 0).Distinct().Take(Most)];

    public Task<(string, long)> Summary(IReadOnlyList<long> ids) => views.Shared($"/compare {Key(ids)}", isDrawn: false, isSettled: false, async () =>
    {
        var found = await Experiments(ids);
        var points = await views.Read(connection => found.ConvertAll(experiment => ListReader.Points(connection, experiment.Id)), default);
        var compared = new List<ComparedExperiment>();
        foreach (var experiment in found)
        {
            var isTwice = found.Exists(other => other.Id != experiment.Id && other.Name == experiment.Name);
            compared.Add(new(experiment, isTwice ? FormattableString.Invariant($"{experiment.Name} #{experiment.Id}") : experiment.Name, await Answer(experiment)));
        }

        return await renderer.Render<ComparePart>((nameof(ComparePart.Model), new CompareModel(compared, ParallelChart.Of(points), [.. ids.Except(found.Select(experiment => experiment.Id))])));
    });

    /// <summary>Losses and gradients of all of them, as one experiment would have them.</summary>
    public Task<(string, long)> Figures(IReadOnlyList<long> ids) => views.Shared($"/compare figures {Key(ids)}", isDrawn: true, isSettled: false, async () =>
    {
        var found = await Experiments(ids);
        if (found.Count < 2) return "";
        if (found.Sum(experiment => experiment.Trials.Total) > MostTrialsDrawn)
            return await Drawn([], FormattableString.Invariant($"So many trials are not drawn here. On the command line: harness compare {string.Join(' ', ids)}"));
        var results = await views.Read(connection => found.ConvertAll(experiment => Read(connection, experiment.Id)), default);
        var (together, obstacle) = ExperimentComparison.Combine(results);
        if (together is not null) return await Drawn(ExperimentFigures.Of(together, ReportOptions.Default with { MaximumPanels = 4 }), "The first curves appear with the first measurements.");
        var differences = string.Join("; ", obstacle!.Settings.Select(setting => $"{setting.Setting} is {setting.First} there, {setting.Second} here"));
        return await Drawn([], $"Their losses are not drawn together: no condition of {obstacle.Second} asks what a condition of {obstacle.First} asks. Their closest conditions differ: {differences}.");
    });

    private Task<string> Drawn(IReadOnlyList<FigureModel> figures, string nothing) => renderer.Render<FiguresPart>((nameof(FiguresPart.Figures), figures), (nameof(FiguresPart.Nothing), nothing));

    private static ExperimentResults Read(Microsoft.Data.Sqlite.SqliteConnection connection, long id)
    {
        var reader = new ResultsReader(connection);
        // Where there are evaluations, the losses of every batch are many points that show the same.
        return reader.ReadWith(id, [reader.Has(id, MetricCatalog.EvaluationLoss) ? MetricCatalog.EvaluationLoss : MetricCatalog.TrainingLoss]);
    }

    private async Task<Harness.Reports.Summaries.ReportSummary?> Answer(ExperimentSummary experiment) =>
        experiment.Trials.Total > MostTrialsDrawn ? null : await summaries.Known(experiment) ?? await summaries.Of(experiment.Id, null, default);

    private async Task<List<ExperimentSummary>> Experiments(IReadOnlyList<long> ids)
    {
        var found = new List<ExperimentSummary>();
        foreach (var id in ids)
            if (await views.Experiment(id, default) is { } experiment) found.Add(experiment);
        return found;
    }

    private static string Key(IReadOnlyList<long> ids) => string.Join(' ', ids.Select(id => id.ToString(CultureInfo.InvariantCulture)));
}
