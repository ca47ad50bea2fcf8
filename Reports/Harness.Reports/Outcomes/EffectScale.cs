namespace Harness.Reports.Outcomes;

/// <summary>How an effect is written: as a ratio (computed as its logarithm) or as a difference in the metric's unit.</summary>
public enum EffectScale
{
    LogRatio,
    Difference,
}
