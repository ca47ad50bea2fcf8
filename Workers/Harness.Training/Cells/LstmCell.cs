using Harness.Training.Engine;
using Harness.Training.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>
/// Long short-term memory (Hochreiter &amp; Schmidhuber 1997, with the forget gate of Gers et al. 2000; torch.nn.LSTM):
/// c' = f⊙c + i⊙g, h' = o⊙tanh(c'), gate rows stacked i, f, g, o.
/// </summary>
[CatalogName("lstm")]
internal sealed class LstmCell : RecurrentCell
{
    /// <summary>oneDNN allocates megabytes per training step.</summary>
    public override bool FragmentsMemory => true;

    public override CellLayer CreateLayer(LayerShape shape) => new Layer(shape);

    public override IEngineCell Engine(string? activation) => new LstmEngine();

    /// <summary>The operator's gates are i, o, f, c.</summary>
    public override OnnxOperator Onnx(string? activation) => new("LSTM", [0, 3, 1, 2]);

    public override IBatchedCell Batched(string? activation) => new ManyModels();

    public override LibraryStack CreateLibrary(StackShape shape)
    {
        var module = nn.LSTM(shape.Input, shape.Hidden, shape.Layers, bidirectional: shape.Bidirectional, device: shape.Device, dtype: shape.Dtype);
        return new(
            module,
            input =>
            {
                var (sequence, last, _) = module.call(input);
                return (sequence, last);
            },
            packed =>
            {
                var (sequence, last, _) = module.call(packed);
                return (sequence, last);
            });
    }

    private sealed class Layer(LayerShape shape) : CellLayer(shape)
    {
        private readonly LSTMCell cell = nn.LSTMCell(shape.Input, shape.Hidden, device: shape.Device, dtype: shape.Dtype);

        public override IReadOnlyList<NamedWeight> Weights =>
            [new("weight_ih", cell.weight_ih!), new("weight_hh", cell.weight_hh!), new("bias_ih", cell.bias_ih!), new("bias_hh", cell.bias_hh!)];

        public override CellState InitialState(long batch) => new(Zeros(batch), Zeros(batch));

        public override CellState Step(Tensor x, CellState previous)
        {
            var (h, c) = cell.call(x, (previous.H, previous.C!));
            return new(h, c);
        }

        public override IReadOnlyList<Tensor> Gates(Tensor x, CellState previous)
        {
            var rows = (InputSide(x, cell.weight_ih!, cell.bias_ih!) + InputSide(previous.H, cell.weight_hh!, cell.bias_hh!)).chunk(4, 1); // 4 × [B, H]
            return [rows[0].sigmoid(), rows[1].sigmoid(), rows[2].tanh(), rows[3].sigmoid()];
        }

        public override void Dispose() => cell.Dispose();
    }

    private sealed class ManyModels : IBatchedCell
    {
        public bool HasCellState => true;

        public CellState Step(Tensor input, CellState previous, Tensor recurrent, Tensor bias)
        {
            var rows = BatchedProduct.Of(input, previous.H, recurrent).chunk(4, 2);                                 // i, f, g, o: 4 × [K, B, H]
            var c = rows[1].sigmoid() * previous.C! + rows[0].sigmoid() * rows[2].tanh();
            return new(rows[3].sigmoid() * c.tanh(), c);
        }
    }
}
