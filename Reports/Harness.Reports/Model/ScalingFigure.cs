using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>How the time of a step grows with length, hidden size, batch or threads, where one of them varies and nothing else does.</summary>
internal static class ScalingFigure
{
    public const string Id = "fig-scaling";
    private const int Width = 460;
    private const int Height = 280;

    /// <summary>With two sizes a power law fits whatever they are.</summary>
    private const int FewestSizes = 3;

    /// <summary>What can grow: the symbol in the formula, its size, and the arm without it.</summary>
    private static readonly (string Factor, string Symbol, Func<TimingArm, double> Size, Func<TimingArm, TimingArm> Without)[] growing =
    [
        ("length", "T", arm => arm.Step.Task.Length, arm => arm with { Step = arm.Step with { Task = arm.Step.Task with { Length = 0 } } }),
        ("hidden", "H", arm => arm.Step.Model.Hidden, arm => arm with { Step = arm.Step with { Model = arm.Step.Model with { Hidden = 0 } } }),
        ("batch", "B", arm => arm.Step.Train.Batch, arm => arm with { Step = arm.Step with { Train = arm.Step.Train with { Batch = 0 } } }),
        ("threads", "threads", arm => arm.Threads, arm => arm with { Threads = 0 }),
    ];

    /// <summary>The figure, or null when nothing grows alone over three sizes.</summary>
    public static FigureModel? Build(ExperimentResults results, Texts texts, int number)
    {
        var arms = results.Timings.Where(trial => trial.Result is not null).SelectMany(trial => trial.Spec.Arms.Zip(trial.Result!.Arms, (arm, timing) => new Measured(trial.Id, arm, timing))).ToList();
        var curves = growing.SelectMany(factor => arms.GroupBy(measured => (measured.Run, Others: Key(factor.Without(measured.Arm)))).Select(group => Curve.Of(factor.Factor, factor.Symbol, [.. group], factor.Size)).OfType<Curve>()).ToList();
        if (curves.Count == 0) return null;
        var named = curves.GroupBy(curve => curve.Factor, StringComparer.Ordinal).SelectMany(Named).ToList();
        var fastest = named.GroupBy(curve => (curve.Factor, curve.First.Step.Model.Cell)).Select(group => group.MinBy(curve => curve.Points[^1].Median)!).Take(6);
        return new(Id, number, texts.ScalingTitle, texts.ScalingSentence([.. fastest.Select(curve => Clause(curve, texts))]),
            [.. named.GroupBy(curve => curve.Factor, StringComparer.Ordinal).Select((group, i) => Draw([.. group], i, texts))], TableOf(named, texts), texts.ScalingHowToRead, [texts.TimedNote]);
    }

    /// <summary>Names curves by cell and path, and by what else sets curves of one cell and path apart.</summary>
    private static IEnumerable<Curve> Named(IEnumerable<Curve> curves)
    {
        (string Name, Func<TimingArm, string> Value)[] words =
        [
            ("", arm => arm.Step.Task.Kind), ("T=", arm => Numbers.Count(arm.Step.Task.Length)), ("H=", arm => Numbers.Count(arm.Step.Model.Hidden)), ("B=", arm => Numbers.Count(arm.Step.Train.Batch)),
            ("L=", arm => Numbers.Count(arm.Step.Model.Layers)), ("", arm => arm.Step.Dtype.ToString().ToLowerInvariant()), ("", arm => arm.Step.Train.Optimizer.Kind.ToString().ToLowerInvariant()), ("×", arm => Numbers.Count(arm.Threads)),
        ];
        foreach (var group in curves.GroupBy(curve => (curve.First.Step.Model.Cell, curve.First.Step.Model.Kernel)))
        {
            var telling = words.Where(word => group.Select(curve => word.Value(curve.First)).Distinct(StringComparer.Ordinal).Skip(1).Any()).ToList();
            foreach (var curve in group)
                yield return curve with { Label = string.Join(' ', telling.Select(word => word.Name + word.Value(curve.First)).Prepend(CellCatalog.Find(group.Key.Cell)?.DisplayName ?? group.Key.Cell)) };
        }
    }

    private static FigurePanel Draw(List<Curve> curves, int index, Texts texts)
    {
        var (left, right) = (Math.Log10(curves.Min(curve => curve.Points[0].Size)), Math.Log10(curves.Max(curve => curve.Points[^1].Size)));
        var medians = curves.SelectMany(curve => curve.Points).Select(point => Math.Log10(point.Median)).ToList();
        var cells = curves.Select(curve => curve.Label).Distinct(StringComparer.Ordinal).ToList();
        var styles = Palette.For([.. cells.Select(label => curves.First(curve => curve.Label == label).First.Step.Model.Cell)]);
        var title = texts.FactorName(curves[0].Factor);
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.ScalingTitle, title), string.Join(" ", curves.Select(curve => Clause(curve, texts))), Width, Height,
            AxisScale.Logarithmic(title, left - 0.05, right + 0.05), AxisScale.Logarithmic(texts.StepTimeAxis, medians.Min() - 0.1, medians.Max() + 0.1),
            [.. curves.Select(curve => new PanelSeries(curve.Name, Style(curve),
                [new(StrokeRole.Centre, [.. curve.Points.Select(point => new PanelPoint(Math.Log10(point.Size), Math.Log10(point.Median)))])], null,
                [.. curve.Points.Select(point => new PanelMark(Style(curve).Marker, Math.Log10(point.Size), Math.Log10(point.Median)))], curve.Kernel))],
            [], []);
        return new(title, panel, [.. curves.Select(curve => new FigureAnnotation(curve.Name, curve.Name, Style(curve), texts.GrowsAs(curve.Symbol, Value(curve), Interval(curve))))]);

        SeriesStyle Style(Curve curve) => styles[cells.IndexOf(curve.Label)] with
        {
            Marker = curve.First.Step.Model.Kernel switch { KernelPath.Library => MarkerKind.Circle, KernelPath.Cell => MarkerKind.Square, KernelPath.Batched => MarkerKind.Diamond, _ => MarkerKind.Triangle },
        };
    }

    private static string Clause(Curve curve, Texts texts) => texts.GrowsClause(curve.Name, curve.Symbol, Value(curve), Interval(curve));

    private static string Value(Curve curve) => Numbers.Plain(Math.Round(curve.Exponent.Value, 2));

    private static string Interval(Curve curve) => $"{Numbers.Plain(Math.Round(curve.Exponent.Low ?? double.NaN, 2))}, {Numbers.Plain(Math.Round(curve.Exponent.High ?? double.NaN, 2))}";

    private static string Key(TimingArm arm) => string.Create(CultureInfo.InvariantCulture, $"{arm.Id} {arm.Threads}");

    private static Table TableOf(List<Curve> curves, Texts texts) => new(Id + "-table", texts.ScalingTableCaption,
        [new(texts.Arm), new(texts.KernelColumn), new(texts.GrowsWith), new(texts.Sizes), new(texts.Exponent, true, texts.MedianAndInterval), new(texts.StepTimes)],
        [
            .. curves.Select(curve => new TableRow(null,
            [
                new(curve.Label), new(curve.Kernel), new(texts.FactorName(curve.Factor)), new(string.Join(", ", curve.Points.Select(point => Numbers.Plain(point.Size)))),
                TableCell.Of(curve.Exponent.Value, curve.Exponent is { Low: { } low, High: { } high } ? Numbers.Range(low, high) : null), new(string.Join(", ", curve.Points.Select(point => Numbers.Short(point.Median)))),
            ])),
        ]);

    private sealed record Measured(string Run, TimingArm Arm, ArmTiming Timing);

    /// <param name="First">The arm of the smallest size.</param>
    /// <param name="Points">Ascending.</param>
    private sealed record Curve(string Factor, string Symbol, TimingArm First, IReadOnlyList<(double Size, double Median)> Points, IntervalEstimate Exponent)
    {
        public string Label { get; init; } = "";

        public string Kernel => First.Step.Model.Kernel.ToString().ToLowerInvariant();

        public string Name => $"{Label} · {Kernel}";

        public static Curve? Of(string factor, string symbol, IReadOnlyList<Measured> arms, Func<TimingArm, double> size)
        {
            Measured[] ordered = [.. arms.OrderBy(measured => size(measured.Arm))];
            if (ordered.Length < FewestSizes) return null;
            double[] sizes = [.. ordered.Select(measured => size(measured.Arm))];
            var rounds = ordered.Min(measured => measured.Timing.StepMs.Length);
            return new(factor, symbol, ordered[0].Arm, [.. ordered.Select((measured, i) => (sizes[i], Quantiles.Median(measured.Timing.StepMs)))],
                PowerLaw.Exponent(sizes, [.. Enumerable.Range(0, rounds).Select(round => (IReadOnlyList<double>)[.. ordered.Select(measured => measured.Timing.StepMs[round])])]));
        }
    }
}
