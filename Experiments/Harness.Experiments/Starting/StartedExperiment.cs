namespace Harness.Experiments.Starting;

/// <summary>A file that a person brings.</summary>
/// <param name="Name">Its name without a folder.</param>
public sealed record SourceFile(string Name, ReadOnlyMemory<byte> Content);

/// <summary>An experiment file made from a person's data.</summary>
/// <param name="Name">Of the experiment; a name for files, too.</param>
/// <param name="Yaml">The experiment file; <c>file</c> is <paramref name="DataName"/>.</param>
/// <param name="DataName">The data file that it reads.</param>
/// <param name="Data">Its content where it had to be written anew; null where the person's own file is read as it is.</param>
/// <param name="Notes">What the file was taken for and why, one line each.</param>
public sealed record StartedExperiment(string Name, string Yaml, string DataName, byte[]? Data, IReadOnlyList<string> Notes);
