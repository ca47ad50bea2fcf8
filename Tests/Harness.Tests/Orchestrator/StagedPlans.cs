using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

/// <summary>Small experiments that grow, and what their trials would find.</summary>
internal static class StagedPlans
{
    private static readonly string[] rates = ["0.0001", "0.001", "0.003", "0.01", "0.03", "0.1", "0.004", "0.012"];

    /// <summary>Two arms, each tried at three learning rates in each of two studies, and confirmed on two seeds.</summary>
    public static ExperimentPlan Tuned(string name = "tuned", params int[] points)
    {
        var plan = ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small.Replace("name: small", $"name: {name}", StringComparison.Ordinal).Replace("[rnn, lstm, gru]", "[lstm, gru]", StringComparison.Ordinal)));
        int[] drawn = points.Length > 0 ? points : [0, 2, 4, 1, 3, 5];
        var arms = plan.Conditions.Select(condition => new TunedArm(condition.Label, [condition.Ordinal], [new("lr", TunedScale.Log, 1e-5, 1)], [.. drawn.Select(point => new[] { rates[point] })])).ToArray();
        var tuning = new TuningSpec(drawn.Length / 2, 2, [101, 102, 103, 104], "grid", "eval.loss", arms);
        var trials =
            from point in Enumerable.Range(0, drawn.Length)
            from seed in tuning.SeedsOf(tuning.StudyOf(point))
            from condition in plan.Conditions
            let spec = condition.Trial with
            {
                Seed = seed,
                Probe = new ProbeSpec([], 1),
                Train = condition.Trial.Train with { Optimizer = condition.Trial.Train.Optimizer with { LearningRate = double.Parse(rates[drawn[point]], System.Globalization.CultureInfo.InvariantCulture) } },
            }
            select (spec, point, condition.Ordinal);
        return plan with
        {
            Digest = new string('7', 31) + drawn.Length,
            Trials = [.. trials.Select((trial, ordinal) => new PlannedTrial(ordinal, trial.Ordinal, TrialIdentity.Of(trial.spec), trial.spec) { Stage = "tuning", Point = trial.point })],
            Stages = new StagePlan(plan.Seeds, IsSeedMajor: true) { Tune = tuning },
        };
    }

    /// <summary>The same arms, each tried at eight learning rates for 25 steps; four of them go on for 50 steps, and two for all 100.</summary>
    public static ExperimentPlan Halved()
    {
        var plan = Tuned("halved", 0, 1, 2, 3, 4, 5, 6, 7);
        var tuning = plan.Stages!.Tune! with { Trials = 8, Studies = 1, Seeds = [101], Halving = new HalvingSpec(2, 3) };
        var trials =
            from planned in plan.Trials.DistinctBy(trial => (trial.Condition, trial.Point))
            let spec = planned.Spec with { Seed = 101, Train = planned.Spec.Train with { Steps = 25 } }
            select planned with { Id = TrialIdentity.Of(spec), Spec = spec };
        return plan with { Trials = [.. trials.Select((trial, ordinal) => trial with { Ordinal = ordinal })], Stages = plan.Stages with { Tune = tuning } };
    }

    /// <summary>The same arms, searched for a time: two points of each are known, and six are candidates. A trial takes 1.1 to 3.1 s.</summary>
    public static ExperimentPlan Timed(double seconds)
    {
        var plan = Halved();
        var tuning = plan.Stages!.Tune! with { Halving = null, Seconds = seconds };
        var trials = plan.Trials.Select(trial => (trial, Spec: trial.Spec with { Train = trial.Spec.Train with { Steps = 100 } })).ToLookup(trial => trial.trial.Point < TuningSpec.FirstPoints);
        return plan with
        {
            Digest = new string('9', 32),
            Trials = [.. trials[true].Select((planned, ordinal) => planned.trial with { Ordinal = ordinal, Id = TrialIdentity.Of(planned.Spec), Spec = planned.Spec })],
            Candidates = [.. trials[false].Select(planned => new TunedTrial(planned.trial.Condition, planned.trial.Point!.Value, planned.Spec))],
            Stages = plan.Stages with { Tune = tuning },
        };
    }

    /// <summary>The loss of a trial: the LSTM is best near 0.003, the GRU near 0.01; at 0.1 everything diverges.</summary>
    public static TrialOutcome OutcomeOf(TrialSpec spec)
    {
        var rate = spec.Train.Optimizer.LearningRate;
        var isDiverged = rate >= 0.1;
        var distance = Math.Abs(Math.Log10(rate) - (spec.Model.Cell == "lstm" ? -2.5 : -2));
        return new TrialOutcome
        {
            Kind = isDiverged ? OutcomeKind.Diverged : OutcomeKind.Completed,
            Steps = 100,
            FinalLoss = isDiverged ? null : 0.1 + distance + (spec.Seed % 7 / 100.0),
            BestLoss = 0.1,
            BaselineLoss = 1,
            Solved = false,
            DivergedAtStep = isDiverged ? 5 : null,
            Parameters = 123,
            ParametersTotal = 150,
            TrainSeconds = 1 + (spec.Seed % 3),
            EvaluationSeconds = 0.1,
            ProbeSeconds = 0,
        };
    }
}
