namespace Harness.Experiments.Results;

/// <summary>How a trial ended, as a scientific result.</summary>
public enum OutcomeKind
{
    /// <summary>All steps were trained.</summary>
    Completed,

    /// <summary>A stopping rule ended it before the last step.</summary>
    EarlyStopped,

    /// <summary>Loss or gradient became NaN or infinite. A result, not a failure.</summary>
    Diverged,
}

/// <summary>What a finished trial found.</summary>
/// <param name="Steps">Optimizer steps taken.</param>
/// <param name="FinalLoss">Evaluation loss after the last step; absent when the trial diverged before its first evaluation.</param>
/// <param name="BestLoss">Smallest evaluation loss of all evaluations.</param>
/// <param name="FinalAccuracy">Share of evaluation sequences answered right, for tasks in which a sequence can be.</param>
/// <param name="BaselineLoss">Loss of the baseline on the same evaluation set.</param>
/// <param name="Solved">Whether the target (or the task's own success criterion) was met at two evaluations in a row.</param>
/// <param name="StepsToTarget">The first step of those two evaluations.</param>
/// <param name="SecondsToTarget">Training time up to then, without evaluations and probes.</param>
/// <param name="DivergedAtStep">The step whose loss or gradient was not finite.</param>
/// <param name="Parameters">Trainable parameters of the recurrent layers, counted from the model.</param>
/// <param name="ParametersTotal">With the output layer.</param>
/// <param name="MillisecondsPerStep">Median over the training steps after warm-up: data, forward, backward, clip, optimizer.</param>
/// <param name="SequencesPerSecond">Batch divided by that time.</param>
/// <param name="TrainSeconds">Wall time spent in training steps.</param>
/// <param name="EvaluationSeconds">Wall time spent in evaluations.</param>
/// <param name="ProbeSeconds">Wall time spent in gradient probes; counted nowhere else.</param>
/// <param name="ClippedShare">Share of steps whose gradient was clipped.</param>
public sealed record TrialOutcome(
    OutcomeKind Kind,
    int Steps,
    double? FinalLoss,
    double? BestLoss,
    double? FinalAccuracy,
    double BaselineLoss,
    bool Solved,
    int? StepsToTarget,
    double? SecondsToTarget,
    int? DivergedAtStep,
    long Parameters,
    long ParametersTotal,
    double? MillisecondsPerStep,
    double? SequencesPerSecond,
    double TrainSeconds,
    double EvaluationSeconds,
    double ProbeSeconds,
    double? ClippedShare);
