namespace Harness.Abstractions.Results;

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
public sealed record TrialOutcome
{
    /// <summary>How the trial ended.</summary>
    public required OutcomeKind Kind { get; init; }

    /// <summary>Optimizer steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Evaluation loss of the weights that were kept, after the last step or after <see cref="KeptStep"/>; absent when the trial diverged before its first evaluation.</summary>
    public double? FinalLoss { get; init; }

    /// <summary>The step whose weights were kept because its evaluation was the best; null where the last step's were.</summary>
    public int? KeptStep { get; init; }

    /// <summary>Smallest evaluation loss of all evaluations.</summary>
    public double? BestLoss { get; init; }

    /// <summary>Share of evaluation sequences answered right, for tasks in which a sequence can be.</summary>
    public double? FinalAccuracy { get; init; }

    /// <summary>Loss of the baseline on the same evaluation set.</summary>
    public required double BaselineLoss { get; init; }

    /// <summary>Whether the target (or the task's own success criterion) was met at two evaluations in a row.</summary>
    public required bool Solved { get; init; }

    /// <summary>The first step of those two evaluations.</summary>
    public int? StepsToTarget { get; init; }

    /// <summary>Training time up to then, without evaluations and probes.</summary>
    public double? SecondsToTarget { get; init; }

    /// <summary>The step whose loss or gradient was not finite.</summary>
    public int? DivergedAtStep { get; init; }

    /// <summary>Trainable parameters of the recurrent layers, counted from the model.</summary>
    public required long Parameters { get; init; }

    /// <summary>With the output layer.</summary>
    public required long ParametersTotal { get; init; }

    /// <summary>Median over the training steps after warm-up: data, forward, backward, clip, optimizer.</summary>
    public double? MillisecondsPerStep { get; init; }

    /// <summary>Batch divided by that time.</summary>
    public double? SequencesPerSecond { get; init; }

    /// <summary>Wall time spent in training steps.</summary>
    public required double TrainSeconds { get; init; }

    /// <summary>Wall time spent in evaluations.</summary>
    public required double EvaluationSeconds { get; init; }

    /// <summary>Wall time spent in gradient probes; counted nowhere else.</summary>
    public required double ProbeSeconds { get; init; }

    /// <summary>Share of steps whose gradient was clipped.</summary>
    public double? ClippedShare { get; init; }
}
