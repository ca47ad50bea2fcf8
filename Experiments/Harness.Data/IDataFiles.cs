using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;

namespace Harness.Data;

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
/// <param name="code">See <see cref="DiagnosticCodes"/>.</param>
/// <param name="message">What is wrong, without the file's name.</param>
/// <param name="expected">What would have been right.</param>
public sealed class DataFileException(string code, string message, string? expected = null) : Exception(message)
{
    public string Code { get; } = code;

    public string? Expected { get; } = expected;

    internal static DataFileException Missing() =>
        new(DiagnosticCodes.DataUnreadable, "there is no such file", "a path relative to the folder of the experiment file, or to a data root (--data-root)");
}

/// <summary>Why a data file cannot be learned from.</summary>
/// <param name="Code">See <see cref="DiagnosticCodes"/>.</param>
/// <param name="Setting">The key of the <c>task</c> block that it is about.</param>
/// <param name="Message">What is wrong, with line and column of the data file where there is such a place.</param>
public sealed record DataProblem(string Code, string Setting, string Message, string? Expected = null, string? Suggestion = null);
