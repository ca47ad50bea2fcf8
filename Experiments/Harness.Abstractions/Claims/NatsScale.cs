using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Claims;

/// <summary>Losses in nats are compared by difference: they are logarithms already, and a ratio of them depends on how hard the task is.</summary>
public static class NatsScale
{
    /// <summary>The difference that counts when a claim does not say, and within which two losses in nats are equal.</summary>
    public const double Margin = 0.02;

    /// <summary>Whether a metric is a cross-entropy on this task.</summary>
    public static bool Applies(string metric, TaskSpec task)
    {
        ArgumentNullException.ThrowIfNull(task);
        return metric is MetricCatalog.EvaluationLoss or MetricCatalog.TestLoss or MetricCatalog.TrainingSetLoss && TaskCatalog.Get(task.Kind).LossFor(task.Parameters) == LossKind.CrossEntropy;
    }
}
