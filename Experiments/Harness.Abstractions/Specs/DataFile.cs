using System.Security.Cryptography;

namespace Harness.Abstractions.Specs;

/// <summary>A person's own data, as it was when it was read: what trains is exactly these bytes.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content, as 64 lower-case hexadecimal digits.</param>
public sealed record DataFile(string Path, string Sha256, ReadOnlyMemory<byte> Content)
{
    /// <summary>The largest file that is read; the one place where this is said.</summary>
    public const int LargestBytes = 64 * 1024 * 1024;

    public static DataFile Of(string path, ReadOnlyMemory<byte> content) => new(path, HashOf(content.Span), content);

    public static string HashOf(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
