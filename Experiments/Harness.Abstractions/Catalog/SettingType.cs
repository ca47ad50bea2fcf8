using System.Buffers;
using System.Globalization;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>Why a text is not a value of a setting.</summary>
/// <param name="Code">See <see cref="DiagnosticCodes"/>.</param>
/// <param name="Message">What is wrong, ready for a diagnostic.</param>
internal sealed record SettingProblem(string Code, string Message);

/// <summary>What a setting may be. Interprets a scalar's text; YAML's own guesses (1e-3, no, 0o17) never count.</summary>
public abstract record SettingType
{
    /// <summary>The allowed values in words, e.g. "a whole number from 1 to 64".</summary>
    public abstract string Expected { get; }

    /// <summary>The allowed words, when they can be listed.</summary>
    public virtual IReadOnlyList<string> Choices => [];

    /// <summary>Reads <paramref name="text"/>; a null problem means that <paramref name="value"/> is set.</summary>
    internal abstract SettingProblem? Parse(string text, out SettingValue value);

    private protected static SettingValue None { get; } = SettingValue.OfWord("");

    private protected static SettingProblem Wrong(string code, string message) => new(code, message);

    private protected static string Quote(string text) => $"\"{ShortText.Of(text)}\"";
}

/// <summary>A whole number within bounds.</summary>
public sealed record WholeNumberType(long Minimum, long Maximum) : SettingType
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Minimum} to {Maximum}");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        if (!NumberType.TryRead(text, out var number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a whole number");
        if (number != Math.Floor(number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a whole number");
        if (number < Minimum || number > Maximum) return Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is out of range");
        value = SettingValue.OfNumber(number);
        return null;
    }
}

/// <summary>A number within bounds.</summary>
/// <param name="AboveMinimum">Whether the minimum itself is refused.</param>
public sealed record NumberType(double Minimum, double Maximum, bool AboveMinimum) : SettingType
{
    private static readonly SearchValues<char> NumberCharacters = SearchValues.Create("0123456789+-.eE");

    public override string Expected =>
        $"a number {(AboveMinimum ? "above" : "from")} {SettingValue.Canonical(Minimum)} {(AboveMinimum ? "and up to" : "to")} {SettingValue.Canonical(Maximum)}";

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        if (!TryRead(text, out var number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a number");
        if (number < Minimum || number > Maximum || (AboveMinimum && number <= Minimum))
        {
            return Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is out of range");
        }

        value = SettingValue.OfNumber(number);
        return null;
    }

    /// <summary>Digits with an optional sign, point and exponent; no thousands marks, no infinity, no NaN, no hexadecimals.</summary>
    internal static bool TryRead(ReadOnlySpan<char> text, out double number)
    {
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        number = 0;
        return text.Length is > 0 and <= 64
            && text.IndexOfAnyExcept(NumberCharacters) < 0
            && double.TryParse(text, style, CultureInfo.InvariantCulture, out number)
            && double.IsFinite(number);
    }
}

/// <summary>A number of things, which may be written with k, M or G: 50k.</summary>
public sealed record QuantityType(long Minimum, long Maximum) : SettingType
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a whole number from {Minimum} to {Maximum}, such as 50k or 2M");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        var scale = text.Length == 0 ? 0 : text[^1] switch { 'k' => 1e3, 'M' => 1e6, 'G' => 1e9, _ => 1 };
        if (!NumberType.TryRead(scale > 1 ? text[..^1] : text, out var number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a quantity");
        number *= scale;
        if (number != Math.Floor(number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a whole quantity");
        if (number < Minimum || number > Maximum) return Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is out of range");
        value = SettingValue.OfNumber(number);
        return null;
    }
}

/// <summary>A time with its unit, s, m or h: 30s. Its value is in seconds.</summary>
public sealed record DurationType(double Minimum, double Maximum) : SettingType
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a time from {Minimum:0.###}s to {Maximum / 3600:0.###}h, such as 30s, 10m or 2h");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        var scale = text.Length == 0 ? 0 : text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, _ => 0 };
        if (scale == 0 || !NumberType.TryRead(text.AsSpan(0, text.Length - 1), out var number)) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a time");
        number *= scale;
        if (number < Minimum || number > Maximum) return Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is out of range");
        value = SettingValue.OfNumber(number) with { Text = SettingValue.Canonical(number) + "s" };
        return null;
    }
}

/// <summary>One of a list of words.</summary>
public sealed record WordType(IReadOnlyList<string> Words) : SettingType
{
    public override string Expected => Words.Count == 1 ? Words[0] : $"one of: {string.Join(", ", Words)}";

    public override IReadOnlyList<string> Choices => Words;

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = SettingValue.OfWord(text);
        return Words.Contains(text, StringComparer.Ordinal) ? null : Wrong(DiagnosticCodes.UnknownWord, $"{Quote(text)} is not known here");
    }
}

/// <summary>true or false.</summary>
public sealed record SwitchType : SettingType
{
    private static readonly string[] words = ["true", "false"];

    public override string Expected => "true or false";

    public override IReadOnlyList<string> Choices => words;

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = SettingValue.OfSwitch(string.Equals(text, "true", StringComparison.Ordinal));
        return words.Contains(text, StringComparer.Ordinal) ? null : Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is neither true nor false");
    }
}

/// <summary>A name that can stand in a file name: letters and digits of any script, dot, dash, plus and underscore. It is kept in Unicode's composed form (NFC).</summary>
public sealed record NameType(int Longest = NameType.LongestName) : SettingType
{
    public const int LongestName = 64;

    public override string Expected =>
        string.Create(CultureInfo.InvariantCulture, $"up to {Longest} letters, digits, dots, dashes, pluses and underscores, beginning with a letter or digit");

    /// <summary>The composed form, so that a name means the same whichever keyboard wrote it; a lone surrogate has none.</summary>
    internal static string Composed(string text)
    {
        try
        {
            return text.Normalize();
        }
        catch (ArgumentException)
        {
            return text;
        }
    }

    private static bool IsLetterOrDigit(char c) => char.IsLetterOrDigit(c) && !char.IsSurrogate(c);

    /// <summary>Vowel signs and accents that no composed letter holds.</summary>
    private static bool IsMark(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        var name = Composed(text);
        value = SettingValue.OfWord(name);
        var isName = name.Length > 0 && name.Length <= Longest && IsLetterOrDigit(name[0])
            && name.All(c => IsLetterOrDigit(c) || IsMark(c) || c is '.' or '-' or '_' or '+')
            && !name.Contains("..", StringComparison.Ordinal);
        return isName ? null : Wrong(DiagnosticCodes.BadName, $"{Quote(text)} cannot be a name");
    }
}

/// <summary>Prose.</summary>
public sealed record TextType(int Longest) : SettingType
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a text of up to {Longest} characters");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = SettingValue.OfWord(text.Trim());
        if (text.Length > Longest) return Wrong(DiagnosticCodes.OutOfRange, $"the text has {text.Length} characters");
        // A YAML escape writes what the file itself may not hold: it would move a terminal's cursor or reverse reading order.
        foreach (var c in text)
        {
            if ((char.IsControl(c) && c is not ('\n' or '\t')) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
                return Wrong(DiagnosticCodes.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"the text contains the control character U+{(int)c:X4}"));
        }

        return null;
    }
}

/// <summary>A list of words, each at most once, kept in the order of <paramref name="Words"/>; one word alone stands for a list of it.</summary>
public sealed record WordListType(IReadOnlyList<string> Words) : SettingType
{
    public override string Expected => $"a list of: {string.Join(", ", Words)}";

    public override IReadOnlyList<string> Choices => Words;

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = SettingValue.OfWords([text]);
        return Words.Contains(text, StringComparer.Ordinal) ? null : Wrong(DiagnosticCodes.UnknownWord, $"{Quote(text)} is not known here");
    }
}

/// <summary>A list of whole numbers within bounds, each at most once, in ascending order whichever way they were written; one alone stands for a list of it.</summary>
public sealed record WholeNumberListType(long Minimum, long Maximum) : SettingType
{
    internal WholeNumberType Item { get; } = new(Minimum, Maximum);

    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"a list of whole numbers from {Minimum} to {Maximum}");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        var problem = Item.Parse(text, out var item);
        value = SettingValue.OfWords([item.Text]);
        return problem;
    }
}

/// <summary>A value or a word that stands for "not set".</summary>
/// <param name="Inner">The value when it is set.</param>
/// <param name="AbsentWord">The word, e.g. <c>none</c>.</param>
public sealed record OptionalType(SettingType Inner, string AbsentWord) : SettingType
{
    public override string Expected => $"{Inner.Expected}, or {AbsentWord}";

    public override IReadOnlyList<string> Choices => [.. Inner.Choices, AbsentWord];

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        if (!string.Equals(text, AbsentWord, StringComparison.Ordinal)) return Inner.Parse(text, out value);
        value = SettingValue.Absent(AbsentWord);
        return null;
    }
}

/// <summary>A margin: a ratio (2x, 10%) whose value is the factor (2, 1.1), or an absolute amount.</summary>
/// <param name="AllowsAmount">Whether a plain number, an amount in the metric's unit, is a margin.</param>
public sealed record MarginType(bool AllowsAmount) : SettingType
{
    private const double LargestFactor = 1e6;

    public override string Expected => AllowsAmount ? "a ratio such as 2x or 10%, or a difference such as 0.05" : "a ratio such as 10% or 1.1x";

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        var unit = text.Length > 0 && text[^1] is 'x' or '%' ? text[^1] : ' ';
        if ((unit == ' ' && !AllowsAmount) || !NumberType.TryRead(unit == ' ' ? text : text[..^1], out var number))
        {
            return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is not a margin");
        }

        var factor = unit switch { 'x' => number, '%' => 1 + (number / 100), _ => 1 + number };
        if (factor <= 1 || factor > LargestFactor) return Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is no margin");
        value = SettingValue.OfNumber(unit == ' ' ? number : factor) with { IsRatio = unit != ' ' };
        return null;
    }
}

/// <summary>A threshold: a number.</summary>
public sealed record ThresholdType : SettingType
{
    private static readonly NumberType number = new(-1e12, 1e12, AboveMinimum: false);

    public override string Expected => "a number, or { below: x }, or { above: x }";

    internal override SettingProblem? Parse(string text, out SettingValue value) => number.Parse(text, out value);
}

/// <summary>A list of names that the product does not know beforehand, each at most once, in the order given; one name alone stands for a list of it.</summary>
/// <param name="Longest">Characters of a name.</param>
/// <param name="AbsentWord">The word that stands for all of them.</param>
public sealed record NameListType(int Longest, string AbsentWord) : SettingType
{
    public override string Expected => $"a list of names, or {AbsentWord}";

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = string.Equals(text, AbsentWord, StringComparison.Ordinal) ? SettingValue.Absent(AbsentWord) : SettingValue.OfNames([text]);
        return text.Length <= Longest ? null : Wrong(DiagnosticCodes.OutOfRange, $"the name has {text.Length} characters");
    }
}

/// <summary>A path below a folder that somebody else names.</summary>
public sealed record FilePathType : SettingType
{
    public const string Shape = "a relative path with / between folders, without ..";

    private const int Longest = 250;

    /// <summary>What some system gives a meaning of its own within a path.</summary>
    private static readonly SearchValues<char> Special = SearchValues.Create("\\:*?\"<>|");

    public override string Expected => Shape;

    /// <summary>The path without empty and <c>.</c> words; null when it is none, or could lead outside.</summary>
    public static string? Canonical(string text)
    {
        if (text.Length is 0 or > Longest || text[0] == '/' || text.AsSpan().IndexOfAny(Special) >= 0 || text.Any(char.IsControl)) return null;
        string[] words = [.. text.Split('/').Where(word => word is not ("" or "."))];
        return words.Length == 0 || words.Contains("..", StringComparer.Ordinal) ? null : string.Join('/', words);
    }

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        var canonical = Canonical(text);
        value = SettingValue.OfWord(canonical ?? "");
        return canonical is null ? Wrong(DiagnosticCodes.DataOutside, $"{Quote(text)} is no path below the folder of the experiment file") : null;
    }
}

/// <summary>Rows ahead: a whole number, or a range of which every row is asked for.</summary>
public sealed record HorizonType(int Minimum, int Maximum) : SettingType
{
    internal WholeNumberType Single { get; } = new(Minimum, Maximum);

    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"{Single.Expected}, or a range of at most {HorizonRange.MostSteps} rows from 1 on, such as 1..12");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        if (!text.Contains("..", StringComparison.Ordinal)) return Single.Parse(text, out value);
        var range = HorizonRange.Parse(text);
        value = SettingValue.OfWord(range?.ToString() ?? "");
        if (range is null) return Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is no range of rows ahead");
        return range.Value.Last > Maximum ? Wrong(DiagnosticCodes.OutOfRange, $"{ShortText.Of(text)} is out of range") : null;
    }
}

/// <summary>One fold of several.</summary>
public sealed record FoldType : SettingType
{
    public override string Expected => string.Create(CultureInfo.InvariantCulture, $"the number of a fold and how many there are, from 2 to {DataFold.Most}, such as 2/3");

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        var fold = DataFold.Parse(text);
        value = SettingValue.OfWord(fold?.ToString() ?? "");
        return fold is null ? Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is no fold") : null;
    }
}

/// <summary>Percentages of training, validation and test.</summary>
public sealed record SplitType : SettingType
{
    public override string Expected => "whole percentages for training, validation and test that add up to 100, such as 70/15/15, or 80/20 without a test";

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        var split = DataSplit.Parse(text);
        value = SettingValue.OfWord(split?.ToString() ?? "");
        return split is null ? Wrong(DiagnosticCodes.WrongKind, $"{Quote(text)} is no split") : null;
    }
}
