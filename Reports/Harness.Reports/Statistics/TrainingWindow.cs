namespace Harness.Reports.Statistics;

/// <summary>
/// The values of a setting, around the best one, at which an arm trains: those whose loss is within a tenth of the way from the best loss back to the
/// baseline. For an accuracy, within a tenth of the best.
/// </summary>
/// <param name="Best">The best value.</param>
/// <param name="Low">The smallest value of the window that was tried.</param>
/// <param name="High">The largest.</param>
/// <param name="Below">The largest value below the window that was tried; null where the window reaches the end of the search.</param>
/// <param name="Above">The smallest value above it; null likewise.</param>
internal sealed record TrainingWindow(double Best, double Low, double High, double? Below, double? Above)
{
    private const double Tenth = 0.1;

    /// <summary>Decades that the window has at least: between the values tried inside it.</summary>
    public double Least => Math.Log10(High / Low);

    /// <summary>Decades that it has at most: between the values tried outside it; null where it reaches the end of the search.</summary>
    public double? Most => Below is { } below && Above is { } above ? Math.Log10(above / below) : null;

    /// <param name="points">Value and score, smaller is better; +∞ where it did not train.</param>
    /// <param name="baseline">The baseline's score; null where there is none.</param>
    /// <returns>Null where no point did better than the baseline.</returns>
    public static TrainingWindow? Of(IReadOnlyList<(double Value, double Score)> points, double? baseline)
    {
        if (points.Count == 0) return null;
        // Values tried more than once, with other settings beside: the best of them speaks for the value.
        var ordered = points.GroupBy(point => point.Value).Select(group => (Value: group.Key, Score: group.Min(point => point.Score))).OrderBy(point => point.Value).ToArray();
        var best = Array.FindIndex(ordered, point => point.Score == ordered.Min(other => other.Score));
        var score = ordered[best].Score;
        if (double.IsInfinity(score) || (baseline is { } known && score >= known)) return null;
        var enough = score + (Tenth * (baseline is { } worst ? worst - score : Math.Abs(score)));
        var (low, high) = (best, best);
        while (low > 0 && ordered[low - 1].Score <= enough) low--;
        while (high < ordered.Length - 1 && ordered[high + 1].Score <= enough) high++;
        return new(ordered[best].Value, ordered[low].Value, ordered[high].Value, low > 0 ? ordered[low - 1].Value : null, high < ordered.Length - 1 ? ordered[high + 1].Value : null);
    }
}
