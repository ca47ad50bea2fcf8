using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Metrics;

/// <summary>What a metric is measured on.</summary>
public enum MetricSource
{
    /// <summary>Every optimizer step. A trial has no single value.</summary>
    Step,

    /// <summary>The evaluations during training. A target can be set on it, and the last value stands for the trial.</summary>
    Evaluation,

    /// <summary>The moments that a probe names. The last value stands for the trial.</summary>
    Probe,

    /// <summary>The fixed training set, once, at the end of training; only with <c>train.sequences</c>.</summary>
    TrainingSet,

    /// <summary>The held-out part of a data file, once, at the end of training.</summary>
    TestPart,

    /// <summary>The trial as a whole.</summary>
    Trial,
}

/// <summary>What measures metrics at moments that the experiment file names.</summary>
/// <param name="Setting">The setting that names the moments, e.g. <c>probe.weights</c>.</param>
/// <param name="Moments">The moments that a trial asks for; null or empty where it asks for none.</param>
public record MetricProbe(string Setting, Func<ProbeSpec, IReadOnlyList<ProbeMoment>?> Moments);

/// <summary>A probe that measures one number per metric and moment. Its setting, its place in a trial and its call in the trainer follow from it.</summary>
/// <param name="Summary">When what is measured, for the reference page.</param>
/// <param name="Example">Moments as one would write them.</param>
/// <param name="With">The probes of a trial with these moments of this one.</param>
public sealed record PointProbe(
    string Setting, string Summary, string Example, Func<ProbeSpec, IReadOnlyList<ProbeMoment>?> Moments, Func<ProbeSpec, IReadOnlyList<ProbeMoment>, ProbeSpec> With) : MetricProbe(Setting, Moments)
{
    /// <summary>The cells that it can look into; the recurrent ones where it does not say.</summary>
    public Func<CellDefinition, bool> AppliesTo { get; init; } = cell => cell.IsRecurrent;
}

/// <summary>Everything that is particular to a metric. Reader, schema, reference page, verdicts and words follow from it.</summary>
/// <param name="Name">The word used in YAML, database and report.</param>
/// <param name="Unit">Unit, or empty for pure numbers.</param>
/// <param name="LowerIsBetter">Direction; null when there is none.</param>
/// <param name="Positive">Whether values span decades and are compared as ratios.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Words">What sentences call it.</param>
/// <param name="Summary">One sentence for the reference page.</param>
public sealed record MetricDescriptor(string Name, string Unit, bool? LowerIsBetter, bool Positive, MetricSource Source, LocalText Words, string Summary)
{
    /// <summary>Whether it is recorded at evaluations, so that a target can be set on it and its last value stands for the trial.</summary>
    public bool IsEvaluated => Source == MetricSource.Evaluation;

    /// <summary>The probe that must be asked for; null when every trial has it.</summary>
    public MetricProbe? Probe { get; init; }

    /// <summary>Whether it exists only for tasks whose sequences are right or wrong as a whole.</summary>
    public bool NeedsGradedTask { get; init; }

    /// <summary>The questions whose answers it measures; null for every one.</summary>
    public DataQuestions? Questions { get; init; }

    /// <summary>The one value of a trial that has an outcome; null for metrics without one.</summary>
    public Func<TrialResult, TrialOutcome, double?>? Value { get; init; }

    /// <summary>The value at a moment that its probe names; null for metrics without a probe.</summary>
    public Func<TrialResult, TrialOutcome, ProbeMoment, double?>? ValueAt { get; init; }

    /// <summary>Whether a claim may name it: a trial has one value.</summary>
    public bool IsClaimable => Value is not null;
}
