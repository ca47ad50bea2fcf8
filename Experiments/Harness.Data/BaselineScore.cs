namespace Harness.Data;

/// <summary>How well a baseline does on the sequences on which networks are evaluated.</summary>
/// <param name="Name">See <see cref="Abstractions.Catalog.BaselineCatalog"/>.</param>
/// <param name="Loss">On the validation part, in the unit of the task's loss.</param>
/// <param name="TestLoss">On the test part; null where there is none.</param>
/// <param name="Accuracy">Share of the validation sequences answered right; null for numbers and texts.</param>
/// <param name="TestAccuracy">On the test part.</param>
public sealed record BaselineScore(string Name, double Loss, double? TestLoss, double? Accuracy = null, double? TestAccuracy = null)
{
    /// <summary>The measures of <see cref="Abstractions.Metrics.MetricCatalog.TestMeasures"/> on the test part; empty where there is none.</summary>
    public IReadOnlyList<(string Metric, double Value)> Measures { get; init; } = [];
}
