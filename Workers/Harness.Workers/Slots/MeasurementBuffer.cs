using System.Diagnostics;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Workers.Slots;

/// <summary>What an attempt measured and has not yet been acknowledged. Not thread-safe; owned by one attempt's loop.</summary>
/// <remarks>After a resumption everything is sent again, so everything is kept by what they are of: the newest version replaces the older one.</remarks>
internal sealed class MeasurementBuffer(AttemptKey attempt, long capacity = MeasurementBuffer.DefaultCapacity)
{
    /// <summary>Bytes, give or take the bookkeeping; some millions of steps.</summary>
    private const long DefaultCapacity = 32 << 20;

    private readonly Dictionary<(string Metric, int FirstStep), MetricBatch> metrics = [];
    private readonly Dictionary<(ProbeMoment Moment, int Step, string State, int Layer, bool Backwards), GradientProfile> gradients = [];
    private readonly Dictionary<(ProbeMoment Moment, int Step), GateTrace> traces = [];
    private readonly List<string> troubles = [];
    private long size;
    private string? device;
    private string? sample, testAnalysis;
    private int step;
    private double loss = double.NaN;
    private int? resumedFrom;
    private int? savedStep;
    private bool changed;

    /// <summary>Whether more has been gathered than should wait here.</summary>
    public bool IsFull => size >= capacity;

    /// <summary>Keeps what a frame says for the next report.</summary>
    /// <exception cref="UnreachableException">No report has a place for such a frame.</exception>
    public void Add(ReportedFrame frame)
    {
        switch (frame)
        {
            case TrialStarted started:
                device = started.Device;
                if (started.Sample is { } sequence) sample = JsonSerializer.Serialize(sequence, HarnessJson.Default.TaskSample);
                break;
            case TrialResumed resumed:
                (step, resumedFrom) = (resumed.Step, resumed.Step);
                foreach (var refused in resumed.Refused) troubles.Add($"{refused.File} was refused: {refused.Reason}.");
                break;
            case TrialCheckpointed { Failure: { } failure } failed:
                troubles.Add($"No checkpoint at step {failed.Step}: {failure}");
                break;
            case TrialCheckpointed saved:
                savedStep = saved.Step;
                break;
            case MetricFrame points:
                Keep(new MetricBatch(points.Metric, points.FirstStep, points.Stride, points.Values));
                break;
            case GradientFrame gradient:
                Keep(gradient.Profile);
                break;
            case GateTraceFrame trace:
                Keep(trace.Trace);
                break;
            case TestAnalysisFrame test:
                testAnalysis = JsonSerializer.Serialize(test.Analysis, HarnessJson.Default.TestAnalysis);
                break;
            case TrialProgress progress:
                (step, loss) = (progress.Step, progress.Loss);
                break;
            default:
                throw new UnreachableException($"No report has a place for a {frame.GetType().Name}.");
        }

        changed = true;
    }

    /// <summary>Takes out what is there, or null when nothing has come since the last time.</summary>
    public AttemptReport? Take()
    {
        if (!changed) return null;
        var news = resumedFrom is null && savedStep is null && troubles.Count == 0 ? null : new CheckpointNews(resumedFrom, savedStep, [.. troubles]);
        var profiles = gradients.Values.Select(profile => JsonSerializer.Serialize(profile, HarnessJson.Default.GradientProfile));
        var report = new AttemptReport(attempt, [.. metrics.Values], [.. profiles], step, loss, device,
            traces.Count == 0 ? null : [.. traces.Values.Select(trace => JsonSerializer.Serialize(trace, HarnessJson.Default.GateTrace))], news, sample, testAnalysis);
        metrics.Clear();
        gradients.Clear();
        traces.Clear();
        troubles.Clear();
        (sample, testAnalysis, resumedFrom, savedStep, size, changed) = (null, null, null, null, 0, false);
        return report;
    }

    /// <summary>Puts back what could not be delivered; what came meanwhile is newer and stays.</summary>
    public void Return(AttemptReport report)
    {
        foreach (var batch in report.Metrics)
            if (!metrics.ContainsKey((batch.Metric, batch.FirstStep))) Keep(batch);
        foreach (var profile in report.Gradients.Select(json => JsonSerializer.Deserialize(json, HarnessJson.Default.GradientProfile)!))
            if (!gradients.ContainsKey(KeyOf(profile))) Keep(profile);
        foreach (var trace in (report.GateTraces ?? []).Select(json => JsonSerializer.Deserialize(json, HarnessJson.Default.GateTrace)!))
            if (!traces.ContainsKey((trace.Moment, trace.Step))) Keep(trace);
        sample ??= report.Sample;
        testAnalysis ??= report.TestAnalysis;
        if (report.Checkpoint is { } news)
        {
            (resumedFrom, savedStep) = (resumedFrom ?? news.ResumedFrom, savedStep ?? news.SavedStep);
            troubles.InsertRange(0, news.Troubles);
        }

        changed = true;
    }

    private static (ProbeMoment Moment, int Step, string State, int Layer, bool Backwards) KeyOf(GradientProfile profile) =>
        (profile.Moment, profile.Step, profile.State, profile.Layer, profile.Backwards);

    private void Keep(MetricBatch batch)
    {
        if (metrics.Remove((batch.Metric, batch.FirstStep), out var older)) size -= older.Values.Length * sizeof(float);
        metrics.Add((batch.Metric, batch.FirstStep), batch);
        size += batch.Values.Length * sizeof(float);
    }

    private void Keep(GradientProfile profile)
    {
        if (gradients.Remove(KeyOf(profile), out var older)) size -= older.Norms.Length * sizeof(double);
        gradients.Add(KeyOf(profile), profile);
        size += profile.Norms.Length * sizeof(double);
    }

    private void Keep(GateTrace trace)
    {
        if (traces.Remove((trace.Moment, trace.Step), out var older)) size -= SizeOf(older);
        traces.Add((trace.Moment, trace.Step), trace);
        size += SizeOf(trace);
    }

    private static long SizeOf(GateTrace trace) => trace.Layers.Sum(layer => layer.Gates.Sum(gate => (long)gate.Values.Length)) + trace.Inputs.Length * sizeof(float);
}
