
namespace Harness.Training.Checkpoints;

/// <summary>Everything the rest of a trial depends on, after one of its steps.</summary>
/// <param name="Trial">The trial's identity, 32 lower-case hexadecimal digits: a checkpoint serves no other trial.</param>
/// <param name="Step">Optimizer steps taken; batches, masks and learning rates follow from it.</param>
/// <param name="Progress">What the trial has recorded so far.</param>
/// <param name="Tensors">Weights as <c>model/NAME</c>, those of the best evaluation as <c>kept/NAME</c> where they are kept, optimizer state as <c>optimizer/SLOT/NAME</c>.</param>
internal sealed record Checkpoint(string Trial, int Step, TrialProgressSnapshot Progress, IReadOnlyList<CheckpointTensor> Tensors)
{
    public const string WeightPrefix = "model/";
    public const string OptimizerPrefix = "optimizer/";

    public const string KeptPrefix = "kept/";

    /// <summary>The weights that the trial would end with here, under PyTorch's names: the kept ones where there are any.</summary>
    public IEnumerable<CheckpointTensor> Weights
    {
        get
        {
            var prefix = Progress.Kept is null ? WeightPrefix : KeptPrefix;
            return Tensors.Where(tensor => tensor.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(tensor => tensor with { Name = tensor.Name[prefix.Length..] });
        }
    }

    /// <summary>Optimizer steps that these weights have seen.</summary>
    public int WeightsStep => Progress.Kept?.Step ?? Step;
}

/// <summary>One tensor's bytes, little-endian, row by row.</summary>
/// <param name="Shape">Empty for a single number.</param>
internal sealed record CheckpointTensor(string Name, ElementType Type, long[] Shape, ReadOnlyMemory<byte> Bytes)
{
    /// <summary>Type and sizes in words, e.g. <c>float32 [24, 6]</c>.</summary>
    public string Layout => Describe(Type, Shape);

    public static string Describe(ElementType type, IEnumerable<long> shape) => $"{type.ToString().ToLowerInvariant()} [{string.Join(", ", shape)}]";
}

/// <summary>Element types, by their number in the file.</summary>
internal enum ElementType : byte
{
    Float32 = 1,
    Float64 = 2,
    Int64 = 3,
}

/// <summary>A file that is not a whole, sound checkpoint of the trial in question; the message says why.</summary>
internal sealed class CheckpointRefusedException(string reason, Exception? cause = null) : Exception(reason, cause);
