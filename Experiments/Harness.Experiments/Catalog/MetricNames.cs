namespace Harness.Experiments.Catalog;

/// <summary>The metrics' names in YAML, database and report. Code writes a metric's name nowhere else.</summary>
public static class MetricNames
{
    /// <summary>What all names of a group begin with.</summary>
    public const string GradientGroup = "gradient.", GatesGroup = "gates.", SpeedGroup = "speed.";

    public const string TrainingLoss = "train.loss";
    public const string GradientNorm = "train.grad_norm";
    public const string EvaluationLoss = "eval.loss";
    public const string EvaluationAccuracy = "eval.accuracy";
    public const string LargestSingularValue = "weights.sigma_max";
    public const string SpectralRadius = "weights.spectral_radius";
    public const string MeanRetention = GatesGroup + "kept";
    public const string RetentionClosed = GatesGroup + "closed";
    public const string RetentionOpen = GatesGroup + "open";
    public const string TimeConstant = GatesGroup + "time_constant";
    public const string TimeConstant10 = GatesGroup + "time_constant_10";
    public const string TimeConstant90 = GatesGroup + "time_constant_90";
    public const string LyapunovExponent = "dynamics.lyapunov";
    public const string LongRangeShare = "dynamics.long_range";
    public const string ZeroGradients = "health.zero_gradients";
    public const string DeadUnits = "health.dead_units";
    public const string LargestGradientNorm = "train.grad_norm_max";
    public const string GradientNormSpike = "train.grad_norm_spike";
    public const string ClippedShare = "train.clipped_share";
    public const string Diverged = "diverged";
    public const string GradientHalfLife = GradientGroup + "half_life";
    public const string GradientSlope = GradientGroup + "slope";
    public const string GradientHorizon = GradientGroup + "horizon";
    public const string GradientUnderflow = GradientGroup + "underflow";
    public const string TrainingSetLoss = "train.set_loss";
    public const string GeneralizationGap = "generalization_gap";
    public const string TestLoss = "test.loss";
    public const string TestAccuracy = "test.accuracy";
    public const string Parameters = "parameters";
    public const string MillisecondsPerStep = SpeedGroup + "ms_per_step";
    public const string StepsToTarget = "steps_to_target";
    public const string Solved = "solved";

    /// <summary>Share of one gate's values below 0.1.</summary>
    /// <param name="gate">One of <see cref="CellDefinition.Shares"/>.</param>
    public static string GateClosed(string gate) => $"{GatesGroup}{gate}.closed";

    /// <summary>Share of one gate's values above 0.9.</summary>
    /// <param name="gate">One of <see cref="CellDefinition.Shares"/>.</param>
    public static string GateOpen(string gate) => $"{GatesGroup}{gate}.open";

    /// <summary>Whether a metric's name begins as those of a group do.</summary>
    public static bool IsIn(string metric, string group) => metric.StartsWith(group, StringComparison.Ordinal);
}
