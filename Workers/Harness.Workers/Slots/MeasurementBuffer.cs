using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Specs;

namespace Harness.Workers.Slots;

/// <summary>What an attempt measured and has not yet been acknowledged. Not thread-safe; owned by one attempt's loop.</summary>
internal sealed class MeasurementBuffer(AttemptKey attempt)
{
    // A frame grows until its 256 steps are full: the newest version of a frame replaces the older one.
    private readonly Dictionary<(string Metric, int FirstStep), MetricBatch> metrics = [];
    private readonly List<string> gradients = [], traces = [];
    private string? device;
    private int step;
    private double loss = double.NaN;
    private bool changed;

    public void Add(TrainerFrame frame)
    {
        switch (frame)
        {
            case TrialStarted started:
                device = started.Device;
                break;
            case MetricFrame points:
                metrics[(points.Metric, points.FirstStep)] = new MetricBatch(points.Metric, points.FirstStep, points.Stride, points.Values);
                break;
            case GradientFrame gradient:
                gradients.Add(JsonSerializer.Serialize(gradient.Profile, HarnessJson.Default.GradientProfile));
                break;
            case GateTraceFrame trace:
                traces.Add(JsonSerializer.Serialize(trace.Trace, HarnessJson.Default.GateTrace));
                break;
            case TrialProgress progress:
                (step, loss) = (progress.Step, progress.Loss);
                break;
            default:
                return;
        }

        changed = true;
    }

    /// <summary>Takes out what is there, or null when nothing has come since the last time.</summary>
    public AttemptReport? Take()
    {
        if (!changed) return null;
        var report = new AttemptReport(attempt, [.. metrics.Values], [.. gradients], step, loss, device, traces.Count > 0 ? [.. traces] : null);
        metrics.Clear();
        gradients.Clear();
        traces.Clear();
        changed = false;
        return report;
    }

    /// <summary>Puts back what could not be delivered; what came meanwhile is newer and stays.</summary>
    public void Return(AttemptReport report)
    {
        foreach (var batch in report.Metrics) metrics.TryAdd((batch.Metric, batch.FirstStep), batch);
        gradients.InsertRange(0, report.Gradients);
        traces.InsertRange(0, report.GateTraces ?? []);
        changed = true;
    }
}
