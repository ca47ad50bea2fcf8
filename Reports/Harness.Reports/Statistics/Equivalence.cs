using MathNet.Numerics.Distributions;

namespace Harness.Reports.Statistics;

/// <param name="P">The larger of the two one-sided p-values; at most α means equivalent.</param>
/// <param name="Low">Lower bound of the ratio's 1 − 2α interval.</param>
/// <param name="High">Upper bound of the ratio's 1 − 2α interval.</param>
internal sealed record EquivalenceResult(double P, double Low, double High);

/// <summary>Equivalence by two one-sided tests (Schuirmann 1987). "Not significantly different" is never read as "equal".</summary>
internal static class Equivalence
{
    /// <summary>TOST for the geometric-mean ratio of paired positive values, within [1/<paramref name="factor"/>, <paramref name="factor"/>].</summary>
    /// <param name="logRatios">ln(a/b) per pair; at least two.</param>
    /// <param name="factor">Largest ratio that still counts as equal, above 1.</param>
    /// <param name="alpha">Level of each one-sided test.</param>
    /// <exception cref="ArgumentException">Fewer than two pairs, or a factor that is not above 1.</exception>
    public static EquivalenceResult PairedRatio(IReadOnlyList<double> logRatios, double factor, double alpha = 0.05)
    {
        if (logRatios.Count < 2) throw new ArgumentException("Equivalence needs at least two pairs.", nameof(logRatios));
        if (!(factor > 1)) throw new ArgumentException($"The margin must be a factor above 1, not {factor}.", nameof(factor));
        var n = logRatios.Count;
        var mean = logRatios.Average();
        var error = Math.Sqrt(logRatios.Sum(v => (v - mean) * (v - mean)) / (n - 1) / n);
        var margin = Math.Log(factor);
        if (error == 0) return new(Math.Abs(mean) < margin ? 0 : 1, Math.Exp(mean), Math.Exp(mean));
        var below = 1 - StudentT.CDF(0, 1, n - 1, (mean + margin) / error);
        var above = StudentT.CDF(0, 1, n - 1, (mean - margin) / error);
        var half = StudentT.InvCDF(0, 1, n - 1, 1 - alpha) * error;
        return new(Math.Max(below, above), Math.Exp(mean - half), Math.Exp(mean + half));
    }
}
