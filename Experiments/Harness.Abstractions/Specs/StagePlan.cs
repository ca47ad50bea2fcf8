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
/// <param name="Trials">Points per arm and study.</param>
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
