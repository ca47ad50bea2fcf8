using Harness.Experiments.Contracts;

namespace Harness.Workers.Files;

/// <summary>A file by which two processes find out whether their data folders are one, whatever they are called and wherever they are mounted.</summary>
public static class FolderProbe
{
    /// <exception cref="NameRefusedException">The name is not a probe's.</exception>
    public static string PathOf(string folder, string probe) => Path.Combine(folder, $".probe-{WireNames.Probe(probe)}");
}
