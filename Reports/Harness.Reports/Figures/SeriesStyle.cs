namespace Harness.Reports.Figures;

public enum MarkerKind
{
    Circle,
    Square,
    Triangle,
    Diamond,

    /// <summary>Where a diverged run ends.</summary>
    Cross,

    /// <summary>A value below the drawn range.</summary>
    TriangleDown,
}

/// <summary>How one series looks: colour, dash and marker together, so that no reader depends on colour alone.</summary>
/// <param name="Colour">Hexadecimal; at least 3:1 against the light and the dark surface, so that one drawing serves both.</param>
/// <param name="Dash">SVG dash array, or null for a solid line.</param>
public sealed record SeriesStyle(string Colour, string? Dash, MarkerKind Marker)
{
    /// <summary>The marker as a character, for lists beside a drawing.</summary>
    public string Glyph => Marker switch
    {
        MarkerKind.Square => "■",
        MarkerKind.Triangle => "▲",
        MarkerKind.Diamond => "◆",
        _ => "●",
    };
}

/// <summary>The product's palette. Distances between its first three colours were measured for protan, deutan and tritan vision.</summary>
public static class Palette
{
    private static readonly Dictionary<string, SeriesStyle> Cells = new(StringComparer.Ordinal)
    {
        ["rnn"] = new("#D55E00", null, MarkerKind.Circle),
        ["lstm"] = new("#0072B2", "8 3", MarkerKind.Square),
        ["gru"] = new("#009E73", "2 3", MarkerKind.Triangle),
    };

    /// <summary>For further arms of the same experiment, in order; they repeat after the last.</summary>
    private static readonly SeriesStyle[] Others =
    [
        new("#CC79A7", "6 2 2 2", MarkerKind.Diamond),
        new("#7F7F7F", "10 4", MarkerKind.Circle),
        new("#8C6BD1", "1 4", MarkerKind.Square),
        new("#A6761D", "12 3 3 3", MarkerKind.Triangle),
        new("#5C8A8A", "4 4", MarkerKind.Diamond),
    ];

    public static IEnumerable<SeriesStyle> All => Cells.Values.Concat(Others);

    /// <summary>One style per arm: the first arm of a cell wears the cell's own style, so that a cell looks alike in every report.</summary>
    /// <param name="cells">The cell of each arm, in the order of the arms.</param>
    public static IReadOnlyList<SeriesStyle> For(IReadOnlyList<string> cells)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        var next = 0;
        return [.. cells.Select(cell => Cells.TryGetValue(cell, out var own) && taken.Add(cell) ? own : Others[next++ % Others.Length])];
    }
}
