namespace Harness.Training.Cells;

/// <summary>The operator of the ONNX standard that runs a cell over whole sequences (https://onnx.ai/onnx/operators).</summary>
/// <param name="Name">RNN, LSTM or GRU.</param>
/// <param name="GateOrder">For each gate in the operator's order, its place in the rows of the cell's weights.</param>
internal sealed record OnnxOperator(string Name, IReadOnlyList<int> GateOrder)
{
    /// <summary>The activations of one direction; null for the operator's own.</summary>
    public IReadOnlyList<string>? Activations { get; init; }

    /// <summary>Of a GRU: whether the reset gate acts on the recurrent product (PyTorch, cuDNN), or on the state before it (Cho et al. 2014). Null for other cells.</summary>
    public bool? LinearBeforeReset { get; init; }
}
