using Harness.Training.Engine;
using Harness.Training.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>
/// Gated recurrent unit (Cho et al. 2014) in PyTorch's form, with the reset gate after the recurrent product:
/// n = tanh(W_n x + b_n + r⊙(U_n h + b'_n)), h' = (1−z)⊙n + z⊙h, gate rows stacked r, z, n.
/// </summary>
[CatalogName("gru")]
internal sealed class GruCell : RecurrentCell
{
    public override CellLayer CreateLayer(LayerShape shape) => new Layer(shape);

    public override IEngineCell Engine(string? activation) => new GruEngine();

    /// <summary>The operator's gates are z, r, h.</summary>
    public override OnnxOperator Onnx(string? activation) => new("GRU", [1, 0, 2]) { LinearBeforeReset = true };

    public override IBatchedCell Batched(string? activation) => new ManyModels();

    public override LibraryStack CreateLibrary(StackShape shape)
    {
        var module = nn.GRU(shape.Input, shape.Hidden, shape.Layers, bidirectional: shape.Bidirectional, device: shape.Device, dtype: shape.Dtype);
        return new(module, input => module.call(input), packed => module.call(packed));
    }

    private sealed class Layer(LayerShape shape) : CellLayer(shape)
    {
        private readonly GRUCell cell = nn.GRUCell(shape.Input, shape.Hidden, device: shape.Device, dtype: shape.Dtype);

        public override IReadOnlyList<NamedWeight> Weights =>
            [new("weight_ih", cell.weight_ih!), new("weight_hh", cell.weight_hh!), new("bias_ih", cell.bias_ih!), new("bias_hh", cell.bias_hh!)];

        public override CellState Step(Tensor x, CellState previous) => new(cell.call(x, previous.H));

        public override IReadOnlyList<Tensor> Gates(Tensor x, CellState previous)
        {
            var input = InputSide(x, cell.weight_ih!, cell.bias_ih!).chunk(3, 1);                       // 3 × [B, H]
            var recurrent = InputSide(previous.H, cell.weight_hh!, cell.bias_hh!).chunk(3, 1);          // 3 × [B, H]
            var reset = (input[0] + recurrent[0]).sigmoid();
            var update = (input[1] + recurrent[1]).sigmoid();
            return [reset, update, (input[2] + reset * recurrent[2]).tanh()];
        }

        public override void Dispose() => cell.Dispose();
    }

    private sealed class ManyModels : IBatchedCell
    {
        public bool GatesRecurrentProduct => true;

        public CellState Step(Tensor input, CellState previous, Tensor recurrent, Tensor bias)
        {
            var hidden = previous.H.shape[2];
            var product = BatchedProduct.Of(bias, previous.H, recurrent);                                           // r, z, n: [K, B, 3H]
            var gates = (input.narrow(2, 0, 2 * hidden) + product.narrow(2, 0, 2 * hidden)).sigmoid();    // r, z: [K, B, 2H]
            var (reset, update) = (gates.narrow(2, 0, hidden), gates.narrow(2, hidden, hidden));
            var candidate = (input.narrow(2, 2 * hidden, hidden) + reset * product.narrow(2, 2 * hidden, hidden)).tanh();
            return new(candidate + update * (previous.H - candidate));
        }
    }
}
