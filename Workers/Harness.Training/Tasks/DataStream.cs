using Harness.Abstractions.Specs;

namespace Harness.Training.Tasks;

/// <summary>What a trial learns from, batch after batch.</summary>
/// <param name="isShared">Whether several trials ask for each batch; the newest one is kept for them.</param>
internal sealed class DataStream(SequenceTask task, TrainingSet training, bool isShared)
{
    private static readonly Lock reading = new();
    private static (TaskSpec Spec, SequenceTask Task)? kept;

    private (int Step, SequenceBatch Batch)? newest;

    public SequenceTask Task => task;

    public TrainingSet Training => training;

    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <exception cref="Shared.TrialRejectedException">The data are not what the trial names.</exception>
    public static DataStream Of(TrialSpec spec, string? data, bool isShared)
    {
        var task = spec.Task.Data is null ? SequenceTask.Create(spec.Task)! : OfFile(spec.Task, data);
        return new(task, new(task, spec.Train, spec.Seed), isShared);
    }

    /// <summary>The file's sequences. Those that were read last are kept: most trials of an experiment read the same ones, and a large file takes longer to read than to learn from.</summary>
    private static SequenceTask OfFile(TaskSpec spec, string? data)
    {
        lock (reading)
        {
            if (kept is { } known && known.Spec == spec)
            {
                DataContent.Verify(spec, data);
                return known.Task;
            }

            // Before the next one is read, so that they are never in memory together.
            kept = null;
            var task = SequenceTask.Create(spec, DataContent.Read(spec, data))!;
            kept = (spec, task);
            return task;
        }
    }

    /// <summary>The batch of training step <paramref name="step"/>, counted from 1. Nobody may write to it.</summary>
    public SequenceBatch Batch(int step)
    {
        if (!isShared) return training.Batch(step);
        if (newest is not { } kept || kept.Step != step) newest = kept = (step, training.Batch(step));
        return kept.Batch;
    }
}
