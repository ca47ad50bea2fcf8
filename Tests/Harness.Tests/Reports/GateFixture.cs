using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Tests.Reports;

/// <summary>Synthetic gates: half of the units keep, the others let go.</summary>
internal static class GateFixture
{
    private const int Units = 6;

    /// <summary>The same results with a trace and the statistics of the gates at the end of every trial of a cell that has gates.</summary>
    public static ExperimentResults With(ExperimentResults results) => results with
    {
        Conditions = [.. results.Conditions.Select(condition => condition with { Trials = [.. condition.Trials.Select(trial => trial.State == TrialState.Completed ? With(trial, condition.Trial) : trial)] })],
    };

    private static TrialResult With(TrialResult trial, TrialSpec spec)
    {
        var gates = CellCatalog.Get(spec.Model.Cell).Gates;
        if (gates.Count == 0) return trial;
        var length = spec.Task.Length;
        var metrics = trial.Metrics.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, value) in new[] { ("gates.kept", 0.6f), ("gates.time_constant_10", 2f), ("gates.time_constant", 8f), ("gates.time_constant_90", 40f) }) metrics[name] = new([1000], [value]);
        foreach (var gate in gates) (metrics[$"gates.{gate}.closed"], metrics[$"gates.{gate}.open"]) = (new([1000], [0.1f]), new([1000], [0.4f]));
        return trial with
        {
            Metrics = metrics,
            GateTraces =
            [
                new(ProbeMoment.End, 1000, length, [.. Enumerable.Range(0, length)], [3, length / 2], [length - 1], 2, [.. Enumerable.Range(0, 2 * length).Select(i => i % 7 / 7f)],
                [
                    new(0, false, [.. Enumerable.Range(0, Units)],
                        [.. gates.Select((gate, g) => new GateActivity(gate, gate is "candidate" or "cell" ? -1 : 0, 1, [.. Enumerable.Range(0, length * Units).Select(i => (byte)((i % Units < 3 ? 240 : 20) + (i + g) % 10))]))]),
                ]),
            ],
        };
    }
}
