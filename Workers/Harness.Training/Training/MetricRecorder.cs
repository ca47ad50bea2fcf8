using Harness.Abstractions.Contracts;

namespace Harness.Training;

/// <summary>
/// Gathers a metric's values into frames of 256 consecutive points that start at the first point and every 256 after it.
/// A frame that is still growing is sent again, longer, at most once a second; it replaces what was sent before under the same first step.
/// </summary>
internal sealed class MetricRecorder(string attempt, string metric, int firstStep, int stride, TimeProvider clock, Action<TrainerFrame> send)
{
    public const int FrameLength = MetricFrame.MostPoints;

    private readonly List<float> values = new(FrameLength);
    private readonly int origin = firstStep;
    private int frameStart = firstStep;
    private int sent;
    private long sentAt = clock.GetTimestamp();

    /// <summary>Adds the next point.</summary>
    public void Add(double value)
    {
        values.Add((float)value);
        if (values.Count == FrameLength)
        {
            Send();
            frameStart += FrameLength * stride;
            values.Clear();
            sent = 0;
        }
        else if (clock.GetElapsedTime(sentAt) >= TimeSpan.FromSeconds(1))
        {
            Send();
        }
    }

    /// <summary>Resumes where an earlier recorder of the same metric stopped.</summary>
    /// <param name="earlier">Its frames, which have been sent again already, and any others.</param>
    public void Continue(IEnumerable<MetricFrame> earlier)
    {
        var last = earlier.Where(frame => frame.Metric == metric && frame.Stride == stride && (frame.FirstStep - origin) % (FrameLength * stride) == 0).MaxBy(frame => frame.FirstStep);
        if (last is null) return;
        if (last.Values.Length == FrameLength)
        {
            frameStart = last.FirstStep + FrameLength * stride;
            return;
        }

        frameStart = last.FirstStep;
        values.AddRange(last.Values);
        sent = values.Count;
    }

    /// <summary>Sends what has not been sent.</summary>
    public void Flush()
    {
        if (values.Count > sent) Send();
    }

    private void Send()
    {
        send(new MetricFrame(attempt, metric, frameStart, stride, [.. values]));
        sent = values.Count;
        sentAt = clock.GetTimestamp();
    }
}
