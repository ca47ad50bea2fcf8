using Harness.Reports.Formatting;
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
        return Says(estimate) ? texts.WithBounds(value, texts.Bounds(Interval(estimate), estimate.IsRange)) : value;
    }

    /// <summary>With the interval in brackets, for sentences that say once what brackets mean.</summary>
    public static string Short(IntervalEstimate estimate, Texts texts)
    {
        var value = Value(estimate.Value, texts);
        return Says(estimate) ? $"{value} ({Marked(estimate, texts)})" : value;
    }

    public static TableCell Cell(IntervalEstimate? estimate, Texts texts) => estimate is null
        ? new(Numbers.Absent)
        : new(Value(estimate.Value, texts), estimate.Value, Says(estimate) ? Marked(estimate, texts) : estimate.HasInterval ? null : texts.NoInterval(estimate.Count));

    private static string Value(double value, Texts texts) => double.IsPositiveInfinity(value) ? texts.DivergedWord : Numbers.Short(value);

    /// <summary>Whether there is an interval, and not one from infinity to infinity.</summary>
    private static bool Says(IntervalEstimate estimate) => estimate.HasInterval && double.IsFinite(estimate.Low!.Value);

    /// <summary>The interval, or the range by its name: a reader takes bounds without a name for 95 %.</summary>
    private static string Marked(IntervalEstimate estimate, Texts texts) => estimate.IsRange ? texts.Bounds(Interval(estimate), isRange: true) : Interval(estimate);

    private static string Interval(IntervalEstimate estimate) => Numbers.Range(estimate.Low!.Value, estimate.High!.Value);
}
