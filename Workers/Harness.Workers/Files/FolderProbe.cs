namespace Harness.Workers.Files;

/// <summary>A file by which two processes find out whether their data folders are one, whatever they are called and wherever they are mounted.</summary>
public static class FolderProbe
{
    /// <exception cref="ArgumentException">The name is no probe's.</exception>
    public static string PathOf(string folder, string probe)
    {
        if (probe.Length != 32 || !probe.All(char.IsAsciiHexDigitLower)) throw new ArgumentException($"'{probe}' is no probe.", nameof(probe));
        return Path.Combine(folder, $".probe-{probe}");
    }
}
