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
/// <param name="Colour">A variable of the style sheet, which gives it a value of at least 4.5:1 against the surface of each theme: seeds are thin lines.</param>
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
        ["rnn"] = new("var(--series-1)", null, MarkerKind.Circle),
        ["lstm"] = new("var(--series-2)", "8 3", MarkerKind.Square),
        ["gru"] = new("var(--series-3)", "2 3", MarkerKind.Triangle),
    };

    /// <summary>For further arms of the same experiment, in order; they repeat after the last.</summary>
    private static readonly SeriesStyle[] Others =
    [
        new("var(--series-4)", "6 2 2 2", MarkerKind.Diamond),
        new("var(--series-5)", "10 4", MarkerKind.Circle),
        new("var(--series-6)", "1 4", MarkerKind.Square),
        new("var(--series-7)", "12 3 3 3", MarkerKind.Triangle),
        new("var(--series-8)", "4 4", MarkerKind.Diamond),
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
