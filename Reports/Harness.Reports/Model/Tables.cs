
using Harness.Reports.Formatting;

namespace Harness.Reports.Model;

/// <param name="Numeric">Aligned right and sorted by value.</param>
/// <param name="Hint">What the column means, shown under its name; null when the name says it.</param>
public sealed record TableColumn(string Name, bool Numeric = false, string? Hint = null);

/// <param name="Text">What is shown.</param>
/// <param name="Sort">What a numeric column sorts by; null sorts last.</param>
/// <param name="Detail">A second line in small type: an interval, a remark.</param>
/// <param name="Link">An anchor of the page, without the #.</param>
public sealed record TableCell(string Text, double? Sort = null, string? Detail = null, string? Link = null)
{
    /// <summary>Whether it is the best of those it is compared with, or not set apart from the best.</summary>
    public bool IsBest { get; init; }

    public static TableCell Of(double? value, string? detail = null) => new(Numbers.Short(value), value, detail);

    public static TableCell Count(long? value) => new(value is { } number ? Numbers.Count(number) : Numbers.Absent, value);
}

/// <param name="Id">Anchor of the row, or null.</param>
/// <param name="Cells">The first is the row's header.</param>
/// <param name="Tone">A class for rows that need notice: <c>diverged</c>, <c>failed</c>; else null.</param>
public sealed record TableRow(string? Id, IReadOnlyList<TableCell> Cells, string? Tone = null);

/// <summary>A table of the report: the same component shows every one.</summary>
/// <param name="Sortable">Whether readers may reorder the rows; a list of properties has an order of its own.</param>
public sealed record Table(
    string Id, string Caption, IReadOnlyList<TableColumn> Columns, IReadOnlyList<TableRow> Rows, string? Note = null, bool Sortable = true)
{
    /// <summary>The claims that this table helps to decide.</summary>
    public IReadOnlyList<ClaimLink> Decides { get; init; } = [];
}
