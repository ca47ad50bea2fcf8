using Harness.Abstractions.Catalog;
using Harness.Training.Cells;
using Harness.Training.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Example;

/// <summary>
/// Update-gate network (Collins, Sohl-Dickstein &amp; Sussillo 2017, section 2): one gate that keeps the old state or takes the new one.
/// c = tanh(W_c x + U_c h + b_c), g = σ(W_g x + U_g h + b_g), h' = g⊙h + (1−g)⊙c, gate rows stacked g, c.
/// </summary>
[CatalogName("ugrnn")]
internal sealed class UgrnnCell : RecurrentCell
{
    /// <summary>The entry of <see cref="CellCatalog.All"/>.</summary>
    public static CellDefinition Definition { get; } = new("ugrnn", "UGRNN", GateCount: 2, HasCellState: false, RetentionGate: "update",
        Gates: ["update", "candidate"], Activations: [],
        "Update-gate network (Collins, Sohl-Dickstein & Sussillo 2017): one gate keeps the old state or takes the new one.")
    {
        Candidates = ["candidate"],
        Kernels = ["cell"],
    };

    public override CellLayer CreateLayer(LayerShape shape) => new Layer(shape);

    private sealed class Layer(LayerShape shape) : CellLayer(shape)
    {
        // Whatever is in them: the initialiser overwrites every weight.
        private readonly Parameter inputWeight = Weight(shape, 2 * shape.Hidden, shape.Input);
        private readonly Parameter recurrentWeight = Weight(shape, 2 * shape.Hidden, shape.Hidden);
        private readonly Parameter inputBias = Weight(shape, 2 * shape.Hidden);
        private readonly Parameter recurrentBias = Weight(shape, 2 * shape.Hidden);

        public override IReadOnlyList<NamedWeight> Weights =>
            [new("weight_ih", inputWeight), new("weight_hh", recurrentWeight), new("bias_ih", inputBias), new("bias_hh", recurrentBias)];

        public override CellState Step(Tensor x, CellState previous)
        {
            var gates = Gates(x, previous);                                                            // 2 × [B, H]
            return new(gates[0] * previous.H + (1 - gates[0]) * gates[1]);
        }

        public override IReadOnlyList<Tensor> Gates(Tensor x, CellState previous)
        {
            var rows = (InputSide(x, inputWeight, inputBias) + InputSide(previous.H, recurrentWeight, recurrentBias)).chunk(2, 1);
            return [rows[0].sigmoid(), rows[1].tanh()];
        }

        public override void Dispose()
        {
            foreach (var weight in Weights) weight.Tensor.Dispose();
        }
    }
}
