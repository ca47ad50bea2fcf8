namespace Harness.Store.Views;

/// <summary>Which events are wanted; null means all.</summary>
/// <param name="Trial">Hash of a trial.</param>
/// <param name="Text">A part of kind, detail, actor, worker or trial, whatever its case.</param>
/// <param name="OnlyPeople">Only what a person or a program asked for.</param>
public sealed record EventFilter(long? Experiment = null, string? Trial = null, string? Kind = null, string? Text = null, bool OnlyPeople = false);

/// <summary>The order of a list of events; anything else than a word of <see cref="Sorts"/> sorts by time.</summary>
public sealed record EventOrder(string? Sort, bool Descending)
{
    public static IReadOnlyList<string> Sorts { get; } = ["when", "kind", "who"];
}

/// <summary>Which experiments are wanted, and in which order; null means all.</summary>
/// <param name="State">running, paused, cancelled or finished.</param>
/// <param name="Text">A part of name or question, whatever its case.</param>
/// <param name="Sort">One of <see cref="Sorts"/>; anything else sorts by number.</param>
public sealed record ExperimentQuery(string? State = null, string? Text = null, string? Sort = null, bool Descending = true)
{
    public static IReadOnlyList<string> Sorts { get; } = ["submitted", "name", "state", "trials", "priority", "finished"];

    public static IReadOnlyList<string> States { get; } = ["running", "paused", "finished", "cancelled"];
}

/// <summary>Which trials of an experiment are wanted, and in which order; null means all.</summary>
/// <param name="Text">A part of condition, failure, worker or device, a seed, or the beginning of a hash.</param>
/// <param name="Levels">Only trials of conditions that have these levels, by factor.</param>
/// <param name="Sort">One of <see cref="Sorts"/>; anything else keeps the plan's order.</param>
public sealed record TrialQuery(string? State = null, string? Text = null, IReadOnlyList<KeyValuePair<string, string>>? Levels = null, string? Sort = null, bool Descending = false)
{
    public static IReadOnlyList<string> Sorts { get; } = ["condition", "state", "seed", "loss", "steps", "ms", "attempts"];

    public bool IsPlain => this is { State: null, Text: null, Levels: null or { Count: 0 }, Sort: null };
}

/// <summary>A page of a list that can be sorted in several ways.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Total">How many there are on all pages.</param>
public sealed record ListPage<T>(IReadOnlyList<T> Items, int Number, int Size, long Total)
{
    public bool HasMore => (long)Number * Size < Total;
}

/// <summary>How the trials of a condition did.</summary>
/// <param name="Finished">Trials with a result, diverged ones too.</param>
/// <param name="MedianLoss">Median of the final losses; null before the first. A diverged trial counts as infinite.</param>
/// <param name="LossOverBaseline">Likewise, each loss divided by its baseline.</param>
public sealed record ConditionPoint(
    int Ordinal, string Label, IReadOnlyDictionary<string, string> Factors, int Trials, int Finished, int Diverged, int Solved, double? MedianLoss, double? LossOverBaseline);

/// <summary>A trial of a condition with its curve of losses.</summary>
/// <param name="Losses">Of the evaluation, else of the training; empty before the first.</param>
public sealed record SeedCurve(long Id, long Seed, string State, string Metric, IReadOnlyList<int> Steps, IReadOnlyList<float> Losses);

/// <summary>The trials before and after one in an experiment's order.</summary>
public sealed record Neighbours(long Experiment, string Name, TrialLink? Previous, TrialLink? Next);

public sealed record TrialLink(long Id, string Label, long Seed);
