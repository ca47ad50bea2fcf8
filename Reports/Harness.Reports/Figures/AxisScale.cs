using Harness.Reports.Formatting;

namespace Harness.Reports.Figures;

/// <summary>Axis ranges and round ticks, chosen from the numbers alone.</summary>
internal static class AxisScale
{
    /// <summary>A linear axis from <paramref name="low"/> to <paramref name="high"/> with about <paramref name="count"/> round ticks.</summary>
    public static PanelAxis Linear(string title, double low, double high, int count = 5, Func<double, string>? label = null)
    {
        if (!(high > low)) high = low + 1;
        var step = Round((high - low) / count);
        var ticks = new List<AxisTick>();
        for (var i = (long)Math.Ceiling(low / step - 1e-9); i * step <= high + step * 1e-9; i++)
            ticks.Add(new(i * step, (label ?? Written)(i * step)));
        return new(title, low, high, ticks);
    }

    /// <summary>A logarithmic axis: positions are log10 of the value. Ticks are decades, or 1-2-5 when few decades are shown.</summary>
    /// <param name="low">log10 of the smallest value.</param>
    /// <param name="high">log10 of the largest value.</param>
    public static PanelAxis Logarithmic(string title, double low, double high)
    {
        if (high - low < 0.3)
        {
            var middle = (low + high) / 2;
            (low, high) = (middle - 0.15, middle + 0.15);
        }

        var ticks = high - low < 2.2 ? Fractions(low, high) : Decades(low, high);
        return new(title, low, high, ticks) { IsLogarithmic = true };
    }

    private static List<AxisTick> Decades(double low, double high)
    {
        var step = Math.Max(1, (int)Math.Ceiling((high - low) / 7));
        var ticks = new List<AxisTick>();
        var first = (int)Math.Ceiling(low / step - 1e-9) * step;
        for (var decade = first; decade <= high + 1e-9; decade += step) ticks.Add(new(decade, Numbers.PowerOfTen(decade)));
        return ticks;
    }

    private static List<AxisTick> Fractions(double low, double high)
    {
        double[] parts = high - low < 0.9 ? [1, 1.5, 2, 3, 4, 5, 7] : [1, 2, 5];
        var ticks = new List<AxisTick>();
        for (var decade = (int)Math.Floor(low); decade <= (int)Math.Floor(high); decade++)
        {
            foreach (var part in parts)
            {
                var at = decade + Math.Log10(part);
                if (at >= low - 1e-9 && at <= high + 1e-9)
                    ticks.Add(new(at, decade is < -3 or > 5 ? Numbers.Short(part * Math.Pow(10, decade)) : Label(part, decade)));
            }
        }

        return ticks;

        // Written from the decimal digits: 0.15, not 0.15000000000000002.
        static string Label(double part, int decade) => Written(Math.Round(part * Math.Pow(10, decade), Math.Max(0, 1 - decade)));
    }

    /// <summary>As everywhere in a report: 1,000 with its comma.</summary>
    private static string Written(double value) => Math.Abs(value) >= 1000 && value == Math.Round(value) ? Numbers.Count((long)value) : Numbers.Plain(value);

    /// <summary>The nearest of 1, 2, 5 × 10^k.</summary>
    private static double Round(double rough)
    {
        var unit = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        return unit * (rough / unit) switch { < 1.5 => 1, < 3.2 => 2, < 7.1 => 5, _ => 10 };
    }
}
