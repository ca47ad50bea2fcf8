using System.Security.Cryptography;

namespace Harness.Abstractions.Specs;

/// <summary>A person's own data, as it was when it was read: what trains is exactly these bytes.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content, as 64 lower-case hexadecimal digits.</param>
public sealed record DataFile(string Path, string Sha256, ReadOnlyMemory<byte> Content)
{
    /// <summary>The largest file that is read; the one place where this is said.</summary>
    public const int LargestBytes = 128 * 1024 * 1024;

    /// <summary>What to do about a file that is too large: a command that keeps its header and its latest rows, whatever their number.</summary>
    /// <param name="name">The file as the person names it.</param>
    public static string WayOut(string name)
    {
        var quoted = "'" + name.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Keep the columns that you need, or the header and the latest rows: (head -n 1 {quoted}; tail -c {LargestBytes / 2} {quoted} | tail -n +2) > latest.csv");
    }

    public static DataFile Of(string path, ReadOnlyMemory<byte> content) => new(path, HashOf(content.Span), content);

    /// <summary>The hash of a file's content, which is not kept.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string HashOfFile(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
