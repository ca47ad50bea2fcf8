using System.Globalization;
using Harness.Reports.Formatting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard.Parts;

/// <summary>The losses of a condition's seeds over each other, one of them in front: as coordinates of a picture.</summary>
/// <param name="Across">Marks of the horizontal axis, from the left.</param>
/// <param name="Up">Marks of the vertical axis, from the top.</param>
/// <param name="Sentence">What the picture shows, for readers who do not see it.</param>
public sealed record SeedChart(string Metric, IReadOnlyList<SeedLine> Lines, IReadOnlyList<ChartMark> Across, IReadOnlyList<ChartMark> Up, string Sentence)
{
    public const int Width = 720, Height = 260, Left = 64, Right = 12, Top = 10, Bottom = 26;

    /// <summary>Null while no seed has a loss.</summary>
    /// <param name="own">The trial in front.</param>
    internal static SeedChart? Of(IReadOnlyList<SeedCurve> seeds, long own)
    {
        // Curves of another measurement would be on another axis.
        var metric = seeds.FirstOrDefault(seed => seed.Id == own && seed.Losses.Count > 0)?.Metric ?? seeds.FirstOrDefault(seed => seed.Losses.Count > 0)?.Metric;
        var drawn = seeds.Where(seed => seed.Metric == metric && seed.Losses.Any(loss => float.IsFinite(loss) && loss > 0)).ToList();
        if (drawn.Count == 0) return null;
        var scale = LossScale.Of(drawn.SelectMany(seed => seed.Losses).Select(loss => (double)loss), Top, Height - Bottom);
        var steps = Math.Max(1, drawn.Max(seed => seed.Steps[^1]));
        var lines = drawn.Select(seed => new SeedLine(seed.Id, seed.Seed, seed.Id == own, seed.State, PathOf(seed, steps, scale), seed.Losses[^1])).OrderBy(line => line.IsOwn).ToList();
        var front = lines[^1];
        return new(
            metric!, lines, [.. Enumerable.Range(0, 5).Select(at => steps * at / 4).Distinct().Select(step => new ChartMark(X(step, steps), Numbers.Count(step)))], scale.Marks,
            (front.IsOwn ? $"{metric} of seed {front.Seed.ToString(CultureInfo.InvariantCulture)}, {Numbers.Short(front.Last)} at the end, " : $"{metric} ")
            + $"over {Words.Plural(lines.Count(line => !line.IsOwn), "other seed")} that end between {Numbers.Short(lines.Min(line => line.Last))} and {Numbers.Short(lines.Max(line => line.Last))}.");
    }

    private static double X(int step, int steps) => Left + ((double)step / steps * (Width - Left - Right));

    /// <summary>Broken where a loss is no positive number.</summary>
    private static string PathOf(SeedCurve seed, int steps, LossScale scale)
    {
        var path = new System.Text.StringBuilder();
        var isDown = false;
        for (var i = 0; i < seed.Steps.Count; i++)
        {
            var loss = seed.Losses[i];
            if (!float.IsFinite(loss) || loss <= 0)
            {
                isDown = false;
                continue;
            }

            path.Append(CultureInfo.InvariantCulture, $"{(isDown ? 'L' : 'M')}{X(seed.Steps[i], steps):0.#} {scale.At(loss):0.#}");
            isDown = true;
        }

        return path.ToString();
    }
}

/// <param name="Path">As in the attribute d of an SVG path.</param>
public sealed record SeedLine(long Id, long Seed, bool IsOwn, string State, string Path, double Last);

/// <summary>A mark of an axis.</summary>
public sealed record ChartMark(double At, string Text);

/// <summary>A logarithmic axis of losses, from the largest at the top.</summary>
public sealed class LossScale
{
    private readonly double low, high;
    private readonly int top, bottom;

    private LossScale(double low, double high, int top, int bottom) => (this.low, this.high, this.top, this.bottom) = (low, high, top, bottom);

    /// <summary>At whole powers of ten where there are several, else at three values.</summary>
    public IReadOnlyList<ChartMark> Marks
    {
        get
        {
            var powers = Enumerable.Range((int)Math.Ceiling(low), Math.Max(0, (int)Math.Floor(high) - (int)Math.Ceiling(low) + 1)).ToList();
            if (powers.Count < 2) return [.. new[] { high, (low + high) / 2, low }.Select(power => new ChartMark(Place(power), Numbers.Short(Math.Pow(10, power))))];
            var stride = (powers.Count + 6) / 7;
            return [.. powers.Where(power => (power - powers[0]) % stride == 0).Reverse().Select(power => new ChartMark(Place(power), Numbers.PowerOfTen(power)))];
        }
    }

    /// <summary>Around the finite positive ones of some losses, of which there must be one.</summary>
    public static LossScale Of(IEnumerable<double> losses, int top, int bottom)
    {
        var powers = losses.Where(loss => double.IsFinite(loss) && loss > 0).Select(Math.Log10).ToList();
        var (low, high) = (powers.Min(), powers.Max());
        var margin = Math.Max(0.05, (high - low) * 0.04);
        return new(low - margin, high + margin, top, bottom);
    }

    /// <summary>Where a loss stands; one that is infinite stands at the top.</summary>
    public double At(double loss) => double.IsFinite(loss) && loss > 0 ? Place(Math.Log10(loss)) : loss > 0 ? top : bottom;

    private double Place(double power) => bottom - ((power - low) / (high - low) * (bottom - top));
}
