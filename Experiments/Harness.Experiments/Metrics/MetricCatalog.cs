using Harness.Experiments.Catalog;

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

    /// <summary>The setting that must name a moment for it to be taken, e.g. <c>probe.weights</c>; null when every trial has it.</summary>
    public string? Probe { get; init; }

    /// <summary>Whether a claim can be decided by it: there is one value per trial. What a probe takes at several moments counts by its last.</summary>
    public bool HasTrialValue => !Curve || IsEvaluated || Probe is not null;
}

/// <summary>The metrics this product records. The one place where a metric is registered.</summary>
public static class MetricCatalog
{
    private const string Gradients = "probe.gradients", Weights = "probe.weights", Gates = "probe.gates";

    public static IReadOnlyList<MetricDescriptor> All { get; } =
    [
        new("train.loss", "", LowerIsBetter: true, Positive: true, Curve: true, "Loss on the training batch of each step."),
        new("train.grad_norm", "", LowerIsBetter: null, Positive: true, Curve: true, "Global gradient norm of each step, before clipping."),
        new("eval.loss", "", LowerIsBetter: true, Positive: true, Curve: true, "Loss on the fixed evaluation set."),
        new("eval.accuracy", "", LowerIsBetter: false, Positive: false, Curve: true, "Share of evaluation sequences answered right, at every step that asks."),
        new("weights.sigma_max", "", LowerIsBetter: null, Positive: true, Curve: true, "Largest singular value of the recurrent weights, over layers, directions and gates; below 1 gradients of a tanh network must vanish.") { Probe = Weights },
        new("weights.spectral_radius", "", LowerIsBetter: null, Positive: true, Curve: true, "Largest eigenvalue of the recurrent weights by magnitude, over layers, directions and gates.") { Probe = Weights },
        new("gates.kept", "", LowerIsBetter: null, Positive: false, Curve: true, "Mean of the gate that keeps the old state (LSTM: forget, GRU: update) over units, steps and sequences.") { Probe = Gates },
        new("gates.closed", "", LowerIsBetter: null, Positive: false, Curve: true, "Share of that gate's values below 0.1: nearly everything is forgotten.") { Probe = Gates },
        new("gates.open", "", LowerIsBetter: null, Positive: false, Curve: true, "Share of that gate's values above 0.9: nearly everything is kept.") { Probe = Gates },
        new("gates.time_constant", "steps", LowerIsBetter: null, Positive: true, Curve: true, "Median over units of −1/ln of that gate's mean: after so many steps a unit has kept 37 %.") { Probe = Gates },
        new("gates.time_constant_10", "steps", LowerIsBetter: null, Positive: true, Curve: true, "The time constant that 10 % of the units stay below.") { Probe = Gates },
        new("gates.time_constant_90", "steps", LowerIsBetter: null, Positive: true, Curve: true, "The time constant that 90 % of the units stay below.") { Probe = Gates },
        .. CellCatalog.All.SelectMany(cell => cell.Shares).Distinct(StringComparer.Ordinal).SelectMany(gate => new MetricDescriptor[]
        {
            new($"gates.{gate}.closed", "", LowerIsBetter: null, Positive: false, Curve: true, $"Share of the {gate} gate's values below 0.1.") { Probe = Gates },
            new($"gates.{gate}.open", "", LowerIsBetter: null, Positive: false, Curve: true, $"Share of the {gate} gate's values above 0.9.") { Probe = Gates },
        }),
        new("dynamics.lyapunov", "log10 per step", LowerIsBetter: null, Positive: false, Curve: true, "Largest Lyapunov exponent of the state along evaluation sequences: how a small disturbance grows, above 0, or dies out, below.") { Probe = "probe.dynamics" },
        new("dynamics.long_range", "", LowerIsBetter: false, Positive: false, Curve: true, "Share of the recurrent weights' gradient that comes from the first half of the sequence, for the loss at its end: what the optimizer sees of the distant past.") { Probe = "probe.dynamics" },
        new("health.zero_gradients", "", LowerIsBetter: true, Positive: false, Curve: true, "Share of the weights whose gradient is exactly zero, in the precision of training.") { Probe = "probe.health" },
        new("health.dead_units", "", LowerIsBetter: true, Positive: false, Curve: true, "Share of the recurrent units that are zero, or beyond ±0.95, at every step of every sequence.") { Probe = "probe.health" },
        new("train.grad_norm_max", "", LowerIsBetter: null, Positive: true, Curve: false, "Largest gradient norm of any step, before clipping; infinite where a trial diverged."),
        new("train.grad_norm_spike", "", LowerIsBetter: null, Positive: true, Curve: false, "That norm over the median of all steps: how much the worst step stands out."),
        new("train.clipped_share", "", LowerIsBetter: null, Positive: false, Curve: false, "Share of the steps whose gradient was clipped, where clipping was asked for."),
        new("diverged", "", LowerIsBetter: true, Positive: false, Curve: false, "Whether the loss or the gradient became NaN or infinite."),
        new("gradient.half_life", "steps", LowerIsBetter: false, Positive: true, Curve: false, "Steps of lag after which the loss's gradient has halved; longer reaches further back.") { Probe = Gradients },
        new("gradient.slope", "log10 per step", LowerIsBetter: false, Positive: false, Curve: false, "Slope of the log10 gradient norm on lag; 0 neither vanishes nor explodes.") { Probe = Gradients },
        new("gradient.horizon", "steps", LowerIsBetter: false, Positive: false, Curve: false, "The largest lag at which the loss's gradient has still a hundredth of its norm at the last step; at most the sequence's length.") { Probe = Gradients },
        new("gradient.underflow", "", LowerIsBetter: true, Positive: false, Curve: false, "Share of the lags at which the gradient is exactly zero even in float64; these have no logarithm and are left out of the slope.") { Probe = Gradients },
        new("train.set_loss", "", LowerIsBetter: true, Positive: true, Curve: false, "Loss at the end of training on the N sequences that were trained on, label noise included; only with train.sequences."),
        new("generalization_gap", "", LowerIsBetter: true, Positive: false, Curve: false, "ln(eval.loss / train.set_loss) at the end of training, the natural logarithm: 0 where new sequences cost as much as those that were trained on, 0.69 where they cost twice as much; only with train.sequences."),
        new("test.loss", "", LowerIsBetter: true, Positive: true, Curve: false, "Loss on the held-out test part, taken once, at the end of training; only for tasks that read a file and split off a test part."),
        new("test.accuracy", "", LowerIsBetter: false, Positive: false, Curve: false, "Share of the test part's sequences answered right, taken once, at the end of training."),
        new("parameters", "", LowerIsBetter: true, Positive: true, Curve: false, "Trainable parameters of the recurrent layers."),
        new("speed.ms_per_step", "ms", LowerIsBetter: true, Positive: true, Curve: false, "Median time of a training step."),
        new("steps_to_target", "steps", LowerIsBetter: true, Positive: true, Curve: false, "Steps until the target was met at two evaluations in a row; censored at the end of training."),
        new("solved", "", LowerIsBetter: false, Positive: false, Curve: false, "Whether the target was met at two evaluations in a row."),
    ];

    public static MetricDescriptor? Find(string name) => All.FirstOrDefault(metric => string.Equals(metric.Name, name, StringComparison.Ordinal));
}
