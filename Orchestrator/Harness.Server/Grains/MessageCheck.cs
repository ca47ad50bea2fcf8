using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Server.Grains;

/// <summary>Whether a message of sound shape can be true. Each method returns the first fault in words, or null.</summary>
/// <remarks>Values that are not finite are no faults: a loss that is NaN is a finding.</remarks>
internal static class MessageCheck
{
    public static string? FaultOf(WorkerHello worker) =>
        worker.Worker.Length == 0 ? "worker has no name"
        : worker.Slots < 1 ? $"slots is {worker.Slots}"
        : worker.SlotMemory < 0 || worker.CudaMemory < 0 ? "a size of memory is negative"
        : Parse(worker.Environment, HarnessJson.Default.EnvironmentRecord, "environment", out _);

    /// <param name="spec">What the trial is, by the server's own record.</param>
    public static string? FaultOf(AttemptReport report, TrialSpec spec)
    {
        var steps = spec.Train.Steps;
        if (!IsStep(report.Step)) return $"step {report.Step} is not one of the trial's {steps}";
        if (report.Checkpoint is { } news && !(IsStep(news.ResumedFrom ?? 0) && IsStep(news.SavedStep ?? 0))) return "the checkpoint's step is not one of the trial's";
        foreach (var batch in report.Metrics)
        {
            if (MetricCatalog.Find(batch.Metric) is null) return $"'{Short(batch.Metric)}' is no metric";
            if (batch.Values.Length == 0) return $"{batch.Metric} has no values";
            if (batch.FirstStep < 0 || batch.Stride < 1 || batch.FirstStep + (batch.Values.Length - 1L) * batch.Stride > steps)
                return FormattableString.Invariant($"{batch.Metric}: {batch.Values.Length} values from step {batch.FirstStep} every {batch.Stride} do not fit into {steps} steps");
        }

        foreach (var json in report.Gradients)
        {
            if (Parse(json, HarnessJson.Default.GradientProfile, "gradients", out var profile) is { } fault) return fault;
            if (!IsStep(profile.Step) || profile.Layer < 0 || profile.Layer >= spec.Model.Layers || profile.Norms.Length == 0 || profile.State is not ("h" or "c"))
                return "a gradient profile is of no step, layer or state of the trial";
        }

        foreach (var json in report.GateTraces ?? [])
        {
            if (Parse(json, HarnessJson.Default.GateTrace, "gate traces", out var trace) is { } fault) return fault;
            if (!IsStep(trace.Step) || !IsWhole(trace)) return "a gate trace is of no step of the trial, or its parts do not fit together";
        }

        if (report.TestAnalysis is { } analysed)
        {
            if (Parse(analysed, HarnessJson.Default.TestAnalysis, "test analysis", out var analysis) is { } fault) return fault;
            if (!analysis.IsWhole()) return "the parts of the test analysis do not fit together";
        }

        if (report.Sample is not { } text) return null;
        if (Parse(text, HarnessJson.Default.TaskSample, "sample", out var sample) is { } wrong) return wrong;
        return IsWhole(sample) ? null : "the parts of the sample do not fit together";

        bool IsStep(int step) => step >= 0 && step <= steps;
    }

    public static string? FaultOf(AttemptCompletion completion, TrialSpec spec)
    {
        if (completion.Remainder is { } remainder)
        {
            if (remainder.Attempt != completion.Attempt) return "the remainder is another attempt's";
            if (FaultOf(remainder, spec) is { } fault) return fault;
        }

        if (completion.End is AttemptEnd.LeaseLost or AttemptEnd.Cancelled) return $"a worker cannot say '{completion.End}'";
        var isResult = completion.End is AttemptEnd.Completed or AttemptEnd.EarlyStopped or AttemptEnd.Diverged;
        if (!isResult) return completion.Outcome is null ? null : $"'{completion.End}' has no outcome";
        if (completion.Outcome is not { } json) return "the outcome is missing";
        if (spec.Timing is { } timing)
        {
            if (Parse(json, HarnessJson.Default.TimingResult, "outcome", out var times) is { } wrong) return wrong;
            return completion.End == AttemptEnd.Completed && IsWhole(times, timing) ? null : "the outcome has other arms or rounds than were asked for";
        }

        if (Parse(json, HarnessJson.Default.TrialOutcome, "outcome", out var outcome) is { } broken) return broken;
        if (outcome.Kind.ToString() != completion.End.ToString()) return $"the outcome is '{outcome.Kind}', the end '{completion.End}'";
        return new[] { outcome.Steps, outcome.StepsToTarget ?? 0, outcome.DivergedAtStep ?? 0 }.Any(step => step < 0 || step > spec.Train.Steps) ? "the outcome names a step that the trial does not have"
            : outcome.Kind == OutcomeKind.Completed && outcome.Steps != spec.Train.Steps ? $"'Completed' after {outcome.Steps} of {spec.Train.Steps} steps"
            : outcome.Parameters < 0 || outcome.ParametersTotal < 0 ? "a count of parameters is negative"
            : null;
    }

    private static bool IsWhole(GateTrace trace) =>
        trace.Length > 0 && trace.InputSize >= 0 && trace.Inputs.Length == (long)trace.Steps.Length * trace.InputSize
        && new[] { trace.Steps, trace.RelevantSteps, trace.AnswerSteps }.All(steps => AreWithin(steps, trace.Length))
        && trace.Layers.All(layer => layer.Gates.All(gate => gate.Values.Length == (long)trace.Steps.Length * layer.Units.Length));

    private static bool IsWhole(TaskSample sample) =>
        sample.Length > 0 && sample.Steps >= 0 && sample.Steps <= sample.Length && sample.InputSize >= 0 && sample.Inputs.Length == (long)sample.Steps * sample.InputSize
        && AreWithin(sample.RelevantSteps, sample.Length) && AreWithin(sample.AnswerSteps, sample.Length)
        && (sample.Classes is null || sample.Classes.Length == sample.AnswerSteps.Length)
        && (sample.Values is null || (sample.AnswerSteps.Length == 0 ? sample.Values.Length == 0 : sample.Values.Length % sample.AnswerSteps.Length == 0));

    private static bool IsWhole(TimingResult result, TimingSpec spec)
    {
        var rounds = result.CalibrationMs.Length;
        return rounds > 0 && result.MatmulGflops.Length == rounds && result.MultiplyAddGflops.Length == rounds && result.Arms.Count == spec.Arms.Count
            && result.Arms.All(arm => arm.StepMs.Length > 0 && new[] { arm.CpuMs, arm.DataMs, arm.ForwardMs, arm.BackwardMs, arm.UpdateMs }.All(times => times.Length == arm.StepMs.Length));
    }

    private static bool AreWithin(int[] steps, int length) => steps.All(step => step >= 0 && step < length);

    private static string? Parse<T>(string json, JsonTypeInfo<T> type, string name, out T value)
    {
        value = default!;
        try
        {
            value = JsonSerializer.Deserialize(json, type)!;
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            return $"{name}: {error.Message}";
        }

        return MessageShape.FaultOf(value) is { } fault ? $"{name}: {fault}" : null;
    }

    private static string Short(string text) => text.Length <= 40 ? text : text[..40] + "…";
}
