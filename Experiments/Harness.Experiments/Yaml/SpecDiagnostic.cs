using Harness.Abstractions.Diagnostics;

namespace Harness.Experiments.Yaml;

/// <summary>Something wrong with an experiment file, and where.</summary>
/// <param name="Code">Stable, see <see cref="DiagnosticCodes"/>.</param>
/// <param name="File">The file as it was named, or <c>--set</c> for an override.</param>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in UTF-16 units.</param>
/// <param name="EndLine">Line of the end.</param>
/// <param name="EndColumn">Column after the last character.</param>
/// <param name="Path">The setting, e.g. <c>matrix.cell[0]</c>; empty for the whole file.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Expected">What would have been right, when that fits into a line.</param>
/// <param name="Suggestion">What was probably meant, or what to do about it.</param>
/// <param name="SourceLine">The line that it is about, when there is one.</param>
public sealed record SpecDiagnostic(
    string Code,
    DiagnosticSeverity Severity,
    string File,
    int Line,
    int Column,
    int EndLine,
    int EndColumn,
    string Path,
    string Message,
    string? Expected,
    string? Suggestion,
    string? SourceLine);

public enum DiagnosticSeverity
{
    /// <summary>The experiment cannot be run.</summary>
    Error,

    /// <summary>It can, but probably not as it was meant.</summary>
    Warning,
}
