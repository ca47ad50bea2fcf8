using Harness.Abstractions.Specs;
using Harness.Training.Networks;
using Harness.Training.Tasks;

namespace Harness.Training.Backends;

/// <summary>What the trials of a group share: batches, where task and seed are the same, and the working memory of the native kernels.</summary>
/// <remarks>Batch s is a function of task, training spec, seed and s, and no stack keeps anything between steps. Sharing therefore changes only the time.</remarks>
internal sealed class GroupMemory : IDisposable
{
    private readonly Dictionary<(TaskSpec Task, long Seed, int Batch, int? Sequences, double? LabelNoise), DataStream> streams = [];

    public EngineStacks Stacks { get; } = new();

    /// <summary>One stream for all trials of one task, seed and kind of batches.</summary>
    /// <inheritdoc cref="DataStream.Of"/>
    public DataStream Stream(TrialSpec spec, string? data)
    {
        var key = (spec.Task, spec.Seed, spec.Train.Batch, spec.Train.Sequences, spec.Train.LabelNoise);
        if (!streams.TryGetValue(key, out var stream)) streams.Add(key, stream = DataStream.Of(spec, data, isShared: true));
        return stream;
    }

    public void Dispose() => Stacks.Dispose();
}
