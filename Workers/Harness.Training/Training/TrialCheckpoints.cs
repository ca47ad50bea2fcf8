using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Training.Checkpoints;
using Harness.Training.Native;

namespace Harness.Training;

/// <summary>Leaves checkpoints of a running trial, and resumes from the last one.</summary>
internal sealed class TrialCheckpoints
{
    private readonly string attempt;
    private readonly CheckpointRequest request;
    private readonly TrialRecord record;
    private readonly FrameJournal journal;
    private readonly TrainingTensors tensors;
    private readonly TimeProvider clock;
    private readonly Action<TrainerFrame> send;
    private readonly string identity;
    private readonly string platform;
    private readonly CheckpointFolder folder;
    private int? savedStep;
    private long savedAt;

    public TrialCheckpoints(
        string attempt, TrialSpec spec, CheckpointRequest request, TrialRecord record, FrameJournal journal, TrainingTensors tensors, TimeProvider clock, Action<TrainerFrame> send)
    {
        (this.attempt, this.request, this.record, this.journal, this.tensors, this.clock, this.send) = (attempt, request, record, journal, tensors, clock, send);
        identity = TrialIdentity.Of(spec);
        platform = TorchEnvironment.Platform(spec.Device);
        folder = new(request.Folder, identity);
        savedAt = clock.GetTimestamp();
    }

    /// <summary>What is wrong with a request, in words.</summary>
    public static IEnumerable<string> Faults(CheckpointRequest request)
    {
        if (!Path.IsPathFullyQualified(request.Folder)) yield return $"checkpoint.folder is '{request.Folder}'; it must be a full path.";
        if (request.EverySteps < 1) yield return $"checkpoint.every_steps is {request.EverySteps}; it must be at least 1.";
        if (request.EverySeconds is { } seconds && !(seconds >= 0)) yield return "checkpoint.every_seconds must not be negative.";
    }

    /// <summary>Puts everything back as the newest sound checkpoint has it, and says so; says, too, what was refused.</summary>
    /// <returns>Steps already taken, or null when training starts from scratch.</returns>
    public int? Resume(int lastStep)
    {
        var (checkpoint, file, refused) = folder.Load(found =>
        {
            if (found.Step > lastStep) throw new CheckpointRefusedException($"it holds step {found.Step} of a trial of {lastStep} steps");
            if (found.Progress.Platform != platform) throw new CheckpointRefusedException($"it was computed with {found.Progress.Platform}, which can differ in the last bits from {platform}");
            tensors.Check(found);
        });
        if (checkpoint is not null || refused.Count > 0) send(new TrialResumed(attempt, checkpoint?.Step ?? 0, Path.GetFileName(file), refused));
        if (checkpoint is null) return null;

        tensors.Restore(checkpoint);
        journal.SendAgain(checkpoint.Progress.Curves, checkpoint.Progress.Gradients, checkpoint.Progress.Traces ?? []);
        record.Continue(checkpoint.Step, checkpoint.Progress);
        savedStep = checkpoint.Step;
        return checkpoint.Step;
    }

    /// <summary>Saves when an interval has passed.</summary>
    public void SaveIfDue(int step)
    {
        var seconds = request.EverySeconds ?? (request.EverySteps is null ? CheckpointRequest.DefaultSeconds : double.PositiveInfinity);
        if (step % request.EverySteps == 0 || clock.GetElapsedTime(savedAt).TotalSeconds >= seconds) Save(step);
    }

    /// <summary>Saves, unless this step is saved already. A disk that refuses costs the checkpoint, not the trial.</summary>
    public void Save(int step)
    {
        if (savedStep == step) return;
        try
        {
            var file = folder.Save(new(identity, step, record.Capture(journal, platform), tensors.Capture()));
            savedStep = step;
            send(new TrialCheckpointed(attempt, step, Path.GetFileName(file), null));
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            send(new TrialCheckpointed(attempt, step, null, refusal.Message));
        }

        savedAt = clock.GetTimestamp();
    }
}
