using System.Globalization;

namespace Harness.Abstractions.Specs;

/// <summary>One fold of a rolling origin evaluation: a longer beginning of the series for each, and the stretch that follows it.</summary>
/// <param name="Number">From 1; the last fold ends where the series ends.</param>
/// <param name="Count">Folds in all.</param>
public readonly record struct DataFold(int Number, int Count)
{
    /// <summary>The task parameter that holds it, and the factor that tells conditions of one experiment apart by it.</summary>
    public const string Parameter = "fold";

    /// <summary>Folds of an experiment, at most.</summary>
    public const int Most = 20;

    /// <summary>Percent of the rows that the training part of the first fold has, at least.</summary>
    public const int LeastTraining = 10;

    /// <summary>Reads 2/3; null when it is no fold.</summary>
    public static DataFold? Parse(string? text) =>
        text?.Split('/') is [var number, var count]
        && int.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var which) && int.TryParse(count.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var all)
        && which >= 1 && which <= all && all is >= 2 and <= Most ? new DataFold(which, all) : null;

    /// <summary>The fold of a trial's parameters; null where there are none.</summary>
    public static DataFold? Of(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        return Parse(parameters.Values.GetValueOrDefault(Parameter));
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Count}");
}
