namespace Harness.Training.Engine;

/// <summary>The weights of one layer in one direction, or their gradients, row by row as PyTorch stacks them.</summary>
/// <param name="input">weight_ih [g·H, I].</param>
/// <param name="recurrent">weight_hh [g·H, H].</param>
/// <param name="inputBias">bias_ih [g·H].</param>
/// <param name="recurrentBias">bias_hh [g·H].</param>
internal readonly ref struct LayerWeights<T>(Span<T> input, Span<T> recurrent, Span<T> inputBias, Span<T> recurrentBias) where T : unmanaged
{
    public Span<T> Input { get; } = input;

    public Span<T> Recurrent { get; } = recurrent;

    public Span<T> InputBias { get; } = inputBias;

    public Span<T> RecurrentBias { get; } = recurrentBias;

    /// <exception cref="ArgumentException">A weight has another size than the layer.</exception>
    public void Check(int gates, int inputs, int hidden)
    {
        if (Input.Length != gates * hidden * inputs || Recurrent.Length != gates * hidden * hidden || InputBias.Length != gates * hidden || RecurrentBias.Length != gates * hidden)
            throw new ArgumentException($"A layer of {gates} gates, {inputs} inputs and {hidden} units has weights of other sizes.", nameof(gates));
    }
}
