using Harness.Experiments.Planning;
using Harness.Experiments.Specs;
using Harness.Training.Training;

namespace Harness.Training.Protocol;

/// <summary>What a trainer is given at a time: one trial, or several that are trained side by side, each to an end of its own.</summary>
/// <remarks>Those on the batched path take their steps as one program, kind by kind; the others take turns.</remarks>
internal sealed class RequestedPack(IReadOnlyList<RequestedTrial> trials, FrameWriter output, TimeProvider clock, Action<RequestedTrial> ended) : IDisposable
{
    private readonly SideBySide? pack = trials.Count > 1 ? new SideBySide() : null;
    private readonly Dictionary<string, BatchedLearners> programs = new(StringComparer.Ordinal);
    private readonly List<RequestedTrial> open = [.. trials];

    /// <summary>Gives every trial a step in its turn, until each has ended in its own way.</summary>
    public void Train()
    {
        var together = pack is null ? [] : open.Where(trial => trial.Spec is { Model.Kernel: KernelPath.Batched, Timing: null })
            .GroupBy(trial => Packing.KindOf(trial.Spec), StringComparer.Ordinal).Select(kind => (Kind: kind.Key, Trials: kind.ToArray())).ToArray();
        var alone = open.Except(together.SelectMany(program => program.Trials)).ToArray();
        while (open.Count > 0)
        {
            foreach (var trial in alone)
                if (open.Contains(trial) && !trial.Advance(output, clock, pack)) End(trial);
            foreach (var program in together) Advance(program.Kind, [.. program.Trials.Where(open.Contains)]);
        }
    }

    /// <summary>One step of trials of one kind.</summary>
    private void Advance(string kind, RequestedTrial[] trials)
    {
        var ready = new List<(RequestedTrial Trial, int Step, double Rate)>();
        foreach (var trial in trials)
        {
            if (trial.Prepare(output, clock, pack!, out var next)) ready.Add((trial, next.Step, next.Rate));
            else End(trial);
        }

        if (ready.Count == 0) return;
        try
        {
            if (!programs.TryGetValue(kind, out var program)) programs.Add(kind, program = new([.. ready.Select(turn => turn.Trial.Trial!.Learner)]));
            Step(program, ready);
        }
        catch (Exception failure) when (failure is not IOException)
        {
            foreach (var (trial, _, _) in ready)
            {
                trial.Fail(output, failure, shared: ready.Count > 1);
                End(trial);
            }
        }
    }

    private void Step(BatchedLearners program, List<(RequestedTrial Trial, int Step, double Rate)> ready)
    {
        var started = clock.GetTimestamp();
        var found = program.Take([.. ready.Select(turn => (turn.Trial.Trial!.Learner, turn.Step, turn.Rate))]);
        var share = clock.GetElapsedTime(started).TotalSeconds / ready.Count;
        var evaluated = Evaluate(program, [.. ready.Where((turn, index) => found[index].IsFinite && turn.Trial.Trial!.EvaluatesAfter(turn.Step)).Select(turn => turn.Trial)], ready.Count);
        foreach (var (index, (trial, step, _)) in ready.Index())
            if (!trial.Took(output, step, found[index], share, evaluated.TryGetValue(trial, out var evaluation) ? evaluation : null)) End(trial);
    }

    /// <param name="members">How many the program trains: it has memory for a step of these.</param>
    private Dictionary<RequestedTrial, (Evaluation Found, TimeSpan Share)> Evaluate(BatchedLearners program, RequestedTrial[] due, int members)
    {
        var evaluated = new Dictionary<RequestedTrial, (Evaluation, TimeSpan)>();
        if (due.Length == 0) return evaluated;
        // So many at a time as keep about what a training step of all keeps.
        var (batch, chunk) = (due[0].Spec.Train.Batch, Math.Min(EvaluationSet.Chunk, due[0].Spec.Evaluation.Sequences));
        foreach (var some in due.Chunk((int)Math.Max(1, (long)members * batch / chunk)))
        {
            var started = clock.GetTimestamp();
            var found = program.Evaluate([.. some.Select(trial => (trial.Trial!.Learner, trial.Trial.Evaluation))]);
            var share = clock.GetElapsedTime(started) / some.Length;
            foreach (var (trial, evaluation) in some.Zip(found)) evaluated.Add(trial, (evaluation, share));
        }

        return evaluated;
    }

    private void End(RequestedTrial trial)
    {
        open.Remove(trial);
        ended(trial);
        trial.Dispose();
    }

    public void Dispose()
    {
        foreach (var program in programs.Values) program.Dispose();
        foreach (var trial in open) trial.Dispose();
        pack?.Dispose();
    }
}
