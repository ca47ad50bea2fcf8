using System.Globalization;
using Harness.Abstractions.Claims;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>What decides a claim.</summary>
public enum ClaimReplication
{
    /// <summary>Nothing random: parameters are counted.</summary>
    Counted,

    /// <summary>Rounds of timing trials.</summary>
    Rounds,

    /// <summary>Seeds.</summary>
    Seeds,
}

/// <summary>Whether an experiment has enough seeds to decide a claim, known before any training.</summary>
/// <param name="Replicates">Seeds or rounds; 0 for what is counted.</param>
/// <param name="Family">How many claims Holm's correction counts.</param>
/// <param name="SmallestP">The smallest corrected p that so many replicates can give.</param>
/// <param name="SmallestReplicates">The smallest number that can decide the claim.</param>
/// <param name="Effect">What is found with 80 % power, on the scale of <paramref name="Scale"/>; null where that depends on the data.</param>
public sealed record ClaimPower(ClaimReplication Replication, int Replicates, int Family, double SmallestP, int SmallestReplicates, double? Effect, PowerScale Scale)
{
    /// <summary>Family-wise level of the report's verdicts.</summary>
    public const double Level = 0.05;

    /// <summary>Fewer give no interval.</summary>
    private const int FewestSeeds = 3;

    private const int MostSeeds = 1000;

    /// <summary>Seeds at the first look that can decide a claim of its family; null where the number of seeds is fixed.</summary>
    public int? FirstLook { get; init; }

    public bool CanDecide => SmallestP <= Level && (Replication != ClaimReplication.Seeds || Replicates >= FewestSeeds);

    /// <summary>The power of each claim of an experiment.</summary>
    /// <param name="rounds">Rounds of its timing trials; null without.</param>
    /// <param name="conditions">Its conditions: whether a loss is in nats depends on the task. Without them, none is.</param>
    /// <param name="looks">Seeds at each look, ascending; null where their number is fixed.</param>
    public static IReadOnlyList<ClaimPower> Of(IReadOnlyList<ClaimSpec> claims, int seeds, int? rounds, IReadOnlyList<Condition>? conditions = null, IReadOnlyList<int>? looks = null)
    {
        var family = Math.Max(1, claims.Count(claim => !IsCounted(claim)));
        var decisive = looks is null ? null : LookSchedule.FirstDecisive(family, looks);
        return [.. claims.Select(claim => Of(claim, seeds, rounds, family, IsInNats(claim, conditions ?? [])) with { FirstLook = decisive })];
    }

    /// <summary>In words, e.g. <c>8 seeds find a difference of 1.2 standard deviations between seeds with 80 % power</c>.</summary>
    public string Words => Replication switch
    {
        ClaimReplication.Counted => "counted exactly, needs no seeds",
        ClaimReplication.Rounds => $"decided by {Count(Replicates, "timing round")}",
        _ when !CanDecide => $"{Count(Replicates, "seed")} cannot decide it, {SmallestReplicates} can ({Count(Family, "claim")} tested)",
        _ when FirstLook is { } first => Effect is { } found ? $"can be decided from {Count(first, "seed")} on; {Count(Replicates, "seed")} {Found(found)} with 80 % power if it is looked at once" : $"can be decided from {Count(first, "seed")} on",
        _ when Effect is { } effect => $"{Count(Replicates, "seed")} {Found(effect)} with 80 % power; {SmallestReplicates} can decide it",
        _ => $"{Count(Replicates, "seed")} can decide it; so can {SmallestReplicates}",
    };

    private static ClaimPower Of(ClaimSpec claim, int seeds, int? rounds, int family, bool isInNats)
    {
        if (IsCounted(claim)) return new(ClaimReplication.Counted, 0, family, 0, 0, null, PowerScale.None);
        Func<int, double> floor = claim switch
        {
            // Two groups of n: one of C(2n, n) divisions, and its mirror image, is the most extreme.
            ComparisonClaim { On: MetricCatalog.Solved } or ComparisonClaim { On: MetricCatalog.StepsToTarget, ByFactor: null, ByAmount: null } => n => 2 / Binomial.Choose(2 * n, n),
            ThresholdClaim { On: MetricCatalog.Solved } threshold => n => AllOrNone(threshold, n),
            // One of two one-sided tests.
            EquivalenceClaim => n => PairedPower.SmallestP(n) / 2,
            _ => PairedPower.SmallestP,
        };
        var enough = Enumerable.Range(FewestSeeds, MostSeeds).FirstOrDefault(n => floor(n) * family <= Level, MostSeeds);
        if (rounds is { } measured && MetricCatalog.IsIn(claim.On, MetricCatalog.SpeedGroup))
            return new(ClaimReplication.Rounds, measured, family, Math.Min(1, floor(measured) * family), enough, null, PowerScale.None);
        var (effect, scale) = seeds < enough ? (null, PowerScale.None) : Detectable(claim, seeds, Level / family, isInNats);
        return new(ClaimReplication.Seeds, seeds, family, Math.Min(1, floor(seeds) * family), enough, effect, scale);
    }

    private static bool IsCounted(ClaimSpec claim) => claim.On == MetricCatalog.Parameters;

    private static bool IsInNats(ClaimSpec claim, IReadOnlyList<Condition> conditions) =>
        ClaimPairing.Settings(claim, conditions).Any(setting => NatsScale.Applies(claim.On, setting.Conditions[0].Trial.Task));

    private static (double?, PowerScale) Detectable(ClaimSpec claim, int seeds, double level, bool isInNats) => claim switch
    {
        ComparisonClaim { On: MetricCatalog.Solved } => (Share(seeds, level), PowerScale.Share),
        // A log-rank test's power depends on when seeds reach the target, a binomial test's on the threshold.
        ComparisonClaim { On: MetricCatalog.StepsToTarget, ByFactor: null, ByAmount: null } or ThresholdClaim { On: MetricCatalog.Solved } => (null, PowerScale.None),
        EquivalenceClaim when isInNats => (Spread(NatsScale.Margin, seeds, level), PowerScale.Nats),
        EquivalenceClaim { WithinFactor: > 1 } equivalence => (Spread(Math.Log(equivalence.WithinFactor), seeds, level), PowerScale.Spread),
        ThresholdClaim => (PairedPower.Sign(seeds, level), PowerScale.Deviations),
        _ => (PairedPower.SignedRank(seeds, level), PowerScale.Deviations),
    };

    /// <summary>The largest standard deviation of paired differences, or log ratios, at which arms that are equal are found to be: both one-sided tests need 90 % power each.</summary>
    private static double Spread(double margin, int n, double level)
    {
        var z = NormalQuantile.Of(1 - level);
        return margin * Math.Sqrt(Math.Max(1, n - z * z / 2)) / (z + NormalQuantile.Of(0.9));
    }

    /// <summary>The smallest share of solved seeds, in steps of 1 %, that is told from none by Fisher's exact test.</summary>
    private static double? Share(int n, double level)
    {
        var needed = Enumerable.Range(0, n + 1).FirstOrDefault(solved => 2 * Binomial.Choose(n, solved) / Binomial.Choose(2 * n, solved) <= level, n + 1);
        for (var percent = 1; percent <= 100; percent++)
        {
            var share = percent / 100.0;
            if (Binomial.AtLeast(needed, n, share) >= PairedPower.Wanted) return share;
        }

        return null;
    }

    private static double AllOrNone(ThresholdClaim claim, int n)
    {
        var share = Math.Clamp(claim.Below ?? claim.Above ?? 0, 0, 1);
        return 2 * Math.Min(Math.Pow(share, n), Math.Pow(1 - share, n));
    }

    private string Found(double effect) => Scale switch
    {
        PowerScale.Share => $"tell {(100 * effect).ToString("0", CultureInfo.InvariantCulture)} % solved from none",
        PowerScale.Spread => $"find equal arms equal if paired seeds scatter by less than {(100 * (Math.Exp(effect) - 1)).ToString("0.#", CultureInfo.InvariantCulture)} %",
        PowerScale.Nats => $"find equal arms equal (within {NatsScale.Margin.ToString(CultureInfo.InvariantCulture)} nats) if paired seeds scatter by less than {effect.ToString("0.000", CultureInfo.InvariantCulture)} nats",
        _ => $"find a difference of {effect.ToString("0.0", CultureInfo.InvariantCulture)} standard deviations between seeds",
    };

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}

/// <summary>What an effect that is found with 80 % power is measured in.</summary>
public enum PowerScale
{
    None,

    /// <summary>Standard deviations of the differences between paired seeds, or of seeds where no other arm is involved.</summary>
    Deviations,

    /// <summary>A share of solved seeds, against none of the other arm.</summary>
    Share,

    /// <summary>The largest standard deviation of paired log ratios.</summary>
    Spread,

    /// <summary>The largest standard deviation of paired differences in nats.</summary>
    Nats,
}
