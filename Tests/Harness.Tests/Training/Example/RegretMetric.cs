using Harness.Abstractions.Metrics;

namespace Harness.Tests.Training.Example;

/// <summary>How much of the best evaluation loss a training lost again by its end.</summary>
internal static class RegretMetric
{
    /// <summary>The entry of <see cref="MetricCatalog.All"/>.</summary>
    public static MetricDescriptor Descriptor { get; } =
        new("eval.regret", "", LowerIsBetter: true, Positive: true, MetricSource.Trial, new("final over best evaluation loss", "最终评估损失与最佳评估损失之比"),
            "Final evaluation loss divided by the smallest one: 1 where training ended at its best. None for a diverged trial.")
        { Value = (_, outcome) => outcome.FinalLoss / outcome.BestLoss };
}
