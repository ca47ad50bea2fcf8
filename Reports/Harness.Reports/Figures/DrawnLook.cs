namespace Harness.Reports.Figures;

/// <summary>How an element of a role is painted: the same in a page, on paper and in a picture.</summary>
/// <param name="Colour">A variable of the style sheet.</param>
/// <param name="Width">Of the line; null where an area is filled.</param>
/// <param name="Dash">SVG dash array, or null for a solid line.</param>
/// <param name="Opacity">Null where it is opaque.</param>
internal sealed record DrawnLook(string Colour, double? Width, string? Dash = null, double? Opacity = null)
{
    /// <param name="style">Of the series; null for what belongs to none.</param>
    public static DrawnLook Of(DrawnRole role, SeriesStyle? style) => role switch
    {
        DrawnRole.Surface => new("var(--surface)", null),
        DrawnRole.Frame => new("var(--axis)", 1),
        DrawnRole.Grid => new("var(--grid)", 1),
        DrawnRole.Reference => new("var(--muted)", 1.2, "5 4"),
        DrawnRole.Centre => new(style!.Colour, 2.4, style.Dash),
        DrawnRole.Seed => new(style!.Colour, 1, Opacity: 0.3),
        DrawnRole.Interval => new(style!.Colour, 2),
        DrawnRole.Bar => new("var(--axis)", 1),
        DrawnRole.Band => new(style!.Colour, null, Opacity: 0.16),
        _ => new(style!.Colour, 1.6),
    };
}
