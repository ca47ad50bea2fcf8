using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>
/// What the gates do over one evaluation sequence: a column per cell with the input above its gates, time from left to right, one row per unit,
/// and the deciding steps as lines through all of them. An example to look at, of one seed;
/// the statistics over all sequences and seeds stand in its table.
/// </summary>
internal static class GatesFigure
{
    public const string Id = "fig-gates";
    private const int Width = 340;
    private const int Height = 150;
    private const int InputHeight = 90;
    private const int TimeAxisHeight = 16;

    private static readonly string[] TimeConstants = [MetricCatalog.TimeConstant10, MetricCatalog.TimeConstant, MetricCatalog.TimeConstant90];

    /// <summary>The figure, or null when no trial kept a trace.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var rows = facets.Select(facet => (Facet: facet, Examples: (List<Example>)[.. facet.Arms.Select(Example.Of).OfType<Example>()])).Where(row => row.Examples.Count > 0).ToList();
        if (rows.Count == 0) return null;
        // Every gate is a panel of its own, so only as many facets are drawn as have room: those first in which the gates have learned something.
        var (chosen, room) = (new List<int>(), 2 * options.MaximumPanels);
        foreach (var index in FacetSelection.ByInterest(rows, row => row.Facet, MetricCatalog.GatesGroup))
        {
            var needed = rows[index].Examples.Sum(example => 1 + example.Shares.Count());
            if (chosen.Count > 0 && needed > room) continue;
            chosen.Add(index);
            room -= needed;
        }

        var speaker = rows[chosen[0]];
        var shown = chosen.Order().Select(index => rows[index]).ToList();

        var panels = new List<FigurePanel>();
        foreach (var (column, (facet, example)) in shown.SelectMany(row => row.Examples.Select(example => (row.Facet, example))).Index())
        {
            List<GateActivity> gates = [.. example.Shares];
            panels.Add(Inputs(facet, example, gates.Count == 0, texts, panels.Count) with { Column = column });
            foreach (var (index, gate) in gates.Index()) panels.Add(Draw(facet, example, gate, index == gates.Count - 1, texts, panels.Count) with { Column = column });
        }

        panels.Add(Scale(texts));
        List<string> notes = [texts.GatesExampleNote(Numbers.Count(speaker.Examples[0].Seed))];
        if (shown.Count < rows.Count) notes.Add(texts.PanelsLeftOut(shown.Count, rows.Count, asked: true));
        return new(Id, number, texts.GatesTitle, Caption(speaker.Facet, speaker.Examples, texts), panels, TableOf(rows, texts), texts.GatesHowToRead, notes);
    }

    /// <param name="isLast">Whether it is the lowest of its column, under which the time axis is named.</param>
    private static FigurePanel Draw(Facet facet, Example example, GateActivity gate, bool isLast, Texts texts, int index)
    {
        var (steps, units) = (example.Trace.Steps.Length, example.Layer.Units.Length);
        var shades = new double[steps * units];
        for (var step = 0; step < steps; step++)
            for (var unit = 0; unit < units; unit++) shades[(units - 1 - unit) * steps + step] = gate.Decode(gate.Values[step * units + unit]);
        var title = Titled(facet, $"{example.Arm.Label} · {texts.Gate(gate.Gate)}");
        return new(title, Framed(title, Sentence(example, gate, texts), Height, example.Trace, texts.UnitsAxis, isLast, index, texts) with { Image = new(steps, units, shades) }, []);
    }

    /// <summary>The sequence above the gates: the same evaluation sequence for every cell of the facet.</summary>
    private static FigurePanel Inputs(Facet facet, Example example, bool isLast, Texts texts, int index)
    {
        var trace = example.Trace;
        var (steps, features) = (trace.Steps.Length, trace.InputSize);
        var shades = new double[steps * features];
        for (var feature = 0; feature < features; feature++)
        {
            var values = Enumerable.Range(0, steps).Select(step => (double)trace.Inputs[step * features + feature]).ToList();
            var (low, high) = (values.Min(), values.Max());
            for (var step = 0; step < steps; step++) shades[(features - 1 - feature) * steps + step] = high > low ? (values[step] - low) / (high - low) : 0;
        }

        var title = Titled(facet, $"{example.Arm.Label} · {texts.InputsTitle}");
        return new(title, Framed(title, texts.InputsSentence(Numbers.Count(features)), InputHeight, trace, texts.FeaturesAxis, isLast, index, texts) with { Image = new(steps, features, shades) }, []);
    }

    private static Panel Framed(string title, string description, int height, GateTrace trace, string axis, bool isLast, int index, Texts texts) => new(
        string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.GatesTitle, title), description, Width, isLast ? height + TimeAxisHeight : height,
        AxisScale.Linear(isLast ? texts.TimeAxis : "", 0, trace.Length), new(axis, 0, 1, []),
        [new("relevant", new SeriesStyle("var(--series-1)", null, MarkerKind.TriangleDown),
            [.. trace.RelevantSteps.Select(step => new PanelStroke(StrokeRole.Interval, [new(step + 0.5, 0), new(step + 0.5, 1)]))], null, [], null)],
        [], []);

    private static FigurePanel Scale(Texts texts) => new(texts.ScaleTitle, new(
        Id + "-scale", texts.ScaleTitle, texts.GateScaleSentence, Width, 62, AxisScale.Linear(texts.GateScaleAxis, 0, 1), new("", 0, 1, []), [], [], [])
    {
        Image = PanelImage.Scale,
    }, []);

    private static string Titled(Facet facet, string title) => facet.Label.Length == 0 ? title : $"{facet.Label} · {title}";

    private static string Caption(Facet facet, List<Example> examples, Texts texts)
    {
        var gates = examples.SelectMany(example => example.Shares.Select(gate => (Name: texts.GateOf(example.Arm.Label, texts.Gate(gate.Gate)), Mean: gate.Values.Average(value => (double)gate.Decode(value))))).OrderBy(gate => gate.Mean).ToList();
        return gates.Count < 2 ? texts.GatesCaption(facet.Label) + " " + string.Join(" ", examples.SelectMany(example => example.Shares.Select(gate => Sentence(example, gate, texts))))
            : texts.GatesCaption(facet.Label) + " " + texts.GatesFinding(gates[^1].Name, Numbers.Short(gates[^1].Mean), gates[0].Name, Numbers.Short(gates[0].Mean));
    }

    private static string Sentence(Example example, GateActivity gate, Texts texts)
    {
        var values = gate.Values.Select(gate.Decode).ToList();
        return texts.GateSentence(example.Arm.Label, texts.Gate(gate.Gate), Numbers.Short(values.Average()),
            Numbers.Percent((double)values.Count(value => value > 0.9) / values.Count), Numbers.Percent((double)values.Count(value => value < 0.1) / values.Count));
    }

    /// <summary>Over all evaluation sequences and seeds, at the last moment that was probed.</summary>
    private static Table TableOf(List<(Facet Facet, List<Example> Examples)> rows, Texts texts)
    {
        var lines = rows.SelectMany(row => row.Examples).SelectMany(example => example.Shares.Select(gate =>
        {
            var keeps = string.Equals(CellCatalog.Find(example.Arm.Condition.Trial.Model.Cell)?.RetentionGate, gate.Gate, StringComparison.Ordinal);
            return new TableRow(null,
            [
                new(example.Arm.Condition.Label), new(texts.Gate(gate.Gate)),
                Last(example.Arm, MetricCatalog.GateClosed(gate.Gate), texts), Last(example.Arm, MetricCatalog.GateOpen(gate.Gate), texts),
                .. TimeConstants.Select(name => keeps ? Last(example.Arm, name, texts) : new(Numbers.Absent)),
            ]);
        }));
        return new(Id + "-table", texts.GatesTableCaption,
        [
            new(texts.Condition), new(texts.GateColumn), new(texts.ClosedColumn, true, texts.MedianAndInterval), new(texts.OpenColumn, true, texts.MedianAndInterval),
            new(texts.TimeConstant("10 %"), true, texts.StepsUnit), new(texts.TimeConstant("50 %"), true, texts.StepsUnit), new(texts.TimeConstant("90 %"), true, texts.StepsUnit),
        ], [.. lines]);
    }

    private static TableCell Last(Arm arm, string metric, Texts texts)
    {
        double[] values = [.. arm.Condition.Trials.Select(trial => trial.Metrics.GetValueOrDefault(metric)).Where(series => series is { Values.Length: > 0 }).Select(series => (double)series!.Values[^1]).Where(double.IsFinite)];
        return values.Length == 0 ? new(Numbers.Absent) : Estimates.Cell(Location.Median(values), texts);
    }

    /// <summary>The last trace of the first seed that has one, of the last layer forwards.</summary>
    private sealed record Example(Arm Arm, long Seed, GateTrace Trace, LayerTrace Layer)
    {
        /// <summary>The gates that are shares between closed and open.</summary>
        public IEnumerable<GateActivity> Shares
        {
            get
            {
                var shares = CellCatalog.Find(Arm.Condition.Trial.Model.Cell)?.Shares.ToHashSet(StringComparer.Ordinal);
                return Layer.Gates.Where(gate => shares?.Contains(gate.Gate) != false);
            }
        }

        public static Example? Of(Arm arm)
        {
            if (arm.Condition.Trials.FirstOrDefault(trial => trial.GateTraces.Count > 0) is not { } trial) return null;
            var trace = trial.GateTraces.MaxBy(trace => trace.Step)!;
            var layer = trace.Layers.Where(layer => !layer.Backwards).MaxBy(layer => layer.Layer);
            return layer is null || trace.Steps.Length == 0 || layer.Units.Length == 0 ? null : new(arm, trial.Seed, trace, layer);
        }
    }
}
