using System.Buffers;
using System.Text;

namespace Harness.Abstractions.Diagnostics;

/// <summary>Bytes that should be UTF-8.</summary>
public static class Utf8Text
{
    /// <summary>The first byte that is not UTF-8, in bytes that are not.</summary>
    public static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var consumed) == OperationStatus.Done) at += consumed;
        return at;
    }
}
