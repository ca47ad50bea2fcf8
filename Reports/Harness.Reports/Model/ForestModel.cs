namespace Harness.Reports.Model;

/// <summary>Claims on one metric over one axis: effect, interval, what is too small to matter and what is claimed.</summary>
/// <param name="Title">The metric, and what the numbers on the axis mean.</param>
/// <param name="Ticks">Positions in percent of the width, with their labels.</param>
/// <param name="Neutral">Where there is no effect, in percent; null for measured values.</param>
public sealed record ForestModel(string Title, IReadOnlyList<ForestTick> Ticks, double? Neutral, IReadOnlyList<VerdictCard> Cards);

/// <param name="At">Percent of the width.</param>
public sealed record ForestTick(double At, string Label);

/// <summary>One setting of a claim. All positions are percent of the width.</summary>
/// <param name="Label">The setting; empty when the claim has one.</param>
/// <param name="Verdict">A class: the verdict of this setting by itself.</param>
/// <param name="Value">Effect and interval in words, or why there is none.</param>
/// <param name="At">Null when nothing can be drawn.</param>
/// <param name="Low">Null when there is no interval.</param>
/// <param name="Description">What a reader who cannot see the strip is told.</param>
public sealed record ForestRow(string Label, string Mark, string Verdict, string Value, double? At, double? Low, double? High, string Description)
{
    /// <summary>What the claim asks for.</summary>
    public double? Claimed { get; init; }

    /// <summary>The zone of no meaningful difference.</summary>
    public (double From, double To)? Negligible { get; init; }
}
