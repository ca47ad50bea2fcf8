namespace Harness.Experiments.Metrics;

/// <summary>What a metric means: without a direction nothing can be called better.</summary>
/// <param name="Name">The word used in YAML, database and report.</param>
/// <param name="Unit">Unit, or empty for pure numbers.</param>
/// <param name="LowerIsBetter">Direction; null when there is none.</param>
/// <param name="Positive">Whether values span decades and are compared as ratios.</param>
/// <param name="Curve">True when it is recorded along training, false when a trial has one value.</param>
/// <param name="Summary">One sentence for the reference page.</param>
public sealed record MetricDescriptor(string Name, string Unit, bool? LowerIsBetter, bool Positive, bool Curve, string Summary)
{
    /// <summary>Whether it is recorded at evaluations, so that a target can be set on it and its last value stands for the trial.</summary>
    public bool IsEvaluated => Curve && Name.StartsWith("eval.", StringComparison.Ordinal);

    /// <summary>Whether a claim can be decided by it: there is one value per trial.</summary>
    public bool HasTrialValue => !Curve || IsEvaluated;
}

/// <summary>The metrics this product records. The one place where a metric is registered.</summary>
public static class MetricCatalog
{
    public static IReadOnlyList<MetricDescriptor> All { get; } =
    [
        new("train.loss", "", LowerIsBetter: true, Positive: true, Curve: true, "Loss on the training batch of each step."),
        new("train.grad_norm", "", LowerIsBetter: null, Positive: true, Curve: true, "Global gradient norm of each step, before clipping."),
        new("eval.loss", "", LowerIsBetter: true, Positive: true, Curve: true, "Loss on the fixed evaluation set."),
        new("eval.accuracy", "", LowerIsBetter: false, Positive: false, Curve: true, "Share of evaluation sequences answered right, at every step that asks."),
        new("train.set_loss", "", LowerIsBetter: true, Positive: true, Curve: false, "Loss at the end of training on the N sequences that were trained on, label noise included; only with train.sequences."),
        new("generalization_gap", "", LowerIsBetter: true, Positive: false, Curve: false, "ln(eval.loss / train.set_loss) at the end of training, the natural logarithm: 0 where new sequences cost as much as those that were trained on, 0.69 where they cost twice as much; only with train.sequences."),
        new("test.loss", "", LowerIsBetter: true, Positive: true, Curve: false, "Loss on the held-out test part, taken once, at the end of training; only for tasks that read a file and split off a test part."),
        new("test.accuracy", "", LowerIsBetter: false, Positive: false, Curve: false, "Share of the test part's sequences answered right, taken once, at the end of training."),
        new("weights.sigma_max", "", LowerIsBetter: null, Positive: true, Curve: true, "Largest singular value of the recurrent weights, over layers, directions and gates; below 1 gradients of a tanh network must vanish."),
        new("weights.spectral_radius", "", LowerIsBetter: null, Positive: true, Curve: true, "Largest eigenvalue of the recurrent weights by magnitude, over layers, directions and gates."),
        new("gates.kept", "", LowerIsBetter: null, Positive: false, Curve: true, "Mean of the gate that keeps the old state (LSTM: forget, GRU: update) over units, steps and sequences."),
        new("gates.closed", "", LowerIsBetter: null, Positive: false, Curve: true, "Share of that gate's values below 0.1: nearly everything is forgotten."),
        new("gates.open", "", LowerIsBetter: null, Positive: false, Curve: true, "Share of that gate's values above 0.9: nearly everything is kept."),
        new("gates.time_constant", "steps", LowerIsBetter: null, Positive: true, Curve: true, "Median over units of −1/ln of that gate's mean: after so many steps a unit has kept 37 %."),
        new("gradient.half_life", "steps", LowerIsBetter: false, Positive: true, Curve: false, "Steps of lag after which the loss's gradient has halved; longer reaches further back."),
        new("gradient.slope", "log10 per step", LowerIsBetter: false, Positive: false, Curve: false, "Slope of the log10 gradient norm on lag; 0 neither vanishes nor explodes."),
        new("parameters", "", LowerIsBetter: true, Positive: true, Curve: false, "Trainable parameters of the recurrent layers."),
        new("speed.ms_per_step", "ms", LowerIsBetter: true, Positive: true, Curve: false, "Median time of a training step."),
        new("steps_to_target", "steps", LowerIsBetter: true, Positive: true, Curve: false, "Steps until the target was met at two evaluations in a row; censored at the end of training."),
        new("solved", "", LowerIsBetter: false, Positive: false, Curve: false, "Whether the target was met at two evaluations in a row."),
    ];

    public static MetricDescriptor? Find(string name) => All.FirstOrDefault(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));
}
