using System.Security.Cryptography;

namespace Harness.Experiments.Data;

/// <summary>A person's own data, as it was when it was read: what trains is exactly these bytes.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content, as 64 lower-case hexadecimal digits.</param>
public sealed record DataFile(string Path, string Sha256, ReadOnlyMemory<byte> Content)
{
    /// <summary>The largest file that is read; the one place where this is said.</summary>
    public const int LargestBytes = 64 * 1024 * 1024;

    public static DataFile Of(string path, ReadOnlyMemory<byte> content) => new(path, HashOf(content.Span), content);

    public static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}

/// <summary>Where the data files that an experiment names come from.</summary>
public interface IDataFiles
{
    /// <summary>Reads the file once and in full.</summary>
    /// <param name="path">As the experiment file names it: relative, with <c>/</c> between folders.</param>
    /// <exception cref="DataFileException">It cannot be had; the message says why.</exception>
    DataFile Open(string path);
}

/// <summary>No files at all: the text of an experiment is read by itself.</summary>
public sealed class NoDataFiles : IDataFiles
{
    public DataFile Open(string path) => throw DataFileException.Missing();
}

/// <summary>A data file cannot be had.</summary>
/// <param name="code">See <see cref="Yaml.DiagnosticCodes"/>.</param>
/// <param name="message">What is wrong, without the file's name.</param>
/// <param name="expected">What would have been right.</param>
public sealed class DataFileException(string code, string message, string? expected = null) : Exception(message)
{
    public string Code { get; } = code;

    public string? Expected { get; } = expected;

    internal static DataFileException Missing() =>
        new(Yaml.DiagnosticCodes.DataUnreadable, "there is no such file", "a path relative to the folder of the experiment file, or to a data root (--data-root)");
}

/// <summary>Why a data file cannot be learned from.</summary>
/// <param name="Code">See <see cref="Yaml.DiagnosticCodes"/>.</param>
/// <param name="Setting">The key of the <c>task</c> block that it is about.</param>
/// <param name="Message">What is wrong, with line and column of the data file where there is such a place.</param>
public sealed record DataProblem(string Code, string Setting, string Message, string? Expected = null, string? Suggestion = null);
