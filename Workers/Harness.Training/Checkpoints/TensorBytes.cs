using static TorchSharp.torch;

namespace Harness.Training.Checkpoints;

/// <summary>Tensors to bytes and back, bit for bit.</summary>
internal static class TensorBytes
{
    public static ElementType TypeOf(ScalarType dtype) => dtype switch
    {
        ScalarType.Float32 => ElementType.Float32,
        ScalarType.Float64 => ElementType.Float64,
        ScalarType.Int64 => ElementType.Int64,
        _ => throw new NotSupportedException($"Tensors of {dtype} have no place in a checkpoint."),
    };

    public static CheckpointTensor Of(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        var values = tensor.detach().cpu().contiguous();
        return new(name, TypeOf(values.dtype), values.shape, values.bytes.ToArray());
    }

    /// <summary>Overwrites <paramref name="target"/>, wherever it lies; type and shape have been compared before.</summary>
    public static void CopyTo(CheckpointTensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var values = empty(source.Shape, dtype: target.dtype);
        source.Bytes.Span.CopyTo(values.bytes);
        target.copy_(values);
    }
}
