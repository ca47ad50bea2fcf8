
using Harness.Training.Shared;

namespace Harness.Training.Cells;

/// <summary>A causal Transformer in the place of a recurrent network; see <see cref="TransformerNetwork"/>.</summary>
[CatalogName("transformer")]
internal sealed class TransformerCell : RecurrentCell
{
    public override RecurrentNetwork CreateNetwork(StackShape shape) => new TransformerNetwork(shape);

    public override CellLayer CreateLayer(LayerShape shape) => throw new NotSupportedException("A Transformer has no step that hands on a state.");
}
