using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;
using Harness.Reports.Statistics;

namespace Harness.Reports.Model;

/// <summary>The curves of one metric over all seeds of a condition, and their median.</summary>
/// <param name="Seeds">One curve per trial that has any point.</param>
/// <param name="SeedNumbers">The seed of each curve.</param>
/// <param name="Diverged">Last finite point of each diverged trial's curve.</param>
internal sealed record CurveGroup(IReadOnlyList<IReadOnlyList<PanelPoint>> Seeds, IReadOnlyList<long> SeedNumbers, IReadOnlyList<PanelPoint> Diverged, IReadOnlyList<CurveGroup.Column> Columns)
{
    /// <param name="X">The step.</param>
    /// <param name="Values">One per seed that has come this far; +∞ after a seed diverged.</param>
    internal sealed record Column(int X, double[] Values)
    {
        public double Median { get; } = Quantiles.Median(Values);
    }

    public static CurveGroup Of(ConditionResults condition, string metric)
    {
        var curves = condition.Trials
            .Select(trial => (Trial: trial, Series: trial.Metrics.GetValueOrDefault(metric)))
            .Where(pair => pair.Series is { Steps.Length: > 0 })
            .Select(pair => (pair.Trial, Series: pair.Series!))
            .ToList();
        var columns = new SortedDictionary<int, List<double>>();
        foreach (var step in curves.SelectMany(curve => curve.Series.Steps).Distinct()) columns[step] = [];
        foreach (var (trial, series) in curves)
        {
            var next = 0;
            double? last = null;
            foreach (var (step, values) in columns)
            {
                if (next < series.Steps.Length && series.Steps[next] == step)
                {
                    last = Loss(series.Values[next++]);
                    values.Add(last.Value);
                }
                else if (next == series.Steps.Length && After(trial, last) is { } later)
                {
                    values.Add(later);
                }
            }
        }

        return new(
            [.. curves.Select(curve => (IReadOnlyList<PanelPoint>)[.. curve.Series.Steps.Zip(curve.Series.Values, (x, y) => new PanelPoint(x, y))])],
            [.. curves.Select(curve => curve.Trial.Seed)],
            [.. curves.Where(curve => curve.Trial.State == TrialState.Diverged).Select(curve => LastFinite(curve.Series)).OfType<PanelPoint>()],
            [.. columns.Where(pair => pair.Value.Count > 0).Select(pair => new Column(pair.Key, [.. pair.Value]))]);
    }

    /// <summary>The median's band at one point; absent with fewer than three seeds.</summary>
    public static IntervalEstimate Band(double[] values) => Location.Median(values);

    /// <summary>What a seed counts as after its last point: a diverged one as worst, an early-stopped one as it stopped, a running one not at all.</summary>
    private static double? After(TrialResult trial, double? last) => trial.State switch
    {
        TrialState.Diverged => double.PositiveInfinity,
        TrialState.Completed => last,
        _ => null,
    };

    private static double Loss(float value) => float.IsNaN(value) ? double.PositiveInfinity : value;

    private static PanelPoint? LastFinite(MetricSeries series)
    {
        for (var i = series.Steps.Length - 1; i >= 0; i--)
            if (float.IsFinite(series.Values[i])) return new(series.Steps[i], series.Values[i]);
        return null;
    }
}
