using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Training;

/// <summary>
/// Keeps what has been measured while it is sent, so that a checkpoint can hold it: a receiver that dies with its trainer may have lost
/// frames that lie before the checkpoint, and no step would produce them again.
/// </summary>
internal sealed class FrameJournal(string attempt, Action<TrainerFrame> send)
{
    private readonly OrderedDictionary<(string Metric, int FirstStep), MetricFrame> curves = [];
    private readonly List<GradientProfile> gradients = [];
    private readonly List<GateTrace> traces = [];

    /// <summary>Every metric frame, in its newest version.</summary>
    public IReadOnlyList<MetricFrame> Curves => [.. curves.Values];

    public IReadOnlyList<GradientProfile> Gradients => gradients;

    public IReadOnlyList<GateTrace> Traces => traces;

    /// <summary>Sends a frame and keeps what it measured.</summary>
    public void Send(TrainerFrame frame)
    {
        if (frame is MetricFrame points) curves[(points.Metric, points.FirstStep)] = points;
        else if (frame is GradientFrame gradient) gradients.Add(gradient.Profile);
        else if (frame is GateTraceFrame trace) traces.Add(trace.Trace);
        send(frame);
    }

    /// <summary>Sends what an earlier attempt measured under this attempt's name.</summary>
    public void SendAgain(IReadOnlyList<MetricFrame> earlierCurves, IReadOnlyList<GradientProfile> earlierGradients, IReadOnlyList<GateTrace> earlierTraces)
    {
        foreach (var points in earlierCurves) Send(points with { Attempt = attempt });
        foreach (var profile in earlierGradients) Send(new GradientFrame(attempt, profile));
        foreach (var trace in earlierTraces) Send(new GateTraceFrame(attempt, trace));
    }
}
