using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Harness.Training.Checkpoints;

/// <summary>Checkpoints to bytes and back: pure, and without trust in the bytes. docs/trainer.md has the layout.</summary>
internal static class CheckpointCodec
{
    public const int Version = 1;

    /// <summary>The largest file that is written or read: what one array can hold.</summary>
    public static int LongestFile => Array.MaxLength;

    private const int HashLength = SHA256.HashSizeInBytes, TrialLength = 16, LengthOffset = 12, HeaderLength = 48, LongestName = 512, HighestRank = 8;

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>As PNG's: a byte above 127 and both line ends show transfers that were not binary.</summary>
    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'H', (byte)'C', (byte)'K', (byte)'P', (byte)'\r', (byte)'\n', 0x1A];

    /// <exception cref="NotSupportedException">It would be longer than <see cref="LongestFile"/>.</exception>
    public static byte[] Encode(Checkpoint checkpoint)
    {
        var progress = JsonSerializer.SerializeToUtf8Bytes(checkpoint.Progress, CheckpointJson.Default.TrialProgressSnapshot);
        var length = HeaderLength + progress.Length + HashLength
            + checkpoint.Tensors.Sum(tensor => 2L + Utf8.GetByteCount(tensor.Name) + 2 + 8 * tensor.Shape.Length + 8 + tensor.Bytes.Length + HashLength);
        if (length > LongestFile) throw new NotSupportedException($"A checkpoint of this trial would have {length} bytes; at most {LongestFile} can be written.");

        var file = new byte[length];
        using var stream = new MemoryStream(file);
        using var writer = new BinaryWriter(stream, Utf8);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(length);
        writer.Write(Convert.FromHexString(checkpoint.Trial));
        writer.Write(checkpoint.Step);
        writer.Write(checkpoint.Tensors.Count);
        writer.Write(progress.Length);
        writer.Write(progress);
        foreach (var tensor in checkpoint.Tensors)
        {
            var start = (int)stream.Position;
            var name = Utf8.GetBytes(tensor.Name);
            writer.Write((ushort)name.Length);
            writer.Write(name);
            writer.Write((byte)tensor.Type);
            writer.Write((byte)tensor.Shape.Length);
            foreach (var size in tensor.Shape) writer.Write(size);
            writer.Write((long)tensor.Bytes.Length);
            writer.Write(tensor.Bytes.Span);
            writer.Write(SHA256.HashData(file.AsSpan(start, (int)stream.Position - start)));
        }

        writer.Write(SHA256.HashData(file.AsSpan(0, (int)stream.Position)));
        return file;
    }

    /// <summary>Reads a checkpoint and verifies all of it. Nothing is allocated by a size that the file states and does not hold.</summary>
    /// <param name="trial">The identity that the checkpoint must carry; null accepts any.</param>
    /// <exception cref="CheckpointRefusedException">It is not a whole, sound checkpoint of this trial.</exception>
    public static Checkpoint Decode(ReadOnlyMemory<byte> file, string? trial)
    {
        var bytes = file.Span;
        if (bytes.Length < HeaderLength + HashLength) throw new CheckpointRefusedException($"it has {bytes.Length} bytes, fewer than any checkpoint");
        if (!bytes.StartsWith(Magic)) throw new CheckpointRefusedException("it does not start as a checkpoint does");
        var version = BinaryPrimitives.ReadInt32LittleEndian(bytes[Magic.Length..]);
        if (version != Version) throw new CheckpointRefusedException($"its format version is {version}; this trainer reads {Version}");
        var length = BinaryPrimitives.ReadInt64LittleEndian(bytes[LengthOffset..]);
        if (length != bytes.Length) throw new CheckpointRefusedException($"it has {bytes.Length} bytes where its header says {length}");
        if (!SHA256.HashData(bytes[..^HashLength]).AsSpan().SequenceEqual(bytes[^HashLength..])) throw new CheckpointRefusedException("its content does not match its hash");

        var reader = new CheckpointReader(file[(LengthOffset + 8)..^HashLength]);
        var owner = Convert.ToHexStringLower(reader.Take(TrialLength).Span);
        if (trial is not null && owner != trial) throw new CheckpointRefusedException($"it belongs to another trial ({owner}, not {trial})");
        var step = reader.Count("step");
        var tensorCount = reader.Count("number of tensors");
        var progress = Progress(reader.Take(reader.Count("length of the progress record")).Span);
        var tensors = new List<CheckpointTensor>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < tensorCount; i++)
        {
            var tensor = Tensor(reader);
            if (!names.Add(tensor.Name)) throw new CheckpointRefusedException($"it holds the tensor {tensor.Name} twice");
            tensors.Add(tensor);
        }

        if (reader.Remaining > 0) throw new CheckpointRefusedException($"{reader.Remaining} bytes follow its last tensor");
        return new(owner, step, progress, tensors);
    }

    private static TrialProgressSnapshot Progress(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, CheckpointJson.Default.TrialProgressSnapshot) is { Platform: not null, StepSeconds: not null, Curves: not null, Gradients: not null } progress
                && progress.Curves.All(frame => frame is { Metric: not null, Values: not null, Stride: > 0 }) && progress.Gradients.All(profile => profile is { Norms: not null })
                ? progress
                : throw new CheckpointRefusedException("its progress record is incomplete");
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new CheckpointRefusedException($"its progress record cannot be read: {malformed.Message}", malformed);
        }
    }

    private static CheckpointTensor Tensor(CheckpointReader reader)
    {
        var start = reader.Position;
        var nameLength = reader.UInt16();
        if (nameLength is 0 or > LongestName) throw new CheckpointRefusedException($"a tensor's name has {nameLength} bytes");
        string name;
        try
        {
            name = Utf8.GetString(reader.Take(nameLength).Span);
        }
        catch (DecoderFallbackException malformed)
        {
            throw new CheckpointRefusedException("a tensor's name is not text", malformed);
        }

        var type = (ElementType)reader.Byte();
        if (!Enum.IsDefined(type)) throw new CheckpointRefusedException($"the tensor {name} has the unknown element type {(byte)type}");
        var rank = reader.Byte();
        if (rank > HighestRank) throw new CheckpointRefusedException($"the tensor {name} has {rank} dimensions");
        var shape = new long[rank];
        long expected = type == ElementType.Float32 ? 4 : 8;
        for (var i = 0; i < rank; i++)
        {
            shape[i] = reader.Int64();
            if (shape[i] < 0 || shape[i] > LongestFile || (expected *= shape[i]) > LongestFile) throw new CheckpointRefusedException($"the tensor {name} states impossible sizes");
        }

        var length = reader.Int64();
        if (length != expected) throw new CheckpointRefusedException($"the tensor {name} has {length} bytes where {CheckpointTensor.Describe(type, shape)} needs {expected}");
        var content = reader.Take((int)length);
        var hash = SHA256.HashData(reader.Since(start).Span);
        if (!hash.AsSpan().SequenceEqual(reader.Take(HashLength).Span)) throw new CheckpointRefusedException($"the tensor {name} does not match its hash");
        return new(name, type, shape, content);
    }
}
