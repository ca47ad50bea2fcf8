namespace Harness.Abstractions.Specs;

/// <summary>What a data file holds and what may make a verdict about it worthless.</summary>
/// <param name="Rows">Rows of a series, characters of a text.</param>
/// <param name="Series">How many series they belong to.</param>
/// <param name="Windows">Sequences of training, validation and test.</param>
/// <param name="Independent">How many of them share no row, at most.</param>
public sealed record DataCard(int Rows, int Series, DataWindows Windows, DataWindows Independent)
{
    /// <summary>Rows of the shortest and of the longest series.</summary>
    public int ShortestSeries { get; init; }

    public int LongestSeries { get; init; }

    /// <summary>The column that holds the time; null where there is none.</summary>
    public DataTime? Time { get; init; }

    /// <summary>Values that are missing among inputs and target.</summary>
    public long Missing { get; init; }

    /// <summary>Inputs that never change in the training part, the first few.</summary>
    public IReadOnlyList<string> Constant { get; init; } = [];

    /// <summary>Inputs that repeat another input, as "b = a", the first few.</summary>
    public IReadOnlyList<string> Duplicate { get; init; } = [];

    /// <summary>Each class with its share of the training answers, the most frequent first, the first few; empty for numbers.</summary>
    public IReadOnlyList<ClassShare> Classes { get; init; } = [];

    /// <summary>Characters of validation and test that the vocabulary lacks, as a share; null for series.</summary>
    public double? Unknown { get; init; }

    /// <summary>Share of the validation and test answers outside the range of the training answers; null for classes and texts.</summary>
    public double? Outside { get; init; }

    /// <summary>Mean and standard deviation of the target in the training part, in its own unit; null for classes and texts.</summary>
    public double? TargetMean { get; init; }

    public double? TargetDeviation { get; init; }

    /// <summary>The season that the training part shows, in rows; null where it shows none.</summary>
    public int? Season { get; init; }

    /// <summary>What a reader must know before believing a verdict.</summary>
    public IReadOnlyList<DataWarning> Warnings { get; init; } = [];
}

/// <param name="Column">The name of the column.</param>
/// <param name="From">The first time, as 2016-07-01 or 2016-07-01 13:00, or a plain number.</param>
/// <param name="To">The last one.</param>
/// <param name="Every">The usual time between two rows, as a count of <paramref name="Unit"/>.</param>
/// <param name="Unit"><c>second</c>, <c>minute</c>, <c>hour</c>, <c>day</c>, <c>week</c>, <c>month</c>, <c>quarter</c>, <c>year</c>, or <c>number</c> where times are plain numbers.</param>
/// <param name="Gaps">How often more than one and a half of that passes between two rows.</param>
/// <param name="Absent">About how many rows these gaps lack.</param>
public sealed record DataTime(string Column, string From, string To, double Every, string Unit, int Gaps, long Absent);

public sealed record ClassShare(string Name, double Share);

/// <summary>What may make a verdict worthless.</summary>
public enum DataWarning
{
    /// <summary>The time falls from row to row, and no <c>time</c> was named: training sees the future.</summary>
    NewestFirst,

    /// <summary>A column that is no input tells several series apart, and no <c>group</c> was named: windows cross from one to the next.</summary>
    Interleaved,

    /// <summary>Fewer than 30 independent windows to evaluate on.</summary>
    FewWindows,

    /// <summary>More than a tenth of the answers lie outside what training has seen.</summary>
    OutsideRange,

    /// <summary>A value that looks like a mark for missing ones is read as a number.</summary>
    Sentinel,

    /// <summary>More than 2 % of the characters are unknown.</summary>
    UnknownCharacters,

    /// <summary>Rows are missing from the series.</summary>
    Gaps,

    /// <summary>An input repeats the target's next value.</summary>
    Leak,
}
