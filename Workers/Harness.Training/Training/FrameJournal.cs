using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Training.Training;

/// <summary>
/// Keeps what has been measured while it is sent, so that a checkpoint can hold it: a receiver that dies with its trainer may have lost
/// frames that lie before the checkpoint, and no step would produce them again.
/// </summary>
internal sealed class FrameJournal(string attempt, Action<TrainerFrame> send)
{
    private readonly OrderedDictionary<(string Metric, int FirstStep), MetricFrame> curves = [];
    private readonly List<GradientProfile> gradients = [];

    /// <summary>Every metric frame, in its newest version.</summary>
    public IReadOnlyList<MetricFrame> Curves => [.. curves.Values];

    public IReadOnlyList<GradientProfile> Gradients => gradients;

    /// <summary>Sends a frame and keeps what it measured.</summary>
    public void Send(TrainerFrame frame)
    {
        if (frame is MetricFrame points) curves[(points.Metric, points.FirstStep)] = points;
        else if (frame is GradientFrame gradient) gradients.Add(gradient.Profile);
        send(frame);
    }

    /// <summary>Sends what an earlier attempt measured under this attempt's name.</summary>
    public void SendAgain(IReadOnlyList<MetricFrame> earlierCurves, IReadOnlyList<GradientProfile> earlierGradients)
    {
        foreach (var points in earlierCurves) Send(points with { Attempt = attempt });
        foreach (var profile in earlierGradients) Send(new GradientFrame(attempt, profile));
    }
}
