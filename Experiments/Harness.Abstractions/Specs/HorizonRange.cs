using System.Globalization;

namespace Harness.Abstractions.Specs;

/// <summary>The rows beyond a window's last that are asked for: one, or every one of a range, all at once.</summary>
/// <param name="First">Rows from the window's last to the first one that is asked for.</param>
/// <param name="Last">Rows to the last one; <paramref name="First"/> where one row is asked for.</param>
public readonly record struct HorizonRange(int First, int Last)
{
    /// <summary>Rows of a range, at most: each is an output of the network.</summary>
    public const int MostSteps = 1_000;

    /// <summary>The task parameter that holds it.</summary>
    public const string Parameter = "horizon";

    private const string Between = "..";

    /// <summary>Answers of a window.</summary>
    public int Count => Last - First + 1;

    /// <summary>Whether several rows are asked for.</summary>
    public bool IsRange => Last > First;

    public static implicit operator HorizonRange(int rows) => new(rows, rows);

    /// <summary>Reads 12, or 1..12; null when it is neither.</summary>
    public static HorizonRange? Parse(string? text)
    {
        var words = text?.Split(Between) ?? [];
        if (words.Length is not (1 or 2) || !TryRead(words[0], out var first)) return null;
        if (words.Length == 1) return first;
        return TryRead(words[1], out var last) && first >= 1 && last > first && (long)last - first < MostSteps ? new HorizonRange(first, last) : null;
    }

    /// <summary>The horizon of a trial's parameters.</summary>
    /// <exception cref="FormatException">There is none, or it is no horizon.</exception>
    public static HorizonRange Of(ParameterSet parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var text = parameters.Text(Parameter);
        return Parse(text) ?? throw new FormatException($"The horizon '{text}' is neither a number of rows nor a range such as 1..12.");
    }

    public override string ToString() => IsRange ? string.Create(CultureInfo.InvariantCulture, $"{First}{Between}{Last}") : First.ToString(CultureInfo.InvariantCulture);

    private static bool TryRead(string word, out int rows) => int.TryParse(word.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out rows);
}
