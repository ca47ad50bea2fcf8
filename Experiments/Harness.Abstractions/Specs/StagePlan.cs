namespace Harness.Abstractions.Specs;

/// <summary>How an experiment grows: what is decided once the trials known at the start have their results. Stored with the experiment.</summary>
/// <param name="Seeds">The seeds of the trials that verdicts count, in running order.</param>
/// <param name="IsSeedMajor">Whether all conditions of a seed start before the next seed.</param>
public sealed record StagePlan(IReadOnlyList<long> Seeds, bool IsSeedMajor)
{
    /// <summary>What is tuned before verdicts are trained for; null where nothing is.</summary>
    public TuningSpec? Tune { get; init; }

    /// <summary>The number of seeds at each look, ascending; null where all seeds are trained at once.</summary>
    public IReadOnlyList<int>? Looks { get; init; }

    /// <summary>The seeds that verdicts are trained with at first.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public IReadOnlyList<long> FirstSeeds => Looks is { } looks ? [.. Seeds.Take(looks[0])] : Seeds;
}

/// <summary>The search for each arm's best settings. Every arm gets the same number of points.</summary>
/// <param name="Trials">Points per arm and study; with <see cref="Seconds"/> the most that there can be.</param>
/// <param name="Studies">Independent searches.</param>
/// <param name="Seeds">The seeds on which points are tried: equally many per study, study by study, none of them a seed of a verdict.</param>
/// <param name="Sampler">How points were drawn: <c>sobol</c>, <c>random</c> or <c>grid</c>.</param>
/// <param name="Select">The metric that chooses.</param>
/// <param name="Arms">What is tuned by itself.</param>
public sealed record TuningSpec(int Trials, int Studies, IReadOnlyList<long> Seeds, string Sampler, string Select, IReadOnlyList<TunedArm> Arms)
{
    /// <summary>The study that a point belongs to: points are numbered study by study.</summary>
    public int StudyOf(int point) => point / Trials;

    /// <summary>The seeds on which the points of a study are tried.</summary>
    public IEnumerable<long> SeedsOf(int study) => Seeds.Skip(study * (Seeds.Count / Studies)).Take(Seeds.Count / Studies);

    /// <summary>How points that do badly are stopped early; null where every point trains in full.</summary>
    public HalvingSpec? Halving { get; init; }

    /// <summary>Seconds of training that a condition may spend in a study; null where the number of points is the budget.</summary>
    public double? Seconds { get; init; }

    /// <summary>The points of a study with which a search by time begins: one would not tell what a point costs.</summary>
    public const int FirstPoints = 2;

    /// <summary>The points of a study that are tried for certain.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int CertainPoints => Seconds is null ? Trials : FirstPoints;

    /// <summary>How often points are compared.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public int Rungs => Halving?.Rungs ?? 1;

    /// <summary>How many trials a rung has, counted from 0, over all conditions.</summary>
    public int TrialsOn(int rung) => Arms.Sum(arm => arm.Conditions.Count) * Seeds.Count * (Halving?.PointsOf(rung, Trials) ?? CertainPoints);
}

/// <summary>
/// Successive halving (Jamieson &amp; Talwalkar 2016): all points train for a part of the steps, the best of them again for more, and the last ones in full.
/// A point that goes on is trained anew, since its learning rate may follow a schedule over all steps.
/// </summary>
/// <param name="Eta">One in so many points goes on, for so many times the steps.</param>
/// <param name="Rungs">How often points are trained and compared, the last time in full.</param>
public sealed record HalvingSpec(int Eta, int Rungs)
{
    /// <summary>The steps of a trial on a rung, counted from 0, where the condition has <paramref name="steps"/>.</summary>
    public int StepsOf(int rung, int steps)
    {
        for (var above = rung; above < Rungs - 1; above++) steps = Up(steps);
        return steps;
    }

    /// <summary>How many of a study's points reach a rung.</summary>
    public int PointsOf(int rung, int points)
    {
        for (var below = 0; below < rung; below++) points = Up(points);
        return points;
    }

    /// <summary>The share of its steps that a trial takes on a rung: 1 over this.</summary>
    public int PartOf(int rung)
    {
        var part = 1;
        for (var above = rung; above < Rungs - 1; above++) part *= Eta;
        return part;
    }

    private int Up(int number) => (number + Eta - 1) / Eta;
}

/// <summary>Conditions that share one search.</summary>
/// <param name="Label">Names it in the report.</param>
/// <param name="Conditions">Ordinals of its conditions.</param>
/// <param name="Settings">What is searched.</param>
/// <param name="Points">Study by study, a value for each of <paramref name="Settings"/>, as the experiment file would have it.</param>
public sealed record TunedArm(string Label, IReadOnlyList<int> Conditions, IReadOnlyList<TunedSetting> Settings, IReadOnlyList<IReadOnlyList<string>> Points);

/// <param name="Name">Of the setting, as in a matrix: <c>lr</c>.</param>
/// <param name="Low">Smallest value of a range; null for a list of values.</param>
/// <param name="High">Largest value of a range.</param>
/// <param name="Values">The values of a list; null for a range.</param>
public sealed record TunedSetting(string Name, TunedScale Scale, double? Low = null, double? High = null, IReadOnlyList<string>? Values = null);

/// <summary>How the values of a search lie.</summary>
public enum TunedScale
{
    /// <summary>A list.</summary>
    Values,

    /// <summary>A range, evenly.</summary>
    Linear,

    /// <summary>A range, evenly in the logarithm.</summary>
    Log,
}
