namespace Harness.Abstractions.Specs;

/// <summary>One factor of the matrix.</summary>
/// <param name="Path">Short name or path, e.g. <c>length</c>.</param>
/// <param name="Levels">Canonical texts, in the order of the file.</param>
public sealed record FactorSpec(string Path, IReadOnlyList<string> Levels);
