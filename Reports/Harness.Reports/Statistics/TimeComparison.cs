namespace Harness.Reports.Statistics;

/// <summary>
/// How much sooner one group of runs reaches a target than another, up to the budget, by the log-rank test (Mantel 1966): a group's times
/// are made later by an effect until the test cannot tell the groups apart (accelerated failure time; Wei, Ying and Lin 1990). The
/// effect that balances is the estimate, those that the test does not reject are the interval. Runs that never reached the target are
/// censored at the budget: they are counted, and take no part in any ratio.
/// </summary>
/// <remarks>Both groups are cut at the shorter (shifted) budget, so that equal groups are exchangeable and the permutation test exact.</remarks>
internal sealed class TimeComparison
{
    private readonly IReadOnlyList<Waiting> first, second;
    private readonly double budgetFirst, budgetSecond;
    private readonly bool byFactor;
    private readonly Dictionary<(double Effect, int Sign), PermutationP> known = [];

    /// <param name="first">The group whose being sooner counts as positive.</param>
    /// <param name="budgetFirst">What its runs had at most.</param>
    /// <param name="byFactor">Whether effects are ln of a ratio of times, not differences.</param>
    /// <exception cref="ArgumentException">A group is empty.</exception>
    public TimeComparison(IReadOnlyList<Waiting> first, IReadOnlyList<Waiting> second, double budgetFirst, double budgetSecond, bool byFactor)
    {
        if (first.Count == 0 || second.Count == 0) throw new ArgumentException("A comparison needs runs on both sides.", first.Count == 0 ? nameof(first) : nameof(second));
        (this.first, this.second, this.budgetFirst, this.budgetSecond, this.byFactor) = (first, second, budgetFirst, budgetSecond, byFactor);
    }

    /// <summary>One-sided p against "not sooner by more than <paramref name="effect"/>".</summary>
    public PermutationP Above(double effect) => Tail(effect, 1);

    /// <summary>One-sided p against "not sooner by less than <paramref name="effect"/>".</summary>
    public PermutationP Below(double effect) => Tail(effect, -1);

    /// <summary>The effect that balances the groups with its 95 % interval; infinite where a group never gives way within the budget, NaN where no run reached the target.</summary>
    /// <param name="decisive">See <see cref="Inversion.Lower"/>.</param>
    public IntervalEstimate Estimate(IReadOnlyList<double> decisive)
    {
        var candidates = Candidates();
        if (candidates.Count == 0) return new(double.NaN, null, null, Math.Min(first.Count, second.Count)); // nobody ever reached it
        // p is constant between candidates; outside of them nothing changes any more.
        var (from, until) = (candidates[0] - 1, candidates[^1] + 1);
        var balance = candidates.FindIndex(effect => Surplus(effect + 1e-9) <= 1e-10);
        var value = balance < 0 || Cut(candidates[balance] + 1e-9).All(wait => !wait.Observed) && Surplus(candidates[balance] - 1e-9) > 1e-10 ? double.PositiveInfinity
            : Surplus(from) < -1e-10 || balance == 0 && Surplus(from) <= 1e-10 ? double.NegativeInfinity : candidates[balance];
        var middle = double.IsFinite(value) ? value : value > 0 ? until : from;
        var (low, high) = (Inversion.Lower(effect => Above(effect).P, from, middle, decisive), Inversion.Upper(effect => Below(effect).P, middle, until, decisive));
        return new(value, low <= from ? double.NegativeInfinity : low, high >= until ? double.PositiveInfinity : high, Math.Min(first.Count, second.Count));
    }

    private PermutationP Tail(double effect, int sign)
    {
        if (known.TryGetValue((effect, sign), out var found)) return found;
        var scores = Survival.Scores(Cut(effect));
        for (var i = 0; i < scores.Length; i++) scores[i] *= sign;
        return known[(effect, sign)] = SubsetSums.UpperTail(scores, first.Count, scores.Take(first.Count).Sum());
    }

    /// <summary>Events of the first group beyond those expected of it if the effect were true.</summary>
    private double Surplus(double effect) => Survival.Scores(Cut(effect)).Take(first.Count).Sum();

    /// <summary>Both groups, the first made later by the effect, as far as both were watched.</summary>
    private List<Waiting> Cut(double effect)
    {
        var horizon = Math.Min(Later(budgetFirst, effect), budgetSecond);
        return [.. first.Select(wait => wait with { Time = Later(wait.Time, effect) }).Concat(second)
            .Select(wait => wait.Observed && wait.Time <= horizon ? wait : new Waiting(horizon, false))];
    }

    private double Later(double time, double effect) => byFactor ? time * Math.Exp(effect) : time + effect;

    /// <summary>The effects at which the order of two times changes, ascending.</summary>
    private List<double> Candidates()
    {
        double[] mine = [.. first.Where(wait => wait.Observed).Select(wait => wait.Time).Append(budgetFirst).Distinct()];
        double[] theirs = [.. second.Where(wait => wait.Observed).Select(wait => wait.Time).Append(budgetSecond).Distinct()];
        if (mine.Length == 1 && theirs.Length == 1) return [];
        return [.. mine.SelectMany(time => theirs.Select(other => byFactor ? Math.Log(Math.Max(other, 0.5)) - Math.Log(Math.Max(time, 0.5)) : other - time)).Distinct().Order()];
    }
}
