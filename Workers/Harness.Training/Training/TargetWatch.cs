using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;

namespace Harness.Training;

/// <summary>Notices when a trial has reached its target: at two evaluations in a row (MLPerf's rule against lucky single readings).</summary>
internal sealed class TargetWatch(TargetSpec target)
{
    /// <summary>An evaluation beyond the threshold whose successor is awaited.</summary>
    public (int Step, double Seconds)? Candidate { get; private set; }

    /// <summary>The first of the two evaluations, once there were two.</summary>
    public (int Step, double Seconds)? Reached { get; private set; }

    /// <summary>The experiment's target, or else the task's own success criterion.</summary>
    /// <param name="baseline">The baseline's loss on the evaluation set.</param>
    public static TargetWatch For(TrialSpec spec, double baseline)
    {
        if (spec.Target is { } asked) return new(asked);
        var success = TaskCatalog.Get(spec.Task.Kind).Success;
        var threshold = success.OfBaseline ? success.Threshold * baseline : success.Threshold;
        return new(new(success.Metric, success.Below ? threshold : null, success.Below ? null : threshold));
    }

    /// <summary>Resumes where an earlier watch over the same trial stopped.</summary>
    public void Continue((int Step, double Seconds)? candidate, (int Step, double Seconds)? reached) => (Candidate, Reached) = (candidate, reached);

    public void See(int step, double trainSeconds, Evaluation evaluation)
    {
        if (Reached is not null) return;
        var value = target.Metric == MetricCatalog.EvaluationAccuracy ? evaluation.Accuracy ?? double.NaN : evaluation.Loss;
        if (!(target.Below is { } below ? value < below : value > target.Above)) Candidate = null;
        else if (Candidate is null) Candidate = (step, trainSeconds);
        else Reached = Candidate;
    }
}
