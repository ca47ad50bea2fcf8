namespace Harness.Abstractions.Claims;

/// <summary>When claims are looked at while seeds are added, and how much error each look may spend.</summary>
public static class LookSchedule
{
    /// <summary>Two-sided level of a family of claims over all looks.</summary>
    public const double Level = 0.05;

    /// <summary>Fewer seeds than this show too little of how runs scatter to end an experiment.</summary>
    public const int FewestSeeds = 8;

    /// <summary>Seeds after the first look at which the others follow: often at first, when large effects are decided.</summary>
    private static readonly int[] after = [0, 2, 4, 6, 10, 16];

    /// <summary>The error that may have been spent when a share of all seeds is there: the Pocock-type function α·ln(1 + (e − 1)·t) of Lan &amp; DeMets (1983).</summary>
    /// <param name="overall">Two-sided level of all looks together.</param>
    /// <param name="share">Seeds at the look as a share of the most there may be.</param>
    public static double Spent(double overall, double share) => overall * Math.Log(1 + ((Math.E - 1) * share));

    /// <summary>Looks for a family of claims: the first as soon as one of them can be decided, then more and more rarely, and the last.</summary>
    /// <param name="claims">Claims that chance has a part in.</param>
    /// <param name="most">The most seeds there may be.</param>
    public static IReadOnlyList<int> Default(int claims, int most)
    {
        var start = Enumerable.Range(FewestSeeds, Math.Max(0, most - FewestSeeds)).FirstOrDefault(seeds => CanDecide(claims, seeds, 0, most), most);
        return From(start, most);
    }

    /// <summary>Looks that begin with a given number of seeds.</summary>
    public static IReadOnlyList<int> From(int start, int most) => [.. after.Select(more => start + more).Where(seeds => seeds < most), most];

    /// <summary>The first look at which a claim of a family can be decided; null when none can.</summary>
    /// <param name="looks">Seeds at each look, ascending.</param>
    public static int? FirstDecisive(int claims, IReadOnlyList<int> looks)
    {
        ArgumentNullException.ThrowIfNull(looks);
        for (var look = 0; look < looks.Count; look++)
            if (CanDecide(claims, looks[look], look == 0 ? 0 : looks[look - 1], looks[^1])) return looks[look];
        return null;
    }

    /// <summary>Whether the smallest p of paired seeds, 2¹⁻ⁿ, is within the error that the look adds: a lower bound of the level at which it is tested.</summary>
    private static bool CanDecide(int claims, int seeds, int before, int most)
    {
        var level = Level / Math.Max(1, claims);
        return Math.Pow(2, 1 - seeds) <= Spent(level, (double)seeds / most) - Spent(level, (double)before / most);
    }
}
