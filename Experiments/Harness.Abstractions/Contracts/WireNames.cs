using System.Diagnostics.CodeAnalysis;

namespace Harness.Abstractions.Contracts;

/// <summary>
/// The one place that decides which names from the wire may become part of a path: lower-case hexadecimal digits of a fixed number. So no name holds a
/// separator, a dot, a wildcard or a control character.
/// </summary>
public static class WireNames
{
    private const int TrialLength = 32, Sha256Length = 64, ProbeLength = 32, MostShown = 80;

    /// <summary>Whether a text has the form of a trial's identity.</summary>
    public static bool IsTrial([NotNullWhen(true)] string? text) => IsHex(text, TrialLength);

    /// <returns>The name itself.</returns>
    /// <exception cref="NameRefusedException">It is not a trial's identity.</exception>
    public static string Trial(string? text) => Check(text, "a trial", TrialLength);

    /// <returns>The name itself.</returns>
    /// <exception cref="NameRefusedException">It is not the SHA-256 of a data file.</exception>
    public static string Content(string? text) => Check(text, "a data file", Sha256Length);

    /// <returns>The name itself.</returns>
    /// <exception cref="NameRefusedException">It is not the name of a probe.</exception>
    public static string Probe(string? text) => Check(text, "a folder probe", ProbeLength);

    private static string Check(string? text, string what, int length) => IsHex(text, length) ? text : throw new NameRefusedException(
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"'{Shown(text)}' does not name {what}: expected {length} lower-case hexadecimal digits."));

    private static bool IsHex([NotNullWhen(true)] string? text, int length) => text?.Length == length && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Short enough for a log, without anything that a terminal obeys.</summary>
    private static string Shown(string? text) => string.Concat((text ?? "").Take(MostShown).Select(letter => char.IsControl(letter) || char.IsSurrogate(letter) ? '?' : letter));
}

/// <summary>A caller named something that cannot be a name of its kind; nothing was read, written or removed.</summary>
[GenerateSerializer, Alias("harness.name-refused")]
public sealed class NameRefusedException(string message) : Exception(message);
