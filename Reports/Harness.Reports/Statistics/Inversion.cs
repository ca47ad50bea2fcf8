namespace Harness.Reports.Statistics;

/// <summary>Confidence bounds from a test: the values that it does not reject.</summary>
internal static class Inversion
{
    /// <summary>What each tail of a 95 % interval holds.</summary>
    public const double Tail = 0.025;

    private const double Precision = 1e-6;

    /// <summary>The lower bound: the largest value that is rejected as too small, to a millionth.</summary>
    /// <param name="above">One-sided p against "not above this value".</param>
    /// <param name="from">A value below the bound, returned when nothing is rejected.</param>
    /// <param name="to">The estimate, which is never rejected.</param>
    /// <param name="decisive">Values that a verdict depends on, tried first: the bound then lies on the side that their p says.</param>
    public static double Lower(Func<double, double> above, double from, double to, IEnumerable<double> decisive)
    {
        var (low, high) = (from, to);
        foreach (var value in decisive.Where(value => value > from && value < to).Order())
        {
            if (above(value) <= Tail) low = value;
            else if (value < high) high = value;
        }

        while (high - low > Precision)
        {
            var middle = (low + high) / 2;
            if (above(middle) <= Tail) low = middle;
            else high = middle;
        }

        return low;
    }

    /// <summary>The upper bound, likewise.</summary>
    /// <param name="below">One-sided p against "not below this value".</param>
    /// <param name="from">The estimate.</param>
    /// <param name="to">A value above the bound, returned when nothing is rejected.</param>
    public static double Upper(Func<double, double> below, double from, double to, IEnumerable<double> decisive) =>
        -Lower(value => below(-value), -to, -from, decisive.Select(value => -value));
}
