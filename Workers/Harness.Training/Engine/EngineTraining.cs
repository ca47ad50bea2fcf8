using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Engine;

/// <summary>A training step's way from a batch to the gradients of all weights, output layer and loss included, without the library; and what sequences lose, without gradients.</summary>
/// <remarks>
/// At the sizes that people compare, what torch does around the recurrence (some fifty small operations and their graph) takes longer than the recurrence.
/// Weights and gradients are torch's tensors, so that draws, checkpoints, evaluations and probes know nothing of this.
/// </remarks>
internal abstract class EngineTraining : IDisposable
{
    /// <summary>For a model on the engine; null for one on another path.</summary>
    public static EngineTraining? Of(SequenceModel model, TrainSpec spec) => model.Network switch
    {
        EngineNetwork<float> network => new EngineTraining<float>(network, model, spec),
        EngineNetwork<double> network => new EngineTraining<double>(network, model, spec),
        _ => null,
    };

    /// <summary>The loss of a batch: the mean over the answers that are asked for, as <see cref="Training.BatchTensors.Loss"/> has it.</summary>
    public abstract double Forward(SequenceBatch batch, DropoutMasks? dropout);

    /// <summary>Writes the gradients of that loss to the weights, clipped as the spec says.</summary>
    /// <returns>As <see cref="EngineClip.Apply"/>.</returns>
    public abstract (double Norm, bool Clipped) Backward();

    /// <summary>What each sequence of a batch loses, and whether it is right; no dropout, no way back.</summary>
    /// <remarks>A sequence's numbers do not depend on what else is in the batch, so sums over a set do not depend on how it is cut.</remarks>
    /// <param name="losses">[B]: the sum over the answers that are asked for, and outputs.</param>
    /// <param name="right">[B]: whether every answer that is asked for is the largest; empty for real answers.</param>
    public abstract void Judge(SequenceBatch batch, Span<double> losses, Span<bool> right);

    public abstract void Dispose();
}

/// <typeparam name="T">float or double, as the model's dtype says.</typeparam>
internal sealed class EngineTraining<T> : EngineTraining where T : unmanaged, INumberBase<T>
{
    /// <summary>Sequences at a time where nothing goes back: what is kept of them is about what a training step keeps.</summary>
    private const int Chunk = 64;

    private readonly EngineNetwork<T> network;
    private readonly TrainSpec spec;
    private readonly Tensor readOut, bias;
    private readonly Tensor[] gradients;                            // in the order of the model's weights, the output layer's last
    private readonly int features, columns, outputs, answerColumns;
    private readonly AlignedBuffer<T> across, along, start, into;   // Wᵀ [F, O padded], W [O, F padded], b [O padded], ∂L/∂W as W
    private AlignedBuffer<T>? states, answers, back;                // h [N, F padded], z and then ∂L/∂z [N, O padded], ∂L/∂h as h
    private T[] converted = [];
    private SequenceBatch? batch;

    public EngineTraining(EngineNetwork<T> network, SequenceModel model, TrainSpec spec)
    {
        (this.network, this.spec) = (network, spec);
        (readOut, bias) = (model.Weights[^2].Tensor, model.Weights[^1].Tensor);
        (features, outputs) = ((int)readOut.shape[1], (int)readOut.shape[0]);
        (columns, answerColumns) = (LayerSizes.Padded(features), LayerSizes.Padded(outputs));
        gradients = [.. model.Weights.Select(weight => zeros_like(weight.Tensor, requires_grad: false).DetachFromDisposeScope())];
        foreach (var (weight, gradient) in model.Weights.Zip(gradients)) weight.Tensor.grad = gradient;
        (across, along, start, into) = (new((long)features * answerColumns), new((long)outputs * columns), new(answerColumns), new((long)outputs * columns));
    }

    public override double Forward(SequenceBatch batch, DropoutMasks? dropout)
    {
        this.batch = batch;
        var shape = batch.Shape;
        network.Forward(Converted(batch.Inputs), shape.Steps, batch.Count, batch.IsPadded ? batch.Lengths : null, dropout);
        PackReadOut();
        var answered = Answer(shape, batch.Count);
        return shape.Loss == LossKind.CrossEntropy
            ? EngineLoss.CrossEntropy(answered, answerColumns, outputs, batch.Classes)
            : EngineLoss.Squared(answered, answerColumns, outputs, batch.Values);
    }

    public override void Judge(SequenceBatch batch, Span<double> losses, Span<bool> right)
    {
        this.batch = null;
        var (shape, lengths) = (batch.Shape, batch.IsPadded ? batch.Lengths : null);
        var inputs = Converted(batch.Inputs);
        network.Pack();
        PackReadOut();
        for (var first = 0; first < batch.Count; first += Chunk)
        {
            var count = Math.Min(Chunk, batch.Count - first);
            network.Stack.Forward(inputs, shape.Steps, batch.Count, first, count, lengths, []);
            EngineLoss.BySequence(Answer(shape, count), answerColumns, batch, first, losses.Slice(first, count), right.IsEmpty ? [] : right.Slice(first, count));
        }
    }

    private void PackReadOut()
    {
        var weights = Numbers(readOut);
        var w = along.Span;
        var v = across.Span;
        for (var o = 0; o < outputs; o++)
        {
            weights.Slice(o * features, features).CopyTo(w[(o * columns)..]);
            for (var f = 0; f < features; f++) v[f * answerColumns + o] = weights[o * features + f];
        }

        Numbers(bias).CopyTo(start.Span);
    }

    /// <summary>The output layer of the states that the stack holds of so many sequences: [P, count, O padded].</summary>
    private Span<T> Answer(TaskShape shape, int count)
    {
        var rows = shape.LossSteps * count;
        AlignedBuffer<T>.Reserve(ref states, (long)rows * columns);
        AlignedBuffer<T>.Reserve(ref answers, (long)rows * answerColumns);
        if (shape.LossSteps == 1) network.Stack.ReadLast(states.Span, columns, 0);
        else network.Stack.ReadEvery(states.Span, columns, count, 0, shape.FirstLossStep);
        Multiply(states.Span, columns, 1, rows, features, across.Span, answerColumns, answers.Span, start.Span);
        return answers.Span;
    }

    public override (double Norm, bool Clipped) Backward()
    {
        if (batch is null) throw new InvalidOperationException("There is no forward pass to go back through.");
        var shape = batch.Shape;
        var rows = shape.LossSteps * batch.Count;
        var z = answers!.Span;
        var intoReadOut = Numbers(gradients[^2]);
        var intoBias = Numbers(gradients[^1]);
        Multiply(z, 1, answerColumns, outputs, rows, states!.Span, columns, into.Span);
        for (var o = 0; o < outputs; o++) into.Span.Slice(o * columns, features).CopyTo(intoReadOut[(o * features)..]);
        intoBias.Clear();
        for (var row = 0; row < rows; row++)
            for (var o = 0; o < outputs; o++) intoBias[o] += z[row * answerColumns + o];

        AlignedBuffer<T>.Reserve(ref back, (long)rows * columns);
        Multiply(z, answerColumns, 1, rows, outputs, along.Span, columns, back.Span);
        network.Stack.Backward(back.Span, columns, shape.LossSteps == 1, network.TakesNorms, shape.LossSteps == 1 ? 0 : shape.FirstLossStep);
        foreach (var gradient in gradients.AsSpan(..^2)) Numbers(gradient).Clear();
        network.AddGradientTo(gradients.AsSpan(..^2).ToArray());
        batch = null;
        return EngineClip.Apply<T>(gradients, spec);
    }

    private static void Multiply(ReadOnlySpan<T> a, int row, int next, int rows, int depth, ReadOnlySpan<T> b, int columns, Span<T> c, ReadOnlySpan<T> start = default)
    {
        if (typeof(T) == typeof(float))
        {
            Product<Lanes256, Vector256<float>, float>.Of(
                MemoryMarshal.Cast<T, float>(a), row, next, rows, depth, MemoryMarshal.Cast<T, float>(b), columns, MemoryMarshal.Cast<T, float>(c), MemoryMarshal.Cast<T, float>(start));
        }
        else
        {
            Product<DoubleLanes, Vector256<double>, double>.Of(
                MemoryMarshal.Cast<T, double>(a), row, next, rows, depth, MemoryMarshal.Cast<T, double>(b), columns, MemoryMarshal.Cast<T, double>(c), MemoryMarshal.Cast<T, double>(start));
        }
    }

    private ReadOnlySpan<T> Converted(float[] inputs)
    {
        if (typeof(T) == typeof(float)) return MemoryMarshal.Cast<float, T>(inputs);
        if (converted.Length < inputs.Length) converted = new T[inputs.Length];
        for (var i = 0; i < inputs.Length; i++) converted[i] = T.CreateTruncating(inputs[i]);
        return converted.AsSpan(0, inputs.Length);
    }

    private static Span<T> Numbers(Tensor tensor) => MemoryMarshal.Cast<byte, T>(tensor.bytes);

    public override void Dispose()
    {
        foreach (var buffer in new[] { across, along, start, into, states, answers, back }) buffer?.Dispose();
        foreach (var gradient in gradients) gradient.Dispose();
    }
}
