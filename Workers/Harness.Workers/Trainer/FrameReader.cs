using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>
/// Reads a trainer's frames, one JSON object per line. A line that is no frame is handed to <paramref name="onStray"/> and skipped; a frame
/// that cannot be read becomes an <see cref="UnreadableFrame"/>.
/// </summary>
/// <remarks>Native libraries sometimes print to standard output; that must cost nothing.</remarks>
internal sealed class FrameReader(Stream stream, Action<string> onStray)
{
    /// <summary>The longest line that is kept.</summary>
    public const int LongestLine = TrainerFrame.LongestLine;

    /// <summary>Bytes of a stray line that are kept.</summary>
    private const int LongestStray = 8 * 1024;

    private readonly PipeReader reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    public async IAsyncEnumerable<TrainerFrame> Read([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var skipping = false;
        while (true)
        {
            var result = await reader.ReadAsync(cancellation);
            var buffer = result.Buffer;
            while (TakeLine(ref buffer) is { } line)
            {
                if (skipping) skipping = false;
                else if (Parse(line) is { } frame) yield return frame;
            }

            if (buffer.Length > LongestLine)
            {
                if (!skipping) onStray($"A line of more than {LongestLine} bytes was dropped.");
                skipping = true;
                buffer = buffer.Slice(buffer.End);
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
            if (!result.IsCompleted) continue;

            // What a dying process left half-written is not a frame, but it may explain the death.
            if (buffer.Length > 0 && !skipping) onStray(Encoding.UTF8.GetString(buffer));
            yield break;
        }
    }

    private static ReadOnlySequence<byte>? TakeLine(ref ReadOnlySequence<byte> buffer)
    {
        if (buffer.PositionOf((byte)'\n') is not { } end) return null;
        var line = buffer.Slice(0, end);
        buffer = buffer.Slice(buffer.GetPosition(1, end));
        return line;
    }

    private TrainerFrame? Parse(ReadOnlySequence<byte> line)
    {
        if (line.IsEmpty) return null;
        string? fault;
        try
        {
            var json = new Utf8JsonReader(line);
            var frame = JsonSerializer.Deserialize(ref json, HarnessJson.Default.TrainerFrame);
            fault = MessageShape.FaultOf(frame);
            if (fault is null) return frame;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            fault = error.Message;
        }

        // The text itself says more than the parser.
        onStray(Encoding.UTF8.GetString(line.Slice(0, Math.Min(line.Length, LongestStray))));
        return UnreadableFrame.Of(line, fault);
    }
}
