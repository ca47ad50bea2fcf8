using System.Security.Cryptography;
using System.Text;

namespace Harness.Store.Files;

/// <summary>Names of experiments as names of files that every system can hold, so that a data folder can be copied from one to another.</summary>
internal static class FileNames
{
    private static readonly string[] reserved =
        ["con", "prn", "aux", "nul", .. Enumerable.Range(0, 10).SelectMany(digit => new[] { FormattableString.Invariant($"com{digit}"), FormattableString.Invariant($"lpt{digit}") })];

    /// <summary>The name itself, except where Windows keeps it for a device or would drop a dot at its end.</summary>
    public static string Safe(string name) =>
        reserved.Contains(name.Split('.')[0], StringComparer.OrdinalIgnoreCase) || name.EndsWith('.') ? $"{name}-experiment" : name;

    /// <summary>Where an experiment's report goes unless a person names another place.</summary>
    public static string ReportIn(string data, string name) => Distinct(Path.Combine(data, "reports"), name, ".html");

    /// <summary>The path of a name in a folder; another one where a file is there whose name differs in case alone, which Windows and macOS take for the same.</summary>
    public static string Distinct(string folder, string name, string extension)
    {
        var file = Safe(name) + extension;
        var isTaken = Directory.Exists(folder) && Directory.EnumerateFiles(folder).Select(Path.GetFileName)
            .Aggregate((Same: false, Other: false), (found, there) => (found.Same || there == file, found.Other || (there != file && string.Equals(there, file, StringComparison.OrdinalIgnoreCase)))) is { Same: false, Other: true };
        return Path.Combine(folder, isTaken ? $"{Safe(name)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 3))}{extension}" : file);
    }
}
