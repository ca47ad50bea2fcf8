using Harness.Abstractions.Contracts;

namespace Harness.Workers.Files;

/// <summary>A file by which two processes find out whether they share a data folder, under any name or mount.</summary>
public static class FolderProbe
{
    /// <exception cref="NameRefusedException">The name is not a probe's.</exception>
    public static string PathOf(string folder, string probe) => Path.Combine(folder, $".probe-{WireNames.Probe(probe)}");
}
