using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;

namespace Harness.Reports.Verdicts;

/// <summary>What one test says about the bounds of a claim.</summary>
/// <param name="Kind">By the 95 % interval, which is the same test inverted.</param>
/// <param name="P">Two-sided p of that statement; 1 when it says nothing.</param>
/// <param name="Open">One-sided p of the statement that is nearest to being decided.</param>
internal sealed record Ruling(VerdictKind Kind, double P, double Open)
{
    /// <summary>
    /// Supported: beyond <paramref name="needed"/>. Contradicted: below <paramref name="refuted"/>. No meaningful difference: inside
    /// ±<paramref name="negligible"/>, for which both sides must be shown (Schuirmann 1987), at p no less than 2¹⁻ⁿ however small the spread.
    /// </summary>
    /// <param name="above">One-sided p against "not above this bound".</param>
    /// <param name="below">One-sided p against "not below this bound".</param>
    /// <param name="negligible">0 where the claim knows no such answer.</param>
    public static Ruling Compare(Func<double, double> above, Func<double, double> below, double needed, double refuted, double negligible, int count)
    {
        var (win, loss) = (above(needed), below(refuted));
        var within = negligible > 0 ? Within(above, below, negligible, count) : 1;
        var open = Math.Min(win, Math.Min(loss, within));
        return win <= Inversion.Tail ? new(VerdictKind.Supported, 2 * win, open)
            : loss <= Inversion.Tail ? new(VerdictKind.Contradicted, 2 * loss, open)
            : within <= Inversion.Tail ? new(VerdictKind.NoMeaningfulDifference, 2 * within, open)
            : new(VerdictKind.Inconclusive, 1, open);
    }

    /// <summary>Supported: inside ±<paramref name="margin"/>. Contradicted: outside.</summary>
    public static Ruling Equal(Func<double, double> above, Func<double, double> below, double margin, int count)
    {
        var within = Within(above, below, margin, count);
        var outside = Math.Min(above(margin), below(-margin));
        var open = Math.Min(within, outside);
        return within <= Inversion.Tail ? new(VerdictKind.Supported, 2 * within, open)
            : outside <= Inversion.Tail ? new(VerdictKind.Contradicted, 2 * outside, open)
            : new(VerdictKind.Inconclusive, 1, open);
    }

    private static double Within(Func<double, double> above, Func<double, double> below, double margin, int count) =>
        Math.Max(Math.Pow(2, -count), Math.Max(above(-margin), below(margin)));
}
