using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What a training step takes, measured alone on a machine, arm by arm and backend by backend.</summary>
internal static class TimingFigure
{
    public const string Id = "fig-timing";
    private const int Width = 520;
    private const int RowHeight = 24;

    /// <summary>The figure, or null when no timing trial has a result.</summary>
    public static FigureModel? Build(ExperimentResults results, IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var rows = TimedRow.Of(facets);
        if (rows.Count == 0) return null;
        var grouped = rows.GroupBy(row => row.Facet).Select(group => (Facet: group.Key, Rows: group.ToList())).ToList();
        var (shown, left) = FacetSelection.Of(grouped, options.MaximumPanels, group => group.Facet, texts, MetricCatalog.SpeedGroup);
        var speaker = FacetSelection.Speaker(grouped, group => group.Facet, MetricCatalog.SpeedGroup);
        List<string> notes = [texts.TimedNote, .. results.Timings.Where(trial => trial.Result is not null).Select(trial => Machine(trial, texts))];
        if (left is not null) notes.Add(left);
        return new(Id, number, texts.TimingTitle, Caption(speaker.Facet, speaker.Rows, texts), [.. shown.Select((group, i) => Draw(group.Facet, group.Rows, i, texts))],
            TableOf(rows, texts), texts.TimingHowToRead, notes);
    }

    private static FigurePanel Draw(Facet facet, List<TimedRow> rows, int index, Texts texts)
    {
        var (low, high) = (Math.Log10(rows.Min(row => row.Quartiles.First)), Math.Log10(rows.Max(row => row.Quartiles.Third)));
        var margin = Math.Max(0.1, (high - low) * 0.06);
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.TimingTitle, facet.Label),
            string.Join("; ", rows.Select(row => $"{row.Arm.Label}, {row.Path(texts)}: {texts.Milliseconds(Numbers.Short(row.Median))}")) + ".",
            Width, rows.Count * RowHeight + 60,
            AxisScale.Logarithmic(texts.StepTimeAxis, low - margin, high + margin),
            new("", -rows.Count + 0.4, 0.6, [.. rows.Select((row, i) => new AxisTick(-i, $"{row.Arm.Label} · {Short(row)}"))]) { IsNames = true },
            [.. rows.Select((row, i) => new PanelSeries(
                row.Arm.Key, row.Arm.Style,
                [new(StrokeRole.Interval, [new(Math.Log10(row.Quartiles.First), -i), new(Math.Log10(row.Quartiles.Third), -i)])],
                null, [new(row.Arm.Style.Marker, Math.Log10(row.Median), -i)], null))],
            [], [.. rows.Select((row, i) => new PanelNote(Math.Log10(row.Quartiles.Third), -i, texts.Milliseconds(Numbers.Short(row.Median))))]);
        return new(facet.Label, panel, []) { Linear = LinearPanel.Of(panel) };
    }

    private static string Caption(Facet facet, List<TimedRow> rows, Texts texts) => texts.TimingSentence(facet.Label,
        [.. rows.GroupBy(row => row.Arm).Select(arm => texts.TimingClause(arm.Key.Label, [.. arm.OrderBy(row => row.Median).Select(row => (Short(row), texts.Milliseconds(Numbers.Short(row.Median))))]))],
        rows[0].Timing.StepMs.Length);

    private static string Short(TimedRow row) => row.Timed.Threads > 1 ? string.Create(CultureInfo.InvariantCulture, $"{row.Kernel} ×{row.Timed.Threads}") : row.Kernel;

    /// <summary>Where a timing trial ran, and what that machine can do.</summary>
    private static string Machine(TimedTrial trial, Texts texts)
    {
        var result = trial.Result!;
        return texts.TimingMachine(
            trial.Host ?? Numbers.Absent, trial.Processor, result.CalibrationMs.Length,
            Numbers.Short(Quantiles.Median(result.CalibrationMs)), Numbers.Short(Quantiles.Median(result.MultiplyAddGflops)), Numbers.Short(Quantiles.Median(result.MatmulGflops)),
            result.OtherCores is { } others ? Numbers.Plain(Math.Round(others, 2)) : null,
            result.PeakBytes is { } bytes ? Numbers.Count((long)Math.Round(bytes / 1048576.0)) : null);
    }

    private static Table TableOf(IReadOnlyList<TimedRow> rows, Texts texts)
    {
        var hasEnergy = rows.Any(row => row.Timing.JoulesPerStep is not null);
        return new(Id + "-table", texts.TimingTableCaption,
        [
            new(texts.Condition), new(texts.KernelColumn), new(texts.StepTime, true, texts.MedianAndQuartiles),
            new(texts.DataPhase, true, texts.MillisecondsHint), new(texts.ForwardPhase, true, texts.MillisecondsHint), new(texts.BackwardPhase, true, texts.MillisecondsHint), new(texts.UpdatePhase, true, texts.MillisecondsHint),
            new(texts.SequencesPerSecond, true), new(texts.TokensPerSecond, true), new(texts.PeakShare, true, texts.PeakShareHint), new(texts.ProcessorShare, true, texts.ProcessorShareHint),
            .. hasEnergy ? [new TableColumn(texts.JoulesPerStep, true)] : Array.Empty<TableColumn>(),
        ],
        [
            .. rows.Select(row => new TableRow(null,
            [
                new(row.Arm.Condition.Label), new(row.Path(texts)), TableCell.Of(row.Median, Numbers.Range(row.Quartiles.First, row.Quartiles.Third)),
                Phase(row.Timing.DataMs), Phase(row.Timing.ForwardMs), Phase(row.Timing.BackwardMs), Phase(row.Timing.UpdateMs),
                TableCell.Of(row.Arm.Condition.Trial.Train.Batch * 1000 / row.Median), TableCell.Of(row.Timing.TokensPerStep * 1000 / row.Median),
                row.PeakShare is { } share ? new(Numbers.Percent(share), share) : new(Numbers.Absent), TableCell.Of(Quantiles.Median(row.Timing.CpuMs) / row.Median),
                .. hasEnergy ? [TableCell.Of(row.Timing.JoulesPerStep)] : Array.Empty<TableCell>(),
            ])),
        ]);

        static TableCell Phase(double[] rounds) => TableCell.Of(Quantiles.Median(rounds));
    }
}
