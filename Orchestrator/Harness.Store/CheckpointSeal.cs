using System.Security.Cryptography;

namespace Harness.Store;

/// <summary>Whether a checkpoint file is whole, without reading what is in it. docs/trainer.md has the layout: it starts with a mark and ends with the SHA-256 of all before.</summary>
internal static class CheckpointSeal
{
    private static ReadOnlySpan<byte> Mark => [0x89, (byte)'H', (byte)'C', (byte)'K', (byte)'P', (byte)'\r', (byte)'\n', 0x1A];

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static bool IsSound(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length < Mark.Length + SHA256.HashSizeInBytes) return false;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        var left = file.Length - SHA256.HashSizeInBytes;
        for (var isFirst = true; left > 0; isFirst = false)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            file.ReadExactly(piece);
            if (isFirst && !piece.StartsWith(Mark)) return false;
            hash.AppendData(piece);
            left -= piece.Length;
        }

        Span<byte> expected = stackalloc byte[SHA256.HashSizeInBytes];
        file.ReadExactly(expected);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(expected);
    }
}
