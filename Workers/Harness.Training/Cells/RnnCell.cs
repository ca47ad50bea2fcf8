using Harness.Training.Engine;
using Harness.Training.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>Elman's network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU in place of tanh (Elman 1990; torch.nn.RNN).</summary>
[CatalogName("rnn")]
internal sealed class RnnCell : RecurrentCell
{
    public override CellLayer CreateLayer(LayerShape shape) => new Layer(shape);

    public override IEngineCell Engine(string? activation) => new RnnEngine(activation);

    public override OnnxOperator Onnx(string? activation) => new("RNN", [0]) { Activations = [NonLinearity(activation) == nn.NonLinearities.ReLU ? "Relu" : "Tanh"] };

    public override IBatchedCell Batched(string? activation) => new ManyModels(NonLinearity(activation));

    public override LibraryStack CreateLibrary(StackShape shape)
    {
        var module = nn.RNN(shape.Input, shape.Hidden, shape.Layers, NonLinearity(shape.Activation), bidirectional: shape.Bidirectional, device: shape.Device, dtype: shape.Dtype);
        return new(module, input => module.call(input), packed => module.call(packed));
    }

    private static nn.NonLinearities NonLinearity(string? activation) => activation switch
    {
        null or "tanh" => nn.NonLinearities.Tanh,
        "relu" => nn.NonLinearities.ReLU,
        _ => throw new ArgumentException($"The rnn cell has no activation '{activation}'; it has tanh and relu.", nameof(activation)),
    };

    private sealed class Layer(LayerShape shape) : CellLayer(shape)
    {
        private readonly RNNCell cell = nn.RNNCell(shape.Input, shape.Hidden, NonLinearity(shape.Activation), device: shape.Device, dtype: shape.Dtype);

        public override IReadOnlyList<NamedWeight> Weights =>
            [new("weight_ih", cell.weight_ih!), new("weight_hh", cell.weight_hh!), new("bias_ih", cell.bias_ih!), new("bias_hh", cell.bias_hh!)];

        public override CellState Step(Tensor x, CellState previous) => new(cell.call(x, previous.H));

        public override void Dispose() => cell.Dispose();
    }

    private sealed class ManyModels(nn.NonLinearities nonLinearity) : IBatchedCell
    {
        public CellState Step(Tensor input, CellState previous, Tensor recurrent, Tensor bias)
        {
            var sum = BatchedProduct.Of(input, previous.H, recurrent);                                              // [K, B, H]
            return new(nonLinearity == nn.NonLinearities.ReLU ? sum.relu() : sum.tanh());
        }
    }
}
