using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Which timing trials an experiment needs: every distinct step of its conditions on every backend that has it, once for all seeds.</summary>
public static class TimingPlanner
{
    /// <summary>Arms of one timing trial: more would make rounds so long that the machine changes within one.</summary>
    public const int MostArms = 48;

    /// <summary>Arms of one experiment; beyond that the measuring would outlast the learning.</summary>
    public const int MostArmsInAll = 960;

    /// <summary>What the arms of one timing trial may keep for back-propagation together, in bytes.</summary>
    private const double MostBytes = 2.0 * 1024 * 1024 * 1024;

    /// <param name="firstOrdinal">Place of the first in the running order: after the trials that learn.</param>
    public static IReadOnlyList<PlannedTrial> Of(IReadOnlyList<TrialSpec> conditions, SpeedSpec speed, int firstOrdinal)
    {
        var trials = new List<PlannedTrial>();
        foreach (var set in Sets(conditions, speed))
        {
            var first = set[0].Step;
            var spec = first with { Train = first.Train with { Steps = speed.Rounds }, Timing = new TimingSpec(TimingSpec.DefaultWarmUp, speed.Rounds, set) };
            trials.Add(new PlannedTrial(firstOrdinal + trials.Count, PlannedTrial.NoCondition, TrialIdentity.Of(spec), spec));
        }

        return trials;
    }

    /// <summary>The distinct arms of the conditions, in their order, the library's path before the hand-written loop before the engine; then those that sweeps add.</summary>
    public static IEnumerable<TimingArm> Arms(IReadOnlyList<TrialSpec> conditions, SpeedSpec speed)
    {
        var own = Own(conditions);
        return own.Concat(own.SelectMany(arm => Curves(arm, speed)).SelectMany(curve => curve)).DistinctBy(Key, StringComparer.Ordinal);
    }

    private static List<TimingArm> Own(IEnumerable<TrialSpec> conditions) =>
    [
        .. (from condition in conditions from kernel in Kernels(condition) select new TimingArm(TimingArm.StepOf(condition, kernel), 1)).DistinctBy(Key, StringComparer.Ordinal),
    ];

    private static string Key(TimingArm arm) => FormattableString.Invariant($"{arm.Id} {arm.Threads}");

    /// <summary>An arm and what sweeps make of it, one setting at a time, its own value among the others.</summary>
    private static IEnumerable<List<TimingArm>> Curves(TimingArm arm, SpeedSpec speed)
    {
        var (task, model, train) = (arm.Step.Task, arm.Step.Model, arm.Step.Train);
        if (speed.Length.Count > 0) yield return [arm, .. speed.Length.Select(length => arm with { Step = arm.Step with { Task = task with { Length = length } } })];
        if (speed.Hidden.Count > 0) yield return [arm, .. speed.Hidden.Select(hidden => arm with { Step = arm.Step with { Model = model with { Hidden = hidden } } })];
        if (speed.Batch.Count > 0) yield return [arm, .. speed.Batch.Select(batch => arm with { Step = arm.Step with { Train = train with { Batch = batch } } })];
        if (speed.Threads.Count > 0 && model.Kernel != KernelPath.Engine && arm.Step.Device == DeviceKind.Cpu) yield return [arm, .. speed.Threads.Select(threads => arm with { Threads = threads })];
    }

    /// <summary>A rough idea of how long a timing trial takes, for the plan: the operations at rates that slow machines reach, and what a call costs.</summary>
    public static double Seconds(TimingSpec timing) => (timing.WarmUp + timing.Rounds) * timing.Arms.Sum(arm => 2 * StepSeconds(arm.Step));

    private static double StepSeconds(TrialSpec step)
    {
        var (rate, perToken) = step.Model.Kernel switch
        {
            KernelPath.Engine => (30e9, 0.0),
            KernelPath.Library => (8e9, 20e-6),
            _ => (5e9, 100e-6),
        };
        return Math.Max(2e-3, ModelSize.FlopsPerStep(step) / rate + step.Task.Length * step.Model.Layers * perToken);
    }

    private static IEnumerable<KernelPath> Kernels(TrialSpec condition) => CellCatalog.Get(condition.Model.Cell).Kernels
        .Where(kernel => kernel != CellDefinition.Engine || condition.Device == DeviceKind.Cpu)
        .Select(kernel => Enum.Parse<KernelPath>(kernel, ignoreCase: true))
        // Of one model it says nothing that the hand-written loop does not, unless it is what trains.
        .Where(kernel => kernel != KernelPath.Batched || condition.Model.Kernel == KernelPath.Batched).Order();

    /// <summary>
    /// Arms that are compared with each other (the same task and batch) stay together as long as they fit, and so do those of a sweep. A trial reads one file at most
    /// and runs on one kind of device. Every further trial of a kind begins with the first one's first arm, so that they can be laid side by side.
    /// </summary>
    private static IEnumerable<IReadOnlyList<TimingArm>> Sets(IReadOnlyList<TrialSpec> conditions, SpeedSpec speed)
    {
        foreach (var kind in Own(conditions).GroupBy(arm => (arm.Step.Task.Data, arm.Step.Device)))
        {
            var blocks = kind.GroupBy(arm => (arm.Step.Task.Kind, arm.Step.Task.Length, arm.Step.Task.Parameters, arm.Step.Task.Shortest, arm.Step.Train.Batch)).Select(block => block.ToList())
                .Concat(kind.SelectMany(arm => Curves(arm, speed)));
            var set = new List<TimingArm>();
            foreach (var part in blocks.SelectMany(Parts))
            {
                var together = Together(set, part);
                if (set.Count > 0 && !Fits(together))
                {
                    yield return set;
                    together = Together([kind.First()], part);
                }

                set = together;
            }

            yield return set;
        }
    }

    private static List<TimingArm> Together(IEnumerable<TimingArm> set, IEnumerable<TimingArm> more) => [.. set.Concat(more).DistinctBy(Key, StringComparer.Ordinal)];

    /// <summary>A block in as few parts as fit a trial beside the arm that they share.</summary>
    private static IEnumerable<List<TimingArm>> Parts(List<TimingArm> block)
    {
        var part = new List<TimingArm>();
        foreach (var arm in block)
        {
            if (part.Count > 0 && (part.Count == MostArms - 1 || !Fits([.. part, arm])))
            {
                yield return part;
                part = [];
            }

            part.Add(arm);
        }

        yield return part;
    }

    private static bool Fits(List<TimingArm> arms) => arms.Count <= MostArms && Bytes(arms) <= MostBytes;

    /// <summary>The engine keeps its memory from step to step, arm by arm; the library's is released after each.</summary>
    private static double Bytes(List<TimingArm> arms) =>
        arms.Where(arm => arm.Step.Model.Kernel == KernelPath.Engine).Sum(arm => ModelSize.ActivationBytes(arm.Step))
        + arms.Where(arm => arm.Step.Model.Kernel != KernelPath.Engine).Select(arm => ModelSize.ActivationBytes(arm.Step)).DefaultIfEmpty(0).Max();
}
