using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Engine;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Backends;

/// <summary>A model's forward and backward pass by the native kernels, output layer and loss included; and its evaluation.</summary>
/// <remarks>
/// At the sizes that people compare, what torch does around the recurrence (some fifty small operations and their graph) takes longer than the recurrence.
/// Weights and gradients are torch's tensors, so that draws, checkpoints, evaluations and probes know nothing of this.
/// </remarks>
internal abstract class NativeModel(SequenceModel model) : IDisposable
{
    /// <summary>For a model on the native kernels; null for one on another backend.</summary>
    public static NativeModel? Of(SequenceModel model) => model.Network switch
    {
        EngineNetwork<float> network => new NativeModel<float>(network, model),
        EngineNetwork<double> network => new NativeModel<double>(network, model),
        _ => null,
    };

    /// <summary>The weights, each with its gradient.</summary>
    public IEnumerable<Parameter> Parameters => model.Parameters;

    /// <summary>The loss of a batch: the mean over the answers that are asked for, as <see cref="BatchTensors.Loss"/> has it.</summary>
    public abstract double Forward(SequenceBatch batch, DropoutMasks? dropout);

    /// <summary>Writes the gradients of that loss to the weights.</summary>
    /// <exception cref="InvalidOperationException">No forward pass came before it.</exception>
    public abstract void Backward();

    /// <summary>Clips the gradients as the spec says.</summary>
    /// <returns>As <see cref="GradientClip.InMemory"/>.</returns>
    public abstract (double Norm, bool Clipped) Clip(TrainSpec spec);

    /// <summary>The loss of each sequence of a batch, and whether each is right, without dropout and gradients.</summary>
    /// <remarks>A sequence's numbers do not depend on what else is in the batch, so sums over a set do not depend on how it is cut.</remarks>
    /// <param name="losses">[B]: the sum over the answers that are asked for, and outputs.</param>
    /// <param name="right">[B]: whether every answer that is asked for is the largest; empty for real answers.</param>
    public abstract void EvaluateBatch(SequenceBatch batch, Span<double> losses, Span<bool> right);

    /// <summary>What the model answers, without dropout and gradients.</summary>
    /// <param name="answers">[P, B, O], P the steps that carry loss.</param>
    public abstract void PredictBatch(SequenceBatch batch, Span<double> answers);

    public abstract void Dispose();
}

/// <typeparam name="T">float or double, as the model's dtype says.</typeparam>
internal sealed class NativeModel<T> : NativeModel where T : unmanaged, INumberBase<T>
{
    /// <summary>Sequences at a time where nothing goes back: what is kept of them is about what a training step keeps.</summary>
    private const int Chunk = 64;

    private readonly EngineNetwork<T> network;
    private readonly Tensor outputWeight, outputBias;
    private readonly Tensor[] gradients;                            // in the order of the model's weights, the output layer's last
    private readonly int features, columns, outputs, answerColumns;
    private readonly AlignedBuffer<T> weight, weightTransposed;     // of the output layer: W [O, F padded], Wᵀ [F, O padded]
    private readonly AlignedBuffer<T> bias, weightGradient;         // b [O padded], ∂L/∂W as W
    private AlignedBuffer<T>? hidden, answers, hiddenGradient;      // h [N, F padded], z and then ∂L/∂z [N, O padded], ∂L/∂h as h
    private T[] converted = [];
    private SequenceBatch? batch;

    public NativeModel(EngineNetwork<T> network, SequenceModel model) : base(model)
    {
        this.network = network;
        (outputWeight, outputBias) = (model.Weights[^2].Tensor, model.Weights[^1].Tensor);
        (features, outputs) = ((int)outputWeight.shape[1], (int)outputWeight.shape[0]);
        (columns, answerColumns) = (LayerSizes.Padded(features), LayerSizes.Padded(outputs));
        gradients = [.. model.Weights.Select(parameter => zeros_like(parameter.Tensor, requires_grad: false).DetachFromDisposeScope())];
        foreach (var (parameter, gradient) in model.Weights.Zip(gradients)) parameter.Tensor.grad = gradient;
        (weight, weightTransposed) = (new((long)outputs * columns), new((long)features * answerColumns));
        (bias, weightGradient) = (new(answerColumns), new((long)outputs * columns));
    }

    public override double Forward(SequenceBatch batch, DropoutMasks? dropout)
    {
        this.batch = batch;
        var shape = batch.Shape;
        network.Forward(Converted(batch.Inputs), shape.Steps, batch.Count, batch.IsPadded ? batch.Lengths : null, dropout);
        PackOutputLayer();
        var answered = Answer(shape, batch.Count);
        return shape.Loss == LossKind.CrossEntropy
            ? EngineLoss.CrossEntropy(answered, answerColumns, outputs, batch.Classes)
            : EngineLoss.Squared(answered, answerColumns, outputs, batch.Values);
    }

    public override void EvaluateBatch(SequenceBatch batch, Span<double> losses, Span<bool> right)
    {
        this.batch = null;
        var (shape, lengths) = (batch.Shape, batch.IsPadded ? batch.Lengths : null);
        var inputs = Converted(batch.Inputs);
        network.Pack();
        PackOutputLayer();
        for (var first = 0; first < batch.Count; first += Chunk)
        {
            var count = Math.Min(Chunk, batch.Count - first);
            network.Stack.Forward(inputs, shape.Steps, batch.Count, first, count, lengths, []);
            EngineLoss.BySequence(Answer(shape, count), answerColumns, batch, first, losses.Slice(first, count), right.IsEmpty ? [] : right.Slice(first, count));
        }
    }

    public override void PredictBatch(SequenceBatch batch, Span<double> answers)
    {
        this.batch = null;
        var (shape, lengths) = (batch.Shape, batch.IsPadded ? batch.Lengths : null);
        var inputs = Converted(batch.Inputs);
        network.Pack();
        PackOutputLayer();
        for (var first = 0; first < batch.Count; first += Chunk)
        {
            var count = Math.Min(Chunk, batch.Count - first);
            network.Stack.Forward(inputs, shape.Steps, batch.Count, first, count, lengths, []);
            var rows = Answer(shape, count);
            for (var step = 0; step < shape.LossSteps; step++)
                for (var sequence = 0; sequence < count; sequence++)
                    for (var o = 0; o < outputs; o++)
                        answers[(step * batch.Count + first + sequence) * outputs + o] = double.CreateTruncating(rows[(step * count + sequence) * answerColumns + o]);
        }
    }

    private void PackOutputLayer()
    {
        var values = Numbers(outputWeight);
        var rows = weight.Span;
        var transposed = weightTransposed.Span;
        for (var o = 0; o < outputs; o++)
        {
            values.Slice(o * features, features).CopyTo(rows[(o * columns)..]);
            for (var f = 0; f < features; f++) transposed[f * answerColumns + o] = values[o * features + f];
        }

        Numbers(outputBias).CopyTo(bias.Span);
    }

    /// <summary>The output layer of the states that the stack holds of so many sequences: [P, count, O padded].</summary>
    private Span<T> Answer(TaskShape shape, int count)
    {
        var rows = shape.LossSteps * count;
        AlignedBuffer<T>.Reserve(ref hidden, (long)rows * columns);
        AlignedBuffer<T>.Reserve(ref answers, (long)rows * answerColumns);
        if (shape.LossSteps == 1) network.Stack.ReadLast(hidden.Span, columns, 0);
        else network.Stack.ReadEvery(hidden.Span, columns, count, 0, shape.FirstLossStep);
        Multiply(hidden.Span, columns, 1, rows, features, weightTransposed.Span, answerColumns, answers.Span, bias.Span);
        return answers.Span;
    }

    public override void Backward()
    {
        if (batch is null) throw new InvalidOperationException("There is no forward pass to go back through.");
        var shape = batch.Shape;
        var rows = shape.LossSteps * batch.Count;
        var answerGradient = answers!.Span;
        var outputWeightGradient = Numbers(gradients[^2]);
        var outputBiasGradient = Numbers(gradients[^1]);
        Multiply(answerGradient, 1, answerColumns, outputs, rows, hidden!.Span, columns, weightGradient.Span);
        for (var o = 0; o < outputs; o++) weightGradient.Span.Slice(o * columns, features).CopyTo(outputWeightGradient[(o * features)..]);
        outputBiasGradient.Clear();
        for (var row = 0; row < rows; row++)
            for (var o = 0; o < outputs; o++) outputBiasGradient[o] += answerGradient[row * answerColumns + o];

        AlignedBuffer<T>.Reserve(ref hiddenGradient, (long)rows * columns);
        Multiply(answerGradient, answerColumns, 1, rows, outputs, weight.Span, columns, hiddenGradient.Span);
        network.Stack.Backward(hiddenGradient.Span, columns, shape.LossSteps == 1, network.TakesNorms, shape.LossSteps == 1 ? 0 : shape.FirstLossStep);
        foreach (var gradient in gradients.AsSpan(..^2)) Numbers(gradient).Clear();
        network.AddGradientTo(gradients.AsSpan(..^2).ToArray());
        batch = null;
    }

    public override (double Norm, bool Clipped) Clip(TrainSpec spec) => GradientClip.InMemory<T>(gradients, spec);

    /// <summary>c = a·b, or c = initial + a·b where every row begins as <paramref name="initial"/>.</summary>
    /// <param name="row">Numbers from one row of a to the next.</param>
    /// <param name="next">Numbers from one column of a to the next.</param>
    private static void Multiply(ReadOnlySpan<T> a, int row, int next, int rows, int depth, ReadOnlySpan<T> b, int columns, Span<T> c, ReadOnlySpan<T> initial = default)
    {
        if (typeof(T) == typeof(float))
        {
            Product<Lanes256, Vector256<float>, float>.Of(
                MemoryMarshal.Cast<T, float>(a), row, next, rows, depth, MemoryMarshal.Cast<T, float>(b), columns, MemoryMarshal.Cast<T, float>(c), MemoryMarshal.Cast<T, float>(initial));
        }
        else
        {
            Product<DoubleLanes, Vector256<double>, double>.Of(
                MemoryMarshal.Cast<T, double>(a), row, next, rows, depth, MemoryMarshal.Cast<T, double>(b), columns, MemoryMarshal.Cast<T, double>(c), MemoryMarshal.Cast<T, double>(initial));
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
        foreach (var buffer in new[] { weight, weightTransposed, bias, weightGradient, hidden, answers, hiddenGradient }) buffer?.Dispose();
        foreach (var gradient in gradients) gradient.Dispose();
    }
}
