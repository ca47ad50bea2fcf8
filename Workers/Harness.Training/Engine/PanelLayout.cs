namespace Harness.Training.Engine;

/// <summary>
/// How weights lie in packed form: panels of a few registers side by side, row k of a panel following row k − 1, so that a tile reads one panel from
/// its start to its end. Where a cell has several blocks (gates), a panel holds the same units of each, and the cell's mathematics finds all gates of a
/// unit in one tile.
/// </summary>
/// <param name="Columns">Columns of each block, a multiple of <paramref name="Lanes"/>.</param>
/// <param name="Lanes">Numbers in a register.</param>
/// <param name="PerPanel">Registers of each block in a panel.</param>
/// <param name="Depth">Rows.</param>
internal sealed record PanelLayout(int Columns, int Lanes, int PerPanel, int Blocks, int Depth)
{
    private int Registers => Columns / Lanes;

    public int Panels => (Registers + PerPanel - 1) / PerPanel;

    /// <summary>Registers of each block in this panel: fewer in the last one.</summary>
    public int Vectors(int panel) => Math.Min(PerPanel, Registers - panel * PerPanel);

    /// <summary>The panel's numbers.</summary>
    public Span<T> Of<T>(Span<T> packed, int panel) => packed.Slice(panel * PerPanel * Lanes * Blocks * Depth, Vectors(panel) * Lanes * Blocks * Depth);

    /// <summary>The first column of the panel within its block.</summary>
    public int First(int panel) => panel * PerPanel * Lanes;

    /// <summary>Where row 0 of a block's column is, and how far it is from row to row.</summary>
    public (int Start, int Stride) Locate(int block, int column)
    {
        var panel = column / (PerPanel * Lanes);
        var (vectors, within) = (Vectors(panel), column % (PerPanel * Lanes));
        return (panel * PerPanel * Lanes * Blocks * Depth + block * vectors * Lanes + within, vectors * Lanes * Blocks);
    }
}
