namespace Harness.Training.Engine;

/// <summary>The sizes of one layer in one direction, and how its rows lie in memory.</summary>
/// <remarks>
/// A row belongs to one sequence at one step and holds what the step reads: [h of the step before | 1 | x], so that recurrence, bias and input are one
/// product, and so are their gradients. What stands beyond H, beyond the batch or beyond a sequence's end is zero and stays so: such rows lack the 1.
/// </remarks>
/// <param name="Input">Features per step, as the weights have them.</param>
/// <param name="Hidden">H.</param>
/// <param name="Blocks">Columns of H that a cell keeps per row, gate by gate.</param>
/// <param name="Below">H of the layer below, of whose directions the input consists; null for the first layer.</param>
internal sealed record LayerSizes(int Input, int Hidden, int Blocks, int? Below)
{
    /// <summary>Numbers in the widest register: every block of columns is a multiple of it, at any width.</summary>
    public const int Padding = 16;

    public static int Padded(int count) => (count + Padding - 1) / Padding * Padding;

    /// <summary>H, padded.</summary>
    public int HiddenColumns { get; } = Padded(Hidden);

    /// <summary>Columns of x: as many as features, or, from the layer below, each direction's H padded.</summary>
    public int InputColumns { get; } = Below is { } below ? Input / below * Padded(below) : Input;

    /// <summary>Columns that a product runs over: h, 1, x.</summary>
    public int Depth => HiddenColumns + 1 + InputColumns;

    /// <summary>Numbers from one row to the next.</summary>
    public int RowLength => Padded(Depth);

    /// <summary>Columns that a cell keeps per row: activated gates, later their derivatives.</summary>
    public int GateColumns => Blocks * HiddenColumns;

    /// <summary>Where a feature stands within x.</summary>
    public int Column(int feature) => Below is { } below ? feature / below * Padded(below) + feature % below : feature;
}
