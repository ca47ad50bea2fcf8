using System.Text.Json;
using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>What is done about a cell without a value.</summary>
public enum MissingRule
{
    /// <summary>The file is refused.</summary>
    Refuse,

    /// <summary>The last value before it stands in, the training part's mean where there is none.</summary>
    Forward,

    /// <summary>A straight line between its neighbours stands in; windows that end inside such a gap are left out, for the line knows the future.</summary>
    Interpolate,

    /// <summary>The training part's mean stands in, and a further input says with 1 that the value is missing.</summary>
    Mask,
}

/// <summary>An input that a trained model has, as <see cref="CsvInput"/> describes it.</summary>
public sealed record KnownInput(string Column, string? Word, bool IsFlag);

/// <summary>What of a CSV file is read.</summary>
/// <param name="Separator"><c>comma</c>, <c>semicolon</c>, <c>tab</c>, <c>pipe</c>, <c>space</c>, or <c>detect</c>.</param>
/// <param name="Columns">The inputs, in this order; null for every column that has no other role (without the target, when that is a class).</param>
/// <param name="Target">The column that is asked for.</param>
/// <param name="IsClassification">Whether the target's values are classes rather than numbers.</param>
public sealed record CsvSelection(string Separator, IReadOnlyList<string>? Columns, string Target, bool IsClassification)
{
    /// <summary>The columns that together hold the time of a row; empty where the rows are in order already.</summary>
    public IReadOnlyList<string> Time { get; init; } = [];

    /// <summary>The column that says to which series a row belongs; null for one series.</summary>
    public string? Group { get; init; }

    /// <summary>The column that says train, validation or test; null where the split decides.</summary>
    public string? Part { get; init; }

    /// <summary>Whether every series is one sequence with one answer.</summary>
    public bool IsWhole { get; init; }

    public MissingRule Missing { get; init; }

    /// <summary>What stands for a missing value, beside the empty cell.</summary>
    public IReadOnlyList<string> MissingValues { get; init; } = [];

    /// <summary>Inputs that are words: one 0/1 input for each word of the training part.</summary>
    public IReadOnlyList<string> Categorical { get; init; } = [];

    public bool HasDecimalComma { get; init; }

    /// <summary>Whether digits may stand in groups of three.</summary>
    public bool HasThousands { get; init; }

    /// <summary><c>detect</c>, <c>utf-16</c> or <c>latin-1</c>; see <see cref="DataText"/>.</summary>
    public string Encoding { get; init; } = DataText.Detect;

    public DataSplit Split { get; init; } = new(70, 15, 15);

    /// <summary>The fold that is read; null for the whole file.</summary>
    public DataFold? Fold { get; init; }

    /// <summary>The inputs of a trained model, in order; null where they follow from the file.</summary>
    public IReadOnlyList<KnownInput>? Known { get; init; }

    /// <summary>Whether the target holds answers; else it is any column that is read.</summary>
    public bool HasAnswers { get; init; } = true;

    /// <summary>The same selection for rows that a trained model is applied to: all of them are of one part, and the inputs are the model's.</summary>
    /// <param name="hasAnswers">Without them the target need not be in the file: an input stands in its place.</param>
    public CsvSelection ForModel(IReadOnlyList<KnownInput> known, bool hasAnswers)
    {
        ArgumentNullException.ThrowIfNull(known);
        var selection = this with { Separator = "detect", Part = null, Fold = null, Split = new(0, 100, 0), Known = known, HasAnswers = hasAnswers, Columns = Columns ?? [.. known.Select(input => input.Column).Distinct(StringComparer.Ordinal)] };
        if (hasAnswers) return selection;
        var numbers = selection.Columns.FirstOrDefault(column => !Categorical.Contains(column, StringComparer.Ordinal));
        return selection with { Target = numbers ?? selection.Columns[0], IsClassification = numbers is null };
    }

    /// <summary>The selection that a trial's parameters describe; parameters that older trials lack have their defaults.</summary>
    public static CsvSelection Of(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return new(parameters.Text("separator"), Names("columns"), parameters.Text("target"), parameters.Text("problem") == "classify")
        {
            Time = Names("time") ?? [],
            Group = parameters.Values.GetValueOrDefault("group"),
            Part = parameters.Values.GetValueOrDefault("part"),
            IsWhole = parameters.Values.GetValueOrDefault("sequence") == "whole",
            Missing = RuleOf(parameters.Values.GetValueOrDefault("missing") ?? "refuse"),
            MissingValues = Names("missing_values") ?? [],
            Categorical = Names("categorical") ?? [],
            HasDecimalComma = parameters.Values.GetValueOrDefault("decimal") == "comma",
            HasThousands = parameters.Values.GetValueOrDefault("thousands") == "accept",
            Encoding = parameters.Values.GetValueOrDefault("encoding") ?? DataText.Detect,
            Split = DataSplit.Parse(parameters.Text("split"))!,
            Fold = DataFold.Of(parameters),
        };

        IReadOnlyList<string>? Names(string parameter) =>
            parameters.Values.TryGetValue(parameter, out var text) ? JsonSerializer.Deserialize(text, DataJson.Default.IReadOnlyListString) : null;
    }

    /// <summary>The rule of a word of the experiment file.</summary>
    public static MissingRule RuleOf(string word) => word switch
    {
        "forward" => MissingRule.Forward,
        "interpolate" => MissingRule.Interpolate,
        "mask" => MissingRule.Mask,
        _ => MissingRule.Refuse,
    };
}

[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyList<string>))]
internal sealed partial class DataJson : System.Text.Json.Serialization.JsonSerializerContext;
