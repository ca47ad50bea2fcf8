using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;

namespace Harness.Tests.Reports;

/// <summary>What timing trials would have found, made up: a step takes what the test says, with a little noise that all arms of a round share.</summary>
internal static class TimingFixture
{
    public const int Rounds = 40;

    /// <summary>Every condition on every path that is planned for it, in one timing trial.</summary>
    /// <param name="milliseconds">Of a step on a path; by cell, path and length when null.</param>
    /// <param name="more">Further arms that no condition has.</param>
    public static ExperimentResults With(ExperimentResults results, Func<TrialSpec, double>? milliseconds = null, TrialState state = TrialState.Completed, params TimingArm[] more)
    {
        var arms = TimingPlanner.Arms([.. results.Conditions.Select(condition => condition.Trial)], new SpeedSpec(Rounds));
        return With(results, [Trial("0123456789abcdef0123456789abcdef", [.. arms, .. more], milliseconds ?? Milliseconds, state)]);
    }

    /// <summary>The results with these timing trials, as the database would give them back.</summary>
    public static ExperimentResults With(ExperimentResults results, IReadOnlyList<TimedTrial> trials)
    {
        var steps = TimedArm.ByStep(trials);
        return results with { Timings = trials, Conditions = [.. results.Conditions.Select(condition => condition with { Timed = TimedArm.Of(condition.Trial, steps) })] };
    }

    public static TimedTrial Trial(string id, IReadOnlyList<TimingArm> arms, Func<TrialSpec, double> milliseconds, TrialState state = TrialState.Completed) => new(
        id, new TimingSpec(5, Rounds, arms), state, state == TrialState.Failed ? "The trainer process ended with exit code 137 (killed)." : null, "bench", "Example CPU @ 2.40 GHz, AVX2",
        state != TrialState.Completed ? null : new TimingResult(12, Noisy(0.9, 0), Noisy(50, 1), Noisy(80, 2), 0.04, 310_000_000, [.. arms.Select((arm, i) => Arm(arm.Step, milliseconds(arm.Step), i))]));

    /// <summary>Machine noise of a round is common to all arms; what is an arm's own is smaller.</summary>
    public static double[] Noisy(double value, int own) =>
        [.. Enumerable.Range(0, Rounds).Select(round => value * (1 + 0.1 * ((round * 7 % 11) / 11.0) + 0.01 * ((round * 5 + own * 3) % 7 / 7.0)))];

    private static ArmTiming Arm(TrialSpec step, double ms, int own) => new(
        ms < 4 ? 4 : 1, 5e6 * step.Task.Length, step.Train.Batch * step.Task.Length,
        Noisy(ms, own), Noisy(ms * 0.99, own), Noisy(ms * 0.05, own), Noisy(ms * 0.35, own), Noisy(ms * 0.5, own), Noisy(ms * 0.1, own), null);

    private static double Milliseconds(TrialSpec step) =>
        (step.Model.Cell switch { "rnn" => 1.0, "lstm" => 2.0, _ => 3.0 }) * (step.Model.Kernel switch { KernelPath.Library => 1, KernelPath.Cell => 4, _ => 0.3 }) * step.Task.Length / 20;
}
