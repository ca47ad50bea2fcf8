
namespace Harness.Abstractions.Specs;

/// <summary>Which trials may be trained side by side by one trainer: each a step in its turn, or all a step at once.</summary>
public static class Packing
{
    /// <summary>The most that one slot may be asked for.</summary>
    public const int Largest = 256;

    /// <summary>
    /// How many at once where the file leaves it open. Taking turns gains something only where batches are shared, which those of different seeds are not,
    /// and small models (docs/performance.md, "Packs"); the batched path is there for nothing else.
    /// </summary>
    public static int Auto(KernelPath kernel) => kernel == KernelPath.Batched ? 64 : 1;

    /// <summary>Equal for trials that differ only in where they start and how fast they go: seed, initial weights, learning rate.</summary>
    public static string KindOf(TrialSpec trial) => TrialIdentity.Of(trial with
    {
        Seed = 0,
        Model = trial.Model with { Init = InitKind.Default, ForgetBias = null, UpdateBias = null, TMax = null, SpectralRadius = null, Weights = null },
        Train = trial.Train with { Optimizer = trial.Train.Optimizer with { LearningRate = 0 } },
    });
}
