using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Native;
using static TorchSharp.torch;

namespace Harness.Training;

/// <summary>The training loop. Every optimizer step of production, tests and benchmarks runs through this file; <see cref="ITrainStep"/> is the seam to the backends.</summary>
/// <param name="listener">Is told how each trial ends. Without a listener the first exception ends the loop.</param>
internal sealed class TrainingLoop(IReadOnlyList<Trial> trials, TimeProvider clock, ITrialListener? listener = null) : IDisposable
{
    private readonly IReadOnlyList<StepGroup> groups = StepGroup.Of(trials);

    /// <summary>Trains one trial to its end on the calling thread.</summary>
    /// <returns>The outcome, or null when <paramref name="stop"/> ended the trial.</returns>
    public static TrialOutcome? Run(Trial trial, CancellationToken stop)
    {
        trial.Stop = stop;
        using var loop = new TrainingLoop([trial], trial.Clock);
        loop.Run();
        return trial.Outcome;
    }

    /// <summary>Trains every trial to its end. Groups take their steps in turn, and a trial that ends leaves the others alone.</summary>
    public void Run()
    {
        while (groups.Any(group => group.Running.Any()))
            foreach (var group in groups) Advance(group);
    }

    /// <summary>One optimizer step of a model, or of several models in one program.</summary>
    /// <param name="ended">Called after each phase. On a CUDA device a phase has then been queued, not computed.</param>
    public static IReadOnlyList<StepResult> TrainStep(ITrainStep step, IReadOnlyList<ModelTurn> turns, Action<StepPhase>? ended = null)
    {
        using var scope = NewDisposeScope();
        step.LoadBatches(turns);                      // batch
        ended?.Invoke(StepPhase.Data);
        step.Forward();                               // forward, loss
        ended?.Invoke(StepPhase.Forward);
        step.Backward();                              // backward
        ended?.Invoke(StepPhase.Backward);
        var results = step.Clip();                    // clip, on this step's gradients
        step.Update(results);                         // update
        ended?.Invoke(StepPhase.Update);
        return results;
    }

    /// <summary>One step of a group, with everything that is due before and after it.</summary>
    private void Advance(StepGroup group)
    {
        foreach (var trial in group.Running) Try(() => ApplyStopRules(trial), trial);
        Trial[] ready = [.. group.Running];
        if (ready.Length == 0) return;

        ModelTurn[] turns = [.. ready.Select(trial => trial.NextTurn())];
        IReadOnlyList<StepResult> results = [];
        var time = TimeSpan.Zero;
        Try(() => results = Timed(group.StepOf(ready), step => TrainStep(step, turns), out time), ready);
        foreach (var (trial, result) in Running(ready).Zip(results)) Try(() => trial.RecordStep(result, time.TotalSeconds / ready.Length), trial);

        // What is due: evaluation, probes, checkpoint.
        Trial[] due = [.. Running(ready).Where(IsEvaluated)];
        IReadOnlyList<Evaluation> evaluations = [];
        if (due.Length > 0) Try(() => evaluations = Timed(group.StepOf(ready), step => step.EvaluateBatch(Sets(due)), out time), [.. Running(ready)]);
        foreach (var (trial, evaluation) in due.Zip(evaluations)) Try(() => trial.RecordEvaluation(evaluation, time / due.Length), trial);
        foreach (var trial in Running(ready)) Try(() => ProbeAndSave(trial), trial);
    }

    /// <summary>Ends a trial after its last step, when it met its own stop rule, or when it was asked to stop.</summary>
    private static void ApplyStopRules(Trial trial)
    {
        SubnormalFlush.Enable();                      // everything that a trial computes comes after this, on this thread
        trial.BeginOnce();                            // resumes from a checkpoint, or probes and evaluates the initial model
        if (trial.StepsDone >= trial.Spec.Train.Steps || trial.MeetsStopRule) trial.Complete();
        else if (trial.Stop.IsCancellationRequested) trial.Interrupt();
    }

    private static void ProbeAndSave(Trial trial)
    {
        if (trial.StepsDone == trial.Spec.Train.Steps / 2) trial.Probe(ProbeMoment.Middle);
        if (trial.StepsDone % trial.Spec.Probe.GradientsEvery == 0) trial.Probe(ProbeMoment.During);
        trial.SaveCheckpointIfDue();
    }

    private static bool IsEvaluated(Trial trial) => trial.StepsDone % trial.Spec.Evaluation.Every == 0 || trial.StepsDone == trial.Spec.Train.Steps;

    private static IReadOnlyList<(Learner, EvaluationSet)> Sets(Trial[] due) => [.. due.Select(trial => (trial.Learner, trial.Evaluation))];

    private static IEnumerable<Trial> Running(Trial[] trials) => trials.Where(trial => !trial.HasEnded);

    private T Timed<T>(ITrainStep step, Func<ITrainStep, T> action, out TimeSpan time)
    {
        var started = clock.GetTimestamp();
        var result = action(step);
        time = clock.GetElapsedTime(started);
        return result;
    }

    /// <summary>Runs an action and tells the listener which trials it ended. An exception ends all trials that it affects.</summary>
    private void Try(Action action, params Trial[] affected)
    {
        try
        {
            action();
            foreach (var trial in affected.Where(trial => trial.HasEnded)) listener?.OnEnded(trial);
        }
        catch (Exception failure) when (listener is not null && failure is not IOException)
        {
            foreach (var trial in affected) trial.Fail();
            foreach (var trial in affected) listener.OnFailed(trial, failure, shared: affected.Length > 1);
        }
    }

    public void Dispose()
    {
        foreach (var group in groups) group.Dispose();
    }
}
