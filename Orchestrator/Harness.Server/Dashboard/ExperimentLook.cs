using Harness.Server.Dashboard.Parts;

namespace Harness.Server.Dashboard;

/// <summary>What the page of an experiment shows of its conditions, as its address says.</summary>
/// <param name="From">The first condition whose tiles are shown.</param>
/// <param name="IsMap">Whether conditions are shown by two factors rather than trials as tiles; null where their number decides.</param>
/// <param name="Rows">A factor's name, see <see cref="HeatMap"/>; null where the first one does.</param>
internal sealed record ExperimentLook(int From, bool? IsMap, string? Rows, string? Columns, HeatMeasure Measure)
{
    private const string RowsName = "rows", ColumnsName = "columns", MeasureName = "value", View = "view";

    private static readonly (HeatMeasure Measure, string Word, string Text)[] measures =
        [(HeatMeasure.Loss, "loss", "loss ÷ baseline"), (HeatMeasure.Solved, "solved", "share solved"), (HeatMeasure.Diverged, "diverged", "share diverged"), (HeatMeasure.Done, "done", "share done")];

    public static ExperimentLook Of(HttpContext context, int from)
    {
        var address = ListAddress.Of(context, RowsName, ColumnsName, MeasureName, View);
        return new(Math.Max(0, from), address[View] switch { "map" => true, "tiles" => false, _ => null }, address[RowsName], address[ColumnsName], Array.Find(measures, known => known.Word == address[MeasureName]).Measure);
    }

    /// <summary>The choice of factors above a heat map.</summary>
    /// <param name="factors">Those that vary, with more than one level each.</param>
    public static ListForm Form(HttpContext context, IReadOnlyList<string> factors) => new(ListAddress.Of(context, RowsName, ColumnsName, MeasureName, View), "Heat map",
    [
        new(RowsName, "Rows", null, [.. factors.Select(factor => (factor, factor))]) { Default = factors.ElementAtOrDefault(0) },
        new(ColumnsName, "Columns", null, [.. factors.Select(factor => (factor, factor))]) { Default = factors.ElementAtOrDefault(1) },
        new(MeasureName, "Value", null, [.. measures.Select(measure => (measure.Word, measure.Text))]) { Default = measures[0].Word },
    ])
    { HasSearch = false };
}
