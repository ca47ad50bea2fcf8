using System.Globalization;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>The numbers of the gradient figure: every condition, moment, state, layer and direction.</summary>
internal static class GradientTable
{
    private static readonly int[] Lags = [10, 50, 100];

    public static Table Of(IReadOnlyList<GradientTrace> traces, IReadOnlyList<Facet> facets, Texts texts)
    {
        var layers = traces.Any(t => t.Layer > 0);
        var directions = traces.Any(t => t.Backwards);
        var lags = Lags.Where(lag => traces.Any(t => t.Medians.Count > lag)).ToList();
        List<TableColumn> columns =
        [
            new(texts.Condition), new(texts.WhenColumn), new(texts.StateColumn),
            .. layers ? [new TableColumn(texts.LayerColumn, true)] : Array.Empty<TableColumn>(),
            .. directions ? [new TableColumn(texts.DirectionColumn)] : Array.Empty<TableColumn>(),
            new(texts.FactorPerStep, true, texts.MedianAndInterval), new(texts.HalfLifeColumn, true, texts.MedianAndInterval),
            .. lags.Select(lag => new TableColumn(texts.RatioAtLag(lag), true)),
            new(texts.Seeds, true),
        ];
        var rows = traces.OrderBy(t => t.Facet).ThenBy(t => Array.IndexOf([.. facets[t.Facet].Arms], t.Arm)).ThenBy(t => t.Moment).Select(t => new TableRow(null,
        [
            new(t.Arm.Condition.Label), new(texts.Moment(t.Moment)), new(t.State),
            .. layers ? [new TableCell((t.Layer + 1).ToString(CultureInfo.InvariantCulture), t.Layer)] : Array.Empty<TableCell>(),
            .. directions ? [new TableCell(t.Backwards ? texts.Backward : texts.Forward)] : Array.Empty<TableCell>(),
            Factor(t.Slope, texts),
            t.HalfLife is not null ? Estimates.Cell(t.HalfLives, texts) : new(t.Slope is null ? Numbers.Absent : texts.NoDecayWord, double.PositiveInfinity),
            .. lags.Select(lag => t.Medians.Count > lag ? TableCell.Of(Math.Pow(10, t.Medians[lag])) : new(Numbers.Absent)),
            TableCell.Count(t.Seeds.Count),
        ]));
        return new(GradientFigure.Id + "-table", texts.GradientTableCaption, columns, [.. rows]);
    }

    private static TableCell Factor(IntervalEstimate? slope, Texts texts)
    {
        if (slope is null) return new(Numbers.Absent);
        var value = Math.Pow(10, slope.Value);
        return new("×" + Numbers.Short(value), value,
            slope.HasInterval ? Numbers.Range(Math.Pow(10, slope.Low!.Value), Math.Pow(10, slope.High!.Value)) : texts.NoInterval(slope.Count));
    }
}
