using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What a cell costs: parameters, and milliseconds per training step.</summary>
internal static class CostFigure
{
    public const string Id = "fig-cost";
    private const int Width = 460;
    private const int RowHeight = 26;
    private const int MostRows = 36;

    /// <summary>Values over more than this factor are drawn on a logarithmic axis.</summary>
    private const double LargeSpan = 20;

    public static FigureModel Build(IReadOnlyList<Facet> facets, Texts texts, int number)
    {
        var conditions = facets.SelectMany(f => f.Arms.Select(arm => (Facet: f, Arm: arm, Stats: arm.Statistics))).ToList();
        // A length changes the time of a step, not the parameters: one row per arm and count.
        var counts = conditions.DistinctBy(c => (c.Arm.Label, c.Arm.Condition.Parameters)).ToList();
        var several = counts.Select(c => c.Arm.Label).Distinct(StringComparer.Ordinal).Count() < counts.Count;
        var parameters = counts.Select(c => new Row(several ? c.Facet.Label : "", c.Arm.Label, c.Arm, 0, c.Arm.Condition.Parameters, c.Arm.Condition.Parameters, Numbers.Count(c.Arm.Condition.Parameters)) { IsCount = true }).ToList();
        var times = conditions.Where(c => c.Stats.MillisecondsPerStep is not null).Select(c =>
        {
            var time = c.Stats.MillisecondsPerStep!;
            return new Row(c.Facet.Label, c.Arm.Label, c.Arm, time.Low ?? time.Value, time.Value, time.High ?? time.Value, texts.Milliseconds(Numbers.Short(time.Value)));
        }).ToList();
        var panels = new List<FigurePanel>();
        List<string> notes = [.. conditions.Any(c => c.Stats.IsTimed) ? new[] { texts.TimedNote } : [], .. conditions.Any(c => !c.Stats.IsTimed) ? new[] { texts.SharedMachineNote } : []];
        Add(parameters, texts.ParametersTitle, texts.ParametersAxis);
        Add(times, texts.StepTimeTitle, texts.StepTimeAxis);
        return new(Id, number, texts.CostTitle, Caption(parameters, conditions, facets, texts), panels, TableOf(conditions.Select(c => (c.Arm, c.Stats)), texts), texts.CostHowToRead, notes);

        void Add(List<Row> rows, string title, string axis)
        {
            if (rows.Count == 0) return;
            if (rows.Count > MostRows) notes.Add(texts.RowsLeftOut(title, MostRows, rows.Count));
            var panel = Draw(PanelSelection.Of(rows, MostRows), title, axis, panels.Count, texts);
            panels.Add(new(title, panel, []) { Linear = LinearPanel.Of(panel) });
        }
    }

    private static Panel Draw(IReadOnlyList<Row> rows, string title, string axis, int index, Texts texts)
    {
        // A line of its own for each setting, so that the names of the rows stay short.
        var lines = rows.GroupBy(row => row.Setting, StringComparer.Ordinal)
            .SelectMany(group => group.Select(row => (Heading: (string?)null, Row: (Row?)row)).Prepend((Heading: group.Key, Row: null)).Where(line => line.Row is not null || line.Heading!.Length > 0)).ToList();
        var height = lines.Count * RowHeight + 60;
        var isLogarithmic = rows.All(row => row.Low > 0) && rows.Max(row => row.High) > LargeSpan * rows.Min(row => row.Low);
        var series = lines.Select((line, i) => (line.Row, At: -i)).Where(line => line.Row is not null).Select(line => new PanelSeries(
            line.Row!.Arm.Key, line.Row.Arm.Style,
            line.Row.High > line.Row.Low ? [new(line.Row.IsCount ? StrokeRole.Bar : StrokeRole.Interval, [new(X(line.Row.Low), line.At), new(X(line.Row.High), line.At)])] : [],
            null, [new(line.Row.Arm.Style.Marker, X(line.Row.Value), line.At)], null)).ToList();
        var scale = isLogarithmic ? AxisScale.Logarithmic(axis, Math.Log10(rows.Min(row => row.Low)) - 0.05, Math.Log10(rows.Max(row => row.High)) + 0.05)
            : AxisScale.Linear(axis, 0, Math.Max(rows.Max(row => row.High) * 1.04, double.Epsilon), 4);
        return new(
            $"{Id}-{index + 1}", texts.PanelTitle(texts.CostTitle, title),
            string.Join("; ", rows.Select(row => $"{(row.Setting.Length == 0 ? "" : row.Setting + ", ")}{row.Label}: {row.Text}")) + ".",
            Width, height, scale,
            new("", -lines.Count + 0.4, 0.6, [.. lines.Select((line, i) => (line, i)).Where(pair => pair.line.Row is not null).Select(pair => new AxisTick(-pair.i, pair.line.Row!.Label))]) { IsNames = true },
            series, [],
            [.. lines.Select((line, i) => line.Row is { } row ? new PanelNote(X(row.High), -i, row.Text) : new PanelNote(scale.Minimum, -i, line.Heading!) { IsHeading = true })]);

        double X(double value) => isLogarithmic ? Math.Log10(value) : value;
    }

    private static string Caption(List<Row> parameters, List<(Facet Facet, Arm Arm, TrialStatistics Stats)> conditions, IReadOnlyList<Facet> facets, Texts texts)
    {
        var (fewest, most) = (parameters.MinBy(r => r.Value)!, parameters.MaxBy(r => r.Value)!);
        var sentences = new List<string>
        {
            most.Value > fewest.Value
                ? texts.ParametersSentence(most.Label, most.Text, Numbers.Short(most.Value / fewest.Value), fewest.Label, fewest.Text)
                : texts.EqualParameters(fewest.Text),
        };
        // Times of different lengths are not compared: within the last facet, which is the largest.
        var times = conditions.Where(c => c.Facet == facets[^1] && c.Stats.MillisecondsPerStep is not null)
            .OrderBy(c => c.Stats.MillisecondsPerStep!.Value)
            .Select(c => texts.StepTimeClause(c.Arm.Label, texts.Milliseconds(Numbers.Short(c.Stats.MillisecondsPerStep!.Value)), c.Stats.MillisecondsPerStep.Count)).ToList();
        if (times.Count > 0) sentences.Add(texts.StepTimeSentence(facets[^1].Label, times));

        return string.Join(" ", sentences);
    }

    private static Table TableOf(IEnumerable<(Arm Arm, TrialStatistics Stats)> conditions, Texts texts) =>
        new(Id + "-table", texts.CostTableCaption,
        [
            new(texts.Condition), new(texts.Parameters, true, texts.RecurrentLayers), new(texts.ParametersTotal, true, texts.WithReadOut),
            new(texts.StepTime, true, texts.MedianAndInterval), new(texts.SequencesPerSecond, true, texts.MedianAndInterval), new(texts.Seeds, true, texts.Finished),
        ],
        [
            .. conditions.Select(c => new TableRow(null,
            [
                new(c.Arm.Condition.Label), TableCell.Count(c.Arm.Condition.Parameters), TableCell.Count(c.Arm.Condition.ParametersTotal),
                Estimates.Cell(c.Stats.MillisecondsPerStep, texts), Estimates.Cell(c.Stats.SequencesPerSecond, texts), TableCell.Count(c.Stats.Finished),
            ])),
        ]);

    /// <param name="Setting">Empty when the row needs none.</param>
    private sealed record Row(string Setting, string Label, Arm Arm, double Low, double Value, double High, string Text)
    {
        /// <summary>Whether it is drawn as a bar from zero: a count has no interval.</summary>
        public bool IsCount { get; init; }
    }
}
