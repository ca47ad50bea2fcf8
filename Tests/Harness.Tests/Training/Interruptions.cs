using System.Security.Cryptography;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training;
using Harness.Training.Checkpoints;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Training;

/// <summary>Runs trials that are killed or stopped on their way.</summary>
internal static class Interruptions
{
    /// <summary>Everything that must not depend on interruptions.</summary>
    public sealed record Run(TrialOutcome? Outcome, List<TrainerFrame> Frames, string WeightsDigest)
    {
        /// <summary>What a receiver of these frames alone knows in the end, and the outcome without wall times.</summary>
        public string Result => string.Join('\n',
        [
            WeightsDigest,
            JsonSerializer.Serialize(Outcome! with { MillisecondsPerStep = null, SequencesPerSecond = null, SecondsToTarget = null, TrainSeconds = 0, EvaluationSeconds = 0, ProbeSeconds = 0 }, HarnessJson.Default.TrialOutcome),
            .. Frames.OfType<MetricFrame>().GroupBy(frame => (frame.Metric, frame.FirstStep)).Select(versions => versions.Last())
                .OrderBy(frame => frame.Metric, StringComparer.Ordinal).ThenBy(frame => frame.FirstStep)
                .Select(frame => $"{frame.Metric} {frame.FirstStep} {frame.Stride} {Convert.ToHexString(frame.Values.SelectMany(BitConverter.GetBytes).ToArray())}"),
            .. Frames.OfType<GradientFrame>().Select(frame => JsonSerializer.Serialize(frame.Profile, HarnessJson.Default.GradientProfile)),
            .. Frames.OfType<GateTraceFrame>().Select(frame => JsonSerializer.Serialize(frame.Trace, HarnessJson.Default.GateTrace)),
            .. Frames.OfType<TestAnalysisFrame>().Select(frame => JsonSerializer.Serialize(frame.Analysis, HarnessJson.Default.TestAnalysis)),
        ]);
    }

    /// <summary>Ends a trial where it stands, as a killed process does: nothing is written, nothing is said.</summary>
    private sealed class KilledException : Exception;

    /// <param name="killAt">Killed when this step has been computed, before anything follows from it; a step that it does not reach kills nothing.</param>
    /// <param name="stopAt">Asked to stop after this step.</param>
    /// <param name="weights">The file of its initial weights.</param>
    public static Run Train(TrialSpec spec, CheckpointRequest? checkpoint = null, int? killAt = null, int? stopAt = null, string? weights = null)
    {
        // Every look at the clock takes long enough for a progress frame per step.
        var clock = new FakeTimeProvider { AutoAdvanceAmount = TimeSpan.FromMilliseconds(600) };
        var frames = new List<TrainerFrame>();
        using var stop = new CancellationTokenSource();
        if (stopAt == 0) stop.Cancel();
        using var trial = new Trial("a", spec, clock, frame =>
        {
            if (frame is TrialProgress progress && progress.Step == killAt) throw new KilledException();
            frames.Add(frame);
            if (frame is TrialProgress { Step: var step } && step == stopAt) stop.Cancel();
        }, checkpoint, weights: weights);
        TrialOutcome? outcome = null;
        try
        {
            outcome = TrainingLoop.Run(trial, stop.Token);
        }
        catch (KilledException)
        {
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (name, tensor) in trial.Model.Weights) hash.AppendData(TensorBytes.Of(name, tensor).Bytes.Span);
        return new(outcome, frames, Convert.ToHexString(hash.GetHashAndReset()));
    }
}
