using Harness.Abstractions.Diagnostics;
using Harness.Data;

namespace Harness.Tests.Training.Example;

/// <summary>Reads FASTA: lines of bases A, C, G and T, and lines that begin with > and name what follows.</summary>
internal static class BasesFile
{
    /// <summary>What can stand in a file; N stands for a base that is not known.</summary>
    public const string Letters = "ACGTN";

    /// <returns>Places in <see cref="Letters"/>; null after a problem was added.</returns>
    public static ushort[]? Read(ReadOnlySpan<byte> content, string name, List<DataProblem> problems)
    {
        var bases = new List<ushort>();
        var (line, column, isName) = (1, 0, false);
        foreach (var unit in content)
        {
            column++;
            if (unit == '\n') (line, column, isName) = (line + 1, 0, false);
            else if (unit == '>' && column == 1) isName = true;
            else if (!isName && unit != '\r')
            {
                var letter = Letters.IndexOf(char.ToUpperInvariant((char)unit), StringComparison.Ordinal);
                if (letter < 0)
                {
                    problems.Add(new(DiagnosticCodes.MalformedData, "file", FormattableString.Invariant($"{name}:{line}:{column}: '{(char)unit}' is no base"), "A, C, G, T or N"));
                    return null;
                }

                bases.Add((ushort)letter);
            }
        }

        return [.. bases];
    }
}
