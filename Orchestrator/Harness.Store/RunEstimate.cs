using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;

namespace Harness.Store;

/// <param name="Wall">Seconds from its start to its end; null where it took more than one attempt.</param>
internal sealed record TimedTraining(TrialSpec Spec, TrialOutcome Outcome, double? Wall)
{
    /// <summary>A trainer that loads libtorch and compiles takes 0.8 s and more (docs/performance.md), a warm one a tenth of that.</summary>
    private const double LongestWarmRest = 0.5;

    /// <summary>Whether it was the first of its trainer, which makes everything in it slower.</summary>
    public bool IsCold => Rest > LongestWarmRest;

    /// <summary>Seconds per optimizer step; the median step of a cold trial, whose first ones say nothing about later trials.</summary>
    public double SecondsPerStep => Outcome.TrainSeconds / Outcome.Steps is var mean && IsCold && Outcome.MillisecondsPerStep is { } median ? Math.Min(mean, median / 1000) : mean;

    /// <summary>Seconds in which it did not compute: handing over, the checkpoint, the end. Null where trials share a trainer.</summary>
    public double? Rest => Packing.Auto(Spec.Model.Kernel) > 1 || Wall is not { } wall ? null : Math.Max(0, wall - Outcome.TrainSeconds - Outcome.EvaluationSeconds - Outcome.ProbeSeconds);
}

/// <summary>How long trials take, estimated from earlier ones: training, evaluations, probes, and what each trial costs beside them.</summary>
internal static class RunEstimate
{
    /// <summary>
    /// Seconds before the first trial and after the last: the processes, the cluster, a trainer that loads libtorch, the report. A run takes 2.5 times
    /// as long for all of it as from submission to the first attempt: 5.5 s and 2.2 s on two idle cores, 9.2 s and 3.9 s on two busy ones.
    /// </summary>
    /// <param name="first">Seconds from submission to the first attempt of an earlier experiment; null without one.</param>
    public static double Start(double? first) => 2.5 * Math.Min(first ?? 2.2, LongestStart);

    /// <summary>What waits longer waited for other experiments.</summary>
    private const double LongestStart = 10;

    /// <param name="open">The trials to run, by condition.</param>
    /// <param name="more">Seconds of everything that is no trial of these: the start, timing trials.</param>
    /// <returns>Null when a condition has no comparable earlier trial and no reference time.</returns>
    public static PlanEstimate? Of(IReadOnlyList<(TrialSpec Trial, int Count)> open, IReadOnlyList<TimedTraining> known, int slots, double more)
    {
        var rest = Rest(known);
        var (total, low, high, longest) = (0.0, 0.0, 0.0, 0.0);
        HashSet<TimedTraining> exact = [], scaled = [];
        var hasReference = false;
        foreach (var (trial, count) in open)
        {
            var same = known.Where(other => SameWork(other.Spec, trial)).ToArray();
            var used = same.Length > 0 ? same : [.. known.Where(other => SameKernel(other.Spec, trial))];
            (same.Length > 0 ? exact : scaled).UnionWith(used);
            if (Array.Exists(used, other => !other.IsCold)) used = Array.FindAll(used, other => !other.IsCold);
            double seconds;
            if (used.Length > 0) seconds = Median([.. used.Select(other => Seconds(trial, other))]) + rest;
            else if (ReferenceTimes.Trial(trial) is { } reference) (seconds, hasReference) = (reference, true);
            else return null;
            var (least, most) = used.Length == 0 ? Unknown : same.Length == 0 ? Scaled : Exact;
            total += count * seconds;
            low += count * seconds * least;
            high += count * seconds * most;
            longest = Math.Max(longest, seconds);
        }

        double Wall(double work) => Math.Max(work / slots, longest * work / total) + more;
        return total == 0 ? null : new PlanEstimate(Wall(total), Wall(low), Wall(high), slots, Basis(exact.Count, scaled.Count, hasReference));
    }

    // Machines are shared: a time that was measured here still varies by a fifth, one that is scaled by more.
    private static readonly (double Least, double Most) Exact = (0.8, 1.3), Scaled = (0.6, 1.7), Unknown = (0.5, 3);

    private static string Basis(int exact, int scaled, bool hasReference)
    {
        List<string> parts = [];
        if (exact > 0) parts.Add($"{exact} earlier trial{(exact == 1 ? "" : "s")} of the same shape");
        if (scaled > 0) parts.Add($"{scaled}{(parts.Count > 0 ? "" : $" earlier trial{(scaled == 1 ? "" : "s")}")} of other sizes, scaled");
        if (hasReference) parts.Add(parts.Count > 0 ? "times of another machine" : "times of another machine, as none are known of this one");
        return string.Join(" and ", parts);
    }

    public static bool SameWork(TrialSpec a, TrialSpec b) =>
        SameKernel(a, b) && a.Task == b.Task && a.Train.Batch == b.Train.Batch
        && (a.Model.Hidden, a.Model.Layers, a.Model.Bidirectional) == (b.Model.Hidden, b.Model.Layers, b.Model.Bidirectional);

    private static bool SameKernel(TrialSpec a, TrialSpec b) =>
        (a.Model.Cell, a.Model.Kernel, a.Device, a.Dtype) == (b.Model.Cell, b.Model.Kernel, b.Device, b.Dtype);

    /// <summary>Seconds that a trial computes, if it is as fast as another.</summary>
    private static double Seconds(TrialSpec trial, TimedTraining other)
    {
        var (outcome, spec) = (other.Outcome, other.Spec);
        return other.SecondsPerStep * trial.Train.Steps * Work(trial, trial.Train.Batch) / Work(spec, spec.Train.Batch)
            + outcome.EvaluationSeconds / Evaluations(spec, outcome.Steps) * Evaluations(trial, trial.Train.Steps) * Work(trial, trial.Evaluation.Sequences) / Work(spec, spec.Evaluation.Sequences)
            + (Probes(spec, outcome.Steps) is > 0 and var probes ? outcome.ProbeSeconds / probes * Probes(trial, trial.Train.Steps) * Work(trial, trial.Probe.Sequences) / Work(spec, spec.Probe.Sequences) : 0);
    }

    /// <summary>Of warm trials; the least of all where every trial was cold.</summary>
    private static double Rest(IReadOnlyList<TimedTraining> known)
    {
        double[] warm = [.. known.Where(trial => !trial.IsCold).Select(trial => trial.Rest).OfType<double>()];
        return warm.Length > 0 ? Median(warm) : known.Select(trial => trial.Rest).Min() ?? 0;
    }

    /// <summary>One before training, and one every so many steps.</summary>
    private static double Evaluations(TrialSpec trial, int steps) => 1 + Math.Ceiling(steps / (double)trial.Evaluation.Every);

    private static int Probes(TrialSpec trial, int steps)
    {
        var probe = trial.Probe;
        return MetricCatalog.MomentsOf(probe) + (probe.GradientsEvery is { } every ? steps / every : 0);
    }

    /// <summary>Proportional to the work of one cell on a batch: tokens times recurrent weights, plus what every token costs anyway.</summary>
    private static double Work(TrialSpec spec, int sequences)
    {
        double hidden = spec.Model.Hidden;
        var weights = hidden * hidden * spec.Model.Layers * (spec.Model.Bidirectional ? 2 : 1);
        return spec.Task.Length * (sequences * weights + 50_000);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length == 0 ? 0 : values[values.Length / 2];
    }
}
