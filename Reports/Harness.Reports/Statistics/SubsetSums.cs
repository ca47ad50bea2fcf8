using MathNet.Numerics;

namespace Harness.Reports.Statistics;

/// <param name="P">The probability.</param>
/// <param name="Error">Its standard error when it was sampled; 0 when it was enumerated.</param>
internal sealed record PermutationP(double P, double Error);

/// <summary>How likely the sum of a random part of some numbers is: the permutation distribution of two-sample score tests.</summary>
internal static class SubsetSums
{
    private const int MostSums = 1 << 16;
    private const int Draws = 20_000;
    private const ulong Seed = 0x10_6B_A4_2026UL;

    /// <summary>
    /// The probability that <paramref name="choose"/> of the scores, all choices equally likely, sum to at least <paramref name="observed"/>.
    /// The sums of two halves are enumerated and matched (Horowitz and Sahni 1974; equal scores count once with their number), which is
    /// exact for up to about 32 scores and for more with ties; else the choices are sampled with a fixed seed.
    /// </summary>
    /// <remarks>Sampled p-values count the observed choice too (Phipson and Smyth 2010), so they are never zero.</remarks>
    public static PermutationP UpperTail(IReadOnlyList<double> scores, int choose, double observed)
    {
        // Sums of the same numbers in another order may differ in the last digits.
        var threshold = observed - 1e-10;
        var groups = scores.GroupBy(score => Math.Round(score, 12)).Select(group => (Score: group.Key, Count: group.Count())).OrderByDescending(group => group.Count).ToList();
        List<(double Score, int Count)> left = [], right = [];
        double sizeLeft = 1, sizeRight = 1;
        foreach (var group in groups)
        {
            if (sizeLeft <= sizeRight)
            {
                left.Add(group);
                sizeLeft *= group.Count + 1;
            }
            else
            {
                right.Add(group);
                sizeRight *= group.Count + 1;
            }
        }

        return Math.Max(sizeLeft, sizeRight) <= MostSums ? new(Matched(left, right, scores.Count, choose, threshold), 0) : Sampled([.. scores], choose, threshold);
    }

    private static double Matched(List<(double Score, int Count)> left, List<(double Score, int Count)> right, int all, int choose, double threshold)
    {
        var (first, second) = (Sums(left, choose), Sums(right, choose));
        double ways = 0;
        for (var chosen = 0; chosen <= choose; chosen++)
        {
            var (small, large) = (first[chosen], second[choose - chosen]);
            if (small.Count == 0 || large.Count == 0) continue;
            small.Sort((x, y) => y.Sum.CompareTo(x.Sum)); // descending
            large.Sort((x, y) => x.Sum.CompareTo(y.Sum)); // ascending
            // From the top of the larger: as the sums of the smaller fall, fewer of the larger suffice.
            var total = large.Sum(sum => sum.Ways);
            var (at, below) = (0, 0.0);
            foreach (var (sum, count) in small)
            {
                while (at < large.Count && sum + large[at].Sum < threshold) below += large[at++].Ways;
                ways += count * (total - below);
            }
        }

        return Math.Min(1, ways / SpecialFunctions.Binomial(all, choose));
    }

    /// <summary>By how many were chosen: each sum with the number of ways to it.</summary>
    private static List<(double Sum, double Ways)>[] Sums(List<(double Score, int Count)> groups, int choose)
    {
        var sums = Enumerable.Range(0, choose + 1).Select(_ => new List<(double Sum, double Ways)>()).ToArray();
        sums[0].Add((0, 1));
        foreach (var (score, count) in groups)
        {
            for (var chosen = choose; chosen >= 1; chosen--)
            {
                for (var taken = 1; taken <= Math.Min(count, chosen); taken++)
                {
                    var ways = SpecialFunctions.Binomial(count, taken);
                    foreach (var (sum, so) in sums[chosen - taken]) sums[chosen].Add((sum + taken * score, so * ways));
                }
            }
        }

        return sums;
    }

    private static PermutationP Sampled(double[] scores, int choose, double threshold)
    {
        var random = new SplitMix64(Seed);
        var more = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            // The first places of a Fisher-Yates shuffle.
            double sum = 0;
            for (var i = 0; i < choose; i++)
            {
                var j = i + random.Below(scores.Length - i);
                (scores[i], scores[j]) = (scores[j], scores[i]);
                sum += scores[i];
            }

            if (sum >= threshold) more++;
        }

        var p = (more + 1.0) / (Draws + 1.0);
        return new(p, Math.Sqrt(p * (1 - p) / Draws));
    }
}
