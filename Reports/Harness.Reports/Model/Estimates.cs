using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Estimates as words and table cells; infinity is spelled as what it means.</summary>
internal static class Estimates
{
    public static string Text(IntervalEstimate? estimate, Texts texts)
    {
        if (estimate is null) return Numbers.Absent;
        var value = Value(estimate.Value, texts);
        return Says(estimate) ? texts.WithInterval(value, Interval(estimate)) : value;
    }

    /// <summary>With the interval in brackets, for sentences that say once what brackets mean.</summary>
    public static string Short(IntervalEstimate estimate, Texts texts)
    {
        var value = Value(estimate.Value, texts);
        return Says(estimate) ? $"{value} ({Interval(estimate)})" : value;
    }

    public static TableCell Cell(IntervalEstimate? estimate, Texts texts) => estimate is null
        ? new(Numbers.Absent)
        : new(Value(estimate.Value, texts), estimate.Value, Says(estimate) ? Interval(estimate) : estimate.HasInterval ? null : texts.NoInterval(estimate.Count));

    private static string Value(double value, Texts texts) => double.IsPositiveInfinity(value) ? texts.DivergedWord : Numbers.Short(value);

    /// <summary>Whether there is an interval, and not one from infinity to infinity.</summary>
    private static bool Says(IntervalEstimate estimate) => estimate.HasInterval && double.IsFinite(estimate.Low!.Value);

    private static string Interval(IntervalEstimate estimate) => Numbers.Range(estimate.Low!.Value, estimate.High!.Value);
}
