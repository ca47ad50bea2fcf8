using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Gradient norm by lag and training step, one panel per arm on one scale: where it recovers, where it dies.</summary>
internal static class HeatmapFigure
{
    public const string Id = "fig-recovery";
    private const int Width = 460;
    private const int Height = 260;

    /// <summary>With fewer moments than this two profiles side by side say more.</summary>
    private const int FewestSteps = 4;

    /// <summary>Twelve decades: smaller values have no effect on training.</summary>
    private const double Darkest = -12;

    private static readonly int[] TableLags = [10, 25, 50, 100];

    private const int MostColumns = 160;
    private const int MostRows = 200;

    /// <summary>The figure, or null when no arm was profiled at enough steps.</summary>
    public static FigureModel? Build(IReadOnlyList<Facet> facets, ReportOptions options, Texts texts, int number)
    {
        var fields = facets.SelectMany(facet => facet.Arms.Select(Field.Of)).OfType<Field>().ToList();
        if (fields.Count == 0) return null;
        var lowest = Math.Max(Darkest, Math.Floor(fields.Min(field => field.Lowest)));
        var shown = PanelSelection.Of(fields, options.MaximumPanels);
        var panels = shown.Select((field, index) => Draw(field, lowest, facets.Count > 1, texts, index)).Append(Scale(lowest, texts)).ToList();
        return new(Id, number, texts.HeatmapTitle, Caption(fields, texts), panels, TableOf(fields, texts), texts.HeatmapHowToRead,
            shown.Count < fields.Count ? [texts.PanelsLeftOut(shown.Count, fields.Count, asked: false)] : []);
    }

    private static FigurePanel Draw(Field field, double lowest, bool several, Texts texts, int index)
    {
        var title = several ? field.Arm.Condition.Label : field.Arm.Label;
        var last = field.Steps[^1];
        var (columns, rows) = (Math.Min(MostColumns, Math.Max(field.Steps.Count, 40)), Math.Min(MostRows, field.Lags));
        var shades = new double[columns * rows];
        for (var column = 0; column < columns; column++)
        {
            var step = field.Nearest(last * (column + 0.5) / columns);
            for (var row = 0; row < rows; row++)
            {
                var value = field.Values[step][(int)((long)row * field.Lags / rows)];
                shades[row * columns + column] = double.IsNaN(value) ? double.NaN : (Math.Max(value, lowest) - lowest) / -lowest;
            }
        }

        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.HeatmapTitle, title), Sentence(field, texts), Width, Height,
            AxisScale.Linear(texts.StepAxis, 0, last), AxisScale.Linear(texts.LagAxis, 0, field.Lags), [], [], [])
        {
            Image = new(columns, rows, shades) { Darkest = lowest, Brightest = 0, IsLogarithmic = true },
        };
        return new(title, panel, []);
    }

    private static FigurePanel Scale(double lowest, Texts texts) => new(texts.ScaleTitle, new(
        Id + "-scale", texts.ScaleTitle, texts.ScaleSentence(Numbers.PowerOfTen((int)lowest)), Width, 62,
        AxisScale.Logarithmic(texts.GradientAxis, lowest, 0), new("", 0, 1, []), [], [], [])
    {
        Image = PanelImage.Scale,
    }, []);

    private static string Caption(List<Field> fields, Texts texts) =>
        texts.HeatmapCaption + " " + string.Join(" ", fields.TakeLast(4).Select(field => Sentence(field, texts)));

    private static string Sentence(Field field, Texts texts) => texts.HeatmapSentence(
        field.Arm.Condition.Label, field.HalfLag, Ratio(field, field.Steps[0]), Ratio(field, field.Steps[^1]), field.Seeds);

    private static string Ratio(Field field, int step) => field.Values[step][field.HalfLag] is var value && double.IsNegativeInfinity(value) ? "0" : Numbers.Short(Math.Pow(10, value));

    private static Table TableOf(List<Field> fields, Texts texts)
    {
        int[] lags = [.. TableLags.Where(lag => fields.Exists(field => field.Lags > lag))];
        var rows = fields.SelectMany(field => field.Steps.Select(step => new TableRow(null,
        [
            new(field.Arm.Condition.Label), TableCell.Count(step),
            .. lags.Select(lag => field.Lags > lag ? TableCell.Of(Math.Pow(10, field.Values[step][lag])) : new(Numbers.Absent)),
            TableCell.Count(field.Seeds),
        ])));
        return new(Id + "-table", texts.HeatmapTableCaption,
            [new(texts.Condition), new(texts.Step, true), .. lags.Select(lag => new TableColumn(texts.RatioAtLag(lag), true)), new(texts.Seeds, true)], [.. rows]);
    }

    /// <summary>log10 of the norm relative to lag 0, median over seeds, by step and lag, of the state that carries the memory in the last layer.</summary>
    private sealed record Field(Arm Arm, IReadOnlyList<int> Steps, IReadOnlyDictionary<int, double[]> Values, int Lags, int Seeds)
    {
        public double Lowest => Values.Values.SelectMany(v => v).Where(double.IsFinite).DefaultIfEmpty(-1).Min();

        /// <summary>The lag that sentences speak of: half of the sequence.</summary>
        public int HalfLag => Lags / 2;

        public static Field? Of(Arm arm)
        {
            var profiles = arm.Condition.Trials.SelectMany(trial => trial.Gradients.Select(profile => (trial.Seed, Profile: profile)))
                .Where(p => !p.Profile.Backwards && p.Profile.Norms.Length > 1 && p.Profile.Norms[0] > 0 && double.IsFinite(p.Profile.Norms[0])).ToList();
            if (profiles.Count == 0) return null;
            var (top, state) = (profiles.Max(p => p.Profile.Layer), profiles.Exists(p => p.Profile.State == "c") ? "c" : "h");
            var kept = profiles.Where(p => p.Profile.Layer == top && p.Profile.State == state).ToList();
            var byStep = kept.GroupBy(p => p.Profile.Step).OrderBy(group => group.Key).ToList();
            if (byStep.Count < FewestSteps || byStep[^1].Key == 0) return null;
            var lags = kept.Min(p => p.Profile.Norms.Length);
            return new(arm, [.. byStep.Select(group => group.Key)], byStep.ToDictionary(group => group.Key, group => Medians([.. group.Select(p => p.Profile)], lags)), lags,
                kept.Select(p => p.Seed).Distinct().Count());
        }

        /// <summary>The profiled step that is nearest.</summary>
        public int Nearest(double step) => Steps.MinBy(known => Math.Abs(known - step));

        private static double[] Medians(List<GradientProfile> profiles, int lags) =>
            [.. Enumerable.Range(0, lags).Select(lag => Quantiles.Median([.. profiles.Select(p => Relative(p.Norms[lag], p.Norms[0]))]))];

        private static double Relative(double norm, double first) => norm > 0 ? Math.Log10(norm) - Math.Log10(first) : norm == 0 ? double.NegativeInfinity : double.NaN;
    }
}
