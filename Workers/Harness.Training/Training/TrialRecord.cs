using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Checkpoints;
using Harness.Training.Networks;

namespace Harness.Training;

/// <summary>Everything a trial found so far: curves go out as frames, the rest becomes its outcome.</summary>
internal sealed class TrialRecord
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(500);

    private readonly string attempt;
    private readonly TrialSpec spec;
    private readonly TimeProvider clock;
    private readonly Action<TrainerFrame> send;
    private readonly MetricRecorder trainLoss, trainNorm, evaluationLoss, evaluationAccuracy;
    private readonly TargetWatch target;
    private TimeSpan evaluationTime, probeTime;
    private Evaluation? latest;
    private KeptEvaluation? kept;
    private double? bestLoss;
    private int steps, clippedSteps, evaluationsWithoutGain;
    private long progressAt;

    public TrialRecord(string attempt, TrialSpec spec, TimeProvider clock, double baseline, Action<TrainerFrame> send)
    {
        (this.attempt, this.spec, this.clock, this.send) = (attempt, spec, clock, send);
        target = TargetWatch.For(spec, baseline);
        trainLoss = new(attempt, MetricCatalog.TrainingLoss, 1, 1, clock, send);
        trainNorm = new(attempt, MetricCatalog.GradientNorm, 1, 1, clock, send);
        evaluationLoss = new(attempt, MetricCatalog.EvaluationLoss, 0, spec.Evaluation.Every, clock, send);
        evaluationAccuracy = new(attempt, MetricCatalog.EvaluationAccuracy, 0, spec.Evaluation.Every, clock, send);
        progressAt = clock.GetTimestamp();
    }

    public StepClock StepClock { get; } = new();

    private MetricRecorder[] Recorders => [trainLoss, trainNorm, evaluationLoss, evaluationAccuracy];

    /// <summary>Whether a stopping rule of the spec has been met.</summary>
    public bool EndsEarly => spec.Train.EarlyStop is { } rule
        && (rule.OnTarget == true && target.Reached is not null || evaluationsWithoutGain >= rule.Patience);

    public void RecordStep(int step, double loss, double norm, bool clipped)
    {
        steps = step;
        if (clipped) clippedSteps++;
        trainLoss.Add(loss);
        trainNorm.Add(norm);
        if (clock.GetElapsedTime(progressAt) < ProgressInterval) return;
        progressAt = clock.GetTimestamp();
        send(new TrialProgress(attempt, step, spec.Train.Steps, loss));
    }

    /// <returns>Whether its weights are to be kept: they are asked for, and it is the best evaluation so far.</returns>
    public bool RecordEvaluation(int step, Evaluation found, TimeSpan time)
    {
        evaluationTime += time;
        latest = found;
        var gained = double.IsFinite(found.Loss) && !(found.Loss >= bestLoss);
        if (gained) bestLoss = found.Loss;
        evaluationsWithoutGain = gained ? 0 : evaluationsWithoutGain + 1;
        var keeps = gained && spec.Train.Keep == KeepKind.Best;
        if (keeps) kept = new(step, found.Loss, found.Accuracy);
        target.See(step, StepClock.TotalSeconds, found);
        if (step % spec.Evaluation.Every == 0)
        {
            evaluationLoss.Add(found.Loss);
            if (found.Accuracy is { } accuracy) evaluationAccuracy.Add(accuracy);
        }
        else
        {
            // The last step, when it is not a multiple of the stride, stands alone.
            send(new MetricFrame(attempt, MetricCatalog.EvaluationLoss, step, 1, [(float)found.Loss]));
            if (found.Accuracy is { } accuracy) send(new MetricFrame(attempt, MetricCatalog.EvaluationAccuracy, step, 1, [(float)accuracy]));
        }

        return keeps;
    }

    /// <summary>Counts what evaluations after training time.</summary>
    public void AddEvaluationTime(TimeSpan time) => evaluationTime += time;

    public void AddProbeTime(TimeSpan time) => probeTime += time;

    public TrialOutcome Completed(SequenceModel model, double baseline) => Outcome(steps < spec.Train.Steps ? OutcomeKind.EarlyStopped : OutcomeKind.Completed, null, model, baseline);

    public TrialOutcome Diverged(int step, SequenceModel model, double baseline) => Outcome(OutcomeKind.Diverged, step, model, baseline);

    /// <summary>What a checkpoint keeps of it, after everything held back has been sent.</summary>
    public TrialProgressSnapshot Capture(FrameJournal journal, string platform)
    {
        Flush();
        return new(
            platform, clippedSteps, evaluationsWithoutGain, bestLoss, latest?.Loss, latest?.Accuracy,
            Sighting(target.Candidate), Sighting(target.Reached),
            evaluationTime.TotalSeconds, probeTime.TotalSeconds, StepClock.StepSeconds, journal.Curves, journal.Gradients, journal.Traces is { Count: > 0 } traces ? traces : null, kept);
    }

    /// <summary>Resumes where an earlier attempt at the same trial stopped; its frames have been sent again already.</summary>
    public void Continue(int step, TrialProgressSnapshot earlier)
    {
        (steps, clippedSteps, evaluationsWithoutGain, bestLoss) = (step, earlier.ClippedSteps, earlier.EvaluationsWithoutGain, earlier.BestLoss);
        kept = earlier.Kept;
        latest = earlier.LatestLoss is { } loss ? new(loss, earlier.LatestAccuracy) : null;
        target.Continue(Sighting(earlier.Candidate), Sighting(earlier.Reached));
        (evaluationTime, probeTime) = (TimeSpan.FromSeconds(earlier.EvaluationSeconds), TimeSpan.FromSeconds(earlier.ProbeSeconds));
        StepClock.Continue(earlier.StepSeconds);
        foreach (var recorder in Recorders) recorder.Continue(earlier.Curves);
    }

    /// <summary>Sends the points that are still held back.</summary>
    public void Flush()
    {
        foreach (var recorder in Recorders) recorder.Flush();
    }

    private static TargetSighting? Sighting((int Step, double Seconds)? seen) => seen is { } found ? new(found.Step, found.Seconds) : null;

    private static (int Step, double Seconds)? Sighting(TargetSighting? seen) => seen is { } found ? (found.Step, found.Seconds) : null;

    private TrialOutcome Outcome(OutcomeKind kind, int? divergedAt, SequenceModel model, double baseline)
    {
        Flush();
        var milliseconds = StepClock.MedianMilliseconds();
        // A diverged trial has no weights to keep: its losses are those of its last evaluation.
        var ending = divergedAt is null ? kept : null;
        return new TrialOutcome
        {
            Kind = kind,
            Steps = steps,
            FinalLoss = ending is null ? latest?.Loss : ending.Loss,
            KeptStep = ending?.Step,
            BestLoss = bestLoss,
            FinalAccuracy = ending is null ? latest?.Accuracy : ending.Accuracy,
            BaselineLoss = baseline,
            Solved = target.Reached is not null,
            StepsToTarget = target.Reached?.Step,
            SecondsToTarget = target.Reached?.Seconds,
            DivergedAtStep = divergedAt,
            Parameters = model.Network.ParameterCount,
            ParametersTotal = model.ParameterCount,
            MillisecondsPerStep = milliseconds,
            SequencesPerSecond = milliseconds > 0 ? spec.Train.Batch * 1000 / milliseconds : null,
            TrainSeconds = StepClock.TotalSeconds,
            EvaluationSeconds = evaluationTime.TotalSeconds,
            ProbeSeconds = probeTime.TotalSeconds,
            ClippedShare = (spec.Train.ClipNorm ?? spec.Train.ClipValue) is null ? null : (double)clippedSteps / steps,
        };
    }
}
