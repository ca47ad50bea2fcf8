using System.Globalization;
using Harness.Abstractions.Catalog;

namespace Harness.Data;

/// <summary>How the numbers of a file are written.</summary>
/// <param name="HasDecimalComma">Whether a comma stands before the decimals.</param>
/// <param name="HasThousands">Whether digits may stand in groups of three, parted by the other mark, a blank or an apostrophe.</param>
internal readonly record struct NumberStyle(bool HasDecimalComma, bool HasThousands)
{
    /// <summary>Reads a number; a text without comma and groups is read as experiment files' own numbers are.</summary>
    public bool TryRead(ReadOnlySpan<char> text, out double number)
    {
        if (!HasDecimalComma && !HasThousands) return NumberType.TryRead(text, out number);
        number = 0;
        if (text.Length > 64) return false;
        Span<char> plain = stackalloc char[64];
        var (length, group, groups, isFraction) = (0, 0, 0, false);
        foreach (var c in text)
        {
            if (char.IsAsciiDigit(c))
            {
                if (!isFraction) group++;
            }
            else if (c == (HasDecimalComma ? ',' : '.'))
            {
                if (isFraction || (groups > 0 && group != 3)) return false;
                (isFraction, plain[length++]) = (true, '.');
                continue;
            }
            else if (HasThousands && !isFraction && (c == (HasDecimalComma ? '.' : ',') || c is ' ' or '\'' or '\u00A0' or '\u202F'))
            {
                if (group is 0 or > 3 || (groups > 0 && group != 3)) return false;
                (groups, group) = (groups + 1, 0);
                continue;
            }
            else if (c is not ('+' or '-' or 'e' or 'E'))
            {
                return false;
            }

            plain[length++] = c;
        }

        return (groups == 0 || isFraction || group == 3) && NumberType.TryRead(plain[..length], out number);
    }
}

/// <summary>One column of a CSV file as it is read: its numbers, its words, or both, and what could not be used.</summary>
/// <param name="setting">The key that asks for it, for diagnostics.</param>
internal sealed class CsvColumn(string name, int at, string setting)
{
    private readonly Dictionary<string, int> numbers = new(StringComparer.Ordinal);

    public string Name => name;

    public int At => at;

    public string Setting => setting;

    public bool IsNumber { get; set; }

    public bool IsWord { get; set; }

    /// <summary>Most different words that it may have.</summary>
    public int MostWords { get; set; } = int.MaxValue;

    /// <summary>One per row where <see cref="IsNumber"/>; NaN for a missing one.</summary>
    public GrowingList<double> Values { get; } = new();

    /// <summary>One per row where <see cref="IsWord"/>: places in <see cref="Vocabulary"/>, −1 for a missing one.</summary>
    public GrowingList<int> Words { get; } = new();

    /// <summary>The words in order of first appearance.</summary>
    public List<string> Vocabulary { get; } = [];

    /// <summary>Drops the rows.</summary>
    public void Release()
    {
        Values.Clear();
        Words.Clear();
    }

    /// <summary>Cells that could not be used, each counted once.</summary>
    public int Bad { get; set; }

    public CsvField FirstBad { get; set; }

    /// <summary>What the first of them holds.</summary>
    public string FirstWord { get; set; } = "";

    /// <summary>The place of a word; −1 when there are too many.</summary>
    public int PlaceOf(ReadOnlySpan<char> word)
    {
        var known = numbers.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(word, out var place)) return place;
        if (Vocabulary.Count == MostWords) return -1;
        known[word] = Vocabulary.Count;
        Vocabulary.Add(word.ToString());
        return Vocabulary.Count - 1;
    }
}

/// <summary>What stands for a missing value.</summary>
/// <param name="words">As the experiment file names them.</param>
/// <param name="hasRule">Whether missing values are dealt with: then the usual words for them count, too.</param>
internal sealed class MissingMarks(IReadOnlyList<string> words, bool hasRule)
{
    /// <summary>What people and programs write where there is no value.</summary>
    public static IReadOnlyList<string> Usual { get; } = ["NA", "N/A", "NaN", "null", "none", "nil", "?", "-", ".", "#N/A", "missing"];

    private readonly double[] numbers = [.. words.Select(word => NumberType.TryRead(word, out var number) ? number : double.NaN).Where(number => !double.IsNaN(number))];

    public bool Hold(ReadOnlySpan<char> cell)
    {
        if (cell.IsEmpty) return true;
        foreach (var word in words)
            if (cell.Equals(word, StringComparison.Ordinal)) return true;
        return hasRule && IsUsual(cell);
    }

    public bool Hold(double number) => Array.IndexOf(numbers, number) >= 0;

    public static bool IsUsual(ReadOnlySpan<char> cell)
    {
        foreach (var word in Usual)
            if (cell.Equals(word, StringComparison.OrdinalIgnoreCase)) return true;
        return false;
    }
}

/// <summary>What to do about a value that is no number, by the way it is written.</summary>
internal static class CellAdvice
{
    public const string Missing = "missing", DecimalComma = "decimal comma", Thousands = "thousands", Date = "date", Text = "text";

    /// <summary>What kind of thing a cell holds that is no number.</summary>
    public static string KindOf(ReadOnlySpan<char> word)
    {
        if (word.IsEmpty || MissingMarks.IsUsual(word) || double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out _)) return Missing;
        // 1,234 and 1,234.5; of one group alone it cannot be told from a decimal comma.
        if (new NumberStyle(HasDecimalComma: false, HasThousands: true).TryRead(word, out _)) return Thousands;
        if (new NumberStyle(HasDecimalComma: true, HasThousands: true).TryRead(word, out _)) return DecimalComma;
        return new TimeText().Add(word) ? Date : Text;
    }
}
