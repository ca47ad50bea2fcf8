using System.Buffers.Binary;
using Harness.Training.Cells;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Checkpoints;

/// <summary>What an optimizer remembers about each weight: the names it goes by, how to read it and how to put it back.</summary>
internal static class OptimizerSlots
{
    /// <param name="optimizer">Of one group, over <paramref name="weights"/> in their order.</param>
    public static IEnumerable<OptimizerSlot> Of(optim.Optimizer optimizer, IReadOnlyList<NamedWeight> weights)
    {
        var states = ((OptimizerHelper)optimizer).state_dict().State;
        return weights.Zip(states).SelectMany(pair => Slots(pair.First, optimizer, pair.Second));
    }

    private static OptimizerSlot[] Slots(NamedWeight weight, optim.Optimizer optimizer, OptimizerState state) => state switch
    {
        Adam.State adam => [Average("exp_avg", weight, adam.exp_avg), Average("exp_avg_sq", weight, adam.exp_avg_sq), Count(weight, () => adam.step, step => adam.step = step)],
        AdamW.State adam => [Average("exp_avg", weight, adam.exp_avg), Average("exp_avg_sq", weight, adam.exp_avg_sq), Count(weight, () => adam.step, step => adam.step = step)],
        RMSProp.State { momentum_buffer: { } momentum } rms =>
            [Average("square_avg", weight, rms.square_avg), Average("momentum_buffer", weight, momentum), Count(weight, () => rms.step, step => rms.step = step)],
        RMSProp.State rms => [Average("square_avg", weight, rms.square_avg), Count(weight, () => rms.step, step => rms.step = step)],
        SGD.State sgd when optimizer is optim.IMomentum { Momentum: > 0 } => [Velocity(weight, sgd)],
        SGD.State => [],
        _ => throw new NotSupportedException($"The state of {state.GetType().FullName} has no place in a checkpoint."),
    };

    private static OptimizerSlot Average(string slot, NamedWeight weight, Tensor average)
    {
        var name = Name(slot, weight);
        return new(name, TensorBytes.TypeOf(average.dtype), average.shape, () => TensorBytes.Of(name, average), stored => TensorBytes.CopyTo(stored, average));
    }

    private static OptimizerSlot Count(NamedWeight weight, Func<long> get, Action<long> set)
    {
        var name = Name("step", weight);
        return new(name, ElementType.Int64, [], () => new(name, ElementType.Int64, [], BitConverter.GetBytes(get())), stored => set(BinaryPrimitives.ReadInt64LittleEndian(stored.Bytes.Span)));
    }

    /// <summary>SGD's buffer does not exist before the first step.</summary>
    private static OptimizerSlot Velocity(NamedWeight weight, SGD.State state)
    {
        var name = Name("momentum_buffer", weight);
        return new(name, TensorBytes.TypeOf(weight.Tensor.dtype), weight.Tensor.shape, () => state.momentum_buffer is { } buffer ? TensorBytes.Of(name, buffer) : null, stored =>
        {
            var buffer = zeros_like(weight.Tensor, requires_grad: false).DetachFromDisposeScope();
            TensorBytes.CopyTo(stored, buffer);
            state.momentum_buffer?.Dispose();
            state.momentum_buffer = buffer;
        });
    }

    private static string Name(string slot, NamedWeight weight) => $"{Checkpoint.OptimizerPrefix}{slot}/{weight.Name}";
}

/// <summary>One thing that an optimizer remembers about one weight.</summary>
/// <param name="Read">Null while it does not exist yet.</param>
internal sealed record OptimizerSlot(string Name, ElementType Type, long[] Shape, Func<CheckpointTensor?> Read, Action<CheckpointTensor> Write);
