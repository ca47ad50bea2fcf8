using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>A checked value of a setting.</summary>
/// <param name="Text">Canonical: equal values have equal texts, whichever way they were written.</param>
/// <param name="Number">The value of numbers, 1 or 0 for switches, else NaN.</param>
/// <param name="Words">The elements of lists, in canonical order.</param>
/// <param name="IsAbsent">Whether the value stands for "not set", such as a clip norm of <c>none</c>.</param>
public sealed record SettingValue(string Text, double Number, IReadOnlyList<string> Words, bool IsAbsent)
{
    /// <summary>Whether a margin is a ratio rather than a difference.</summary>
    public bool IsRatio { get; init; }

    /// <summary>Whole numbers stay well inside the 53 bits that a double holds exactly.</summary>
    public int Whole => checked((int)Number);

    public bool IsOn => Number != 0;

    public static SettingValue OfNumber(double number) => new(Canonical(number), number, [], IsAbsent: false);

    public static SettingValue OfWord(string word) => new(word, double.NaN, [], IsAbsent: false);

    public static SettingValue OfSwitch(bool on) => new(on ? "true" : "false", on ? 1 : 0, [], IsAbsent: false);

    public static SettingValue OfWords(IReadOnlyList<string> words) => new($"[{string.Join(", ", words)}]", double.NaN, words, IsAbsent: false);

    /// <summary>Names may hold any character, so their text is a JSON list.</summary>
    public static SettingValue OfNames(IReadOnlyList<string> names) =>
        new(JsonSerializer.Serialize(names, SpecJson.Default.IReadOnlyListString), double.NaN, names, IsAbsent: false);

    /// <summary>The names that such a text holds; null for another text.</summary>
    public static IReadOnlyList<string>? NamesOf(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (!text.StartsWith("[\"", StringComparison.Ordinal)) return null;
        try
        {
            return JsonSerializer.Deserialize(text, SpecJson.Default.IReadOnlyListString);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static SettingValue Absent(string word) => new(word, double.NaN, [], IsAbsent: true);

    /// <summary>The shortest text that reads back to the same number: whole numbers without a point, small exponents in lower case.</summary>
    public static string Canonical(double number)
    {
        if (number == 0) return "0";
        if (number == Math.Floor(number) && Math.Abs(number) < 1e15) return ((long)number).ToString(CultureInfo.InvariantCulture);
        return number.ToString("R", CultureInfo.InvariantCulture).Replace("E", "e", StringComparison.Ordinal);
    }

    /// <summary>Lists compare by their text.</summary>
    public bool Equals(SettingValue? other) => other is not null && IsAbsent == other.IsAbsent && string.Equals(Text, other.Text, StringComparison.Ordinal);

    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);
}
