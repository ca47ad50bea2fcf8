using System.Text.Json;
using Harness.Abstractions.Contracts;

namespace Harness.Training.Protocol;

/// <summary>Writes frames, one JSON object per line, each flushed. Safe to call from several threads.</summary>
internal sealed class FrameWriter(Stream stream)
{
    private readonly Lock gate = new();

    public void Write(TrainerFrame frame)
    {
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(frame, HarnessJson.Default.TrainerFrame), (byte)'\n'];
        lock (gate)
        {
            stream.Write(line);
            stream.Flush();
        }
    }
}
