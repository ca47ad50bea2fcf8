using Harness.Experiments.Catalog;
using Harness.Experiments.Contracts;
using Harness.Experiments.Metrics;
using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Training.Checkpoints;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>Trains one trial from its first step to its last and says what happened on the way.</summary>
internal sealed class Trial : IDisposable
{
    private readonly string attempt;
    private readonly TrialSpec spec;
    private readonly TimeProvider clock;
    private readonly Action<TrainerFrame> send;
    private readonly Learner learner;
    private readonly SequenceTask judged;
    private readonly EvaluationSet evaluation;
    private readonly TrialRecord record;
    private readonly TrialCheckpoints? checkpoints;
    private int? done;

    /// <param name="checkpoint">Where to resume from and leave checkpoints; null reads and writes none.</param>
    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <param name="pack">What it shares with the trials that are trained beside it, which take alternate steps; null for one that is alone.</param>
    /// <exception cref="TrialRejectedException">The spec asks for something this trainer does not have.</exception>
    public Trial(string attempt, TrialSpec spec, TimeProvider clock, Action<TrainerFrame> send, CheckpointRequest? checkpoint = null, string? data = null, SideBySide? pack = null)
    {
        TrialCheck.Refuse(spec, checkpoint);
        var journal = checkpoint is null ? null : new FrameJournal(attempt, send);
        (this.attempt, this.spec, this.clock, this.send) = (attempt, spec, clock, journal is null ? send : journal.Send);
        learner = new(spec, data, pack);
        judged = spec.Evaluation.Length is { } length ? SequenceTask.Create(spec.Task with { Length = length, Shortest = null })! : learner.Task;
        evaluation = new(judged, spec.Seed, spec.Evaluation.Sequences, learner.Dtype, learner.Device, learner.Engine);
        record = new(attempt, spec, clock, evaluation.BaselineLoss, this.send);
        if (journal is not null) checkpoints = new(attempt, spec, checkpoint!, record, journal, new(Model.Weights, learner.Optimizer, learner.Settle), clock, send);
    }

    /// <summary>The model as it is trained; tests look into it.</summary>
    public SequenceModel Model => learner.Model;

    /// <summary>What takes the steps.</summary>
    public Learner Learner => learner;

    /// <summary>What it is judged on.</summary>
    public EvaluationSet Evaluation => evaluation;

    /// <summary>What was found, once training has come to its end; null before that, and when it was asked to stop.</summary>
    public TrialOutcome? Outcome { get; private set; }

    /// <summary>Trains to the last step, to divergence, or until asked to stop.</summary>
    /// <returns>What was found, or null when <paramref name="stop"/> ended it.</returns>
    public TrialOutcome? Run(CancellationToken stop)
    {
        while (Advance(stop))
        {
        }

        return Outcome;
    }

    /// <summary>Goes on by one step, with what comes before it and after it; what follows the last is done at once.</summary>
    /// <returns>Whether there is more to do.</returns>
    public bool Advance(CancellationToken stop)
    {
        if (Next(stop) is not { } next) return false;
        record.StepClock.Start();
        var found = learner.Take(next.Step, next.Rate);
        record.StepClock.Stop();
        return Took(next.Step, found);
    }

    /// <summary>Does what comes before a step.</summary>
    /// <returns>The step to be taken, counted from 1, and its learning rate; null when there is none, and the trial has come to its end.</returns>
    public (int Step, double Rate)? Next(CancellationToken stop)
    {
        // Everything that a trial computes comes after this, on this thread.
        SubnormalFlush.Enable();
        var step = done ??= Begin();
        if (step >= spec.Train.Steps || record.EndsEarly)
        {
            Outcome = Finish(step);
            return null;
        }

        if (stop.IsCancellationRequested)
        {
            record.Flush();
            checkpoints?.Save(step);
            send(new TrialStopped(attempt, step));
            return null;
        }

        return (step + 1, LearningRate.At(spec.Train.Optimizer, step + 1, spec.Train.Steps));
    }

    /// <summary>Records a step that was executed as part of a batched step.</summary>
    /// <param name="share">Of the time that it took, in seconds.</param>
    /// <param name="evaluated">What was found, with the others, if an evaluation <see cref="EvaluatesAfter"/> it; and this trial's share of the time.</param>
    /// <returns>Whether there is more to do.</returns>
    public bool Took(int step, StepFindings found, double share, (Evaluation Found, TimeSpan Share)? evaluated)
    {
        record.StepClock.Count(share);
        return Took(step, found, evaluated);
    }

    /// <summary>Whether the model is evaluated after a step, unless it diverges.</summary>
    public bool EvaluatesAfter(int step) => step % spec.Evaluation.Every == 0 || step == spec.Train.Steps;

    /// <summary>Notes a step that was taken, and evaluates, probes and saves what is due after it.</summary>
    /// <returns>Whether there is more to do.</returns>
    private bool Took(int step, StepFindings found, (Evaluation Found, TimeSpan Share)? evaluated = null)
    {
        done = step;
        record.Step(step, found.Loss, found.Norm, found.Clipped);
        if (!found.IsFinite)
        {
            Outcome = record.Diverged(step, Model, evaluation.BaselineLoss);
            return false;
        }

        if (step % 20 == 0 && learner.LeavesGarbage) GC.Collect(0);
        if (evaluated is { } known) record.Evaluated(step, known.Found, known.Share);
        else if (EvaluatesAfter(step)) Evaluate(step);
        if (step == spec.Train.Steps / 2) Probe(ProbeMoment.Middle, step);
        if (step % spec.Probe.GradientsEvery == 0) Probe(ProbeMoment.During, step);
        checkpoints?.SaveIfDue(step);
        return true;
    }

    /// <summary>Says what is trained, and does what comes before the first step unless an earlier attempt has.</summary>
    /// <returns>Steps that are done.</returns>
    private int Begin()
    {
        send(new TrialStarted(attempt, Model.Network.ParameterCount, Model.ParameterCount, evaluation.BaselineLoss, DeviceName(), TaskExample.Of(learner.Task, spec.Seed)));
        if (checkpoints?.Resume(spec.Train.Steps) is { } resumed) return resumed;
        Probe(ProbeMoment.Init, 0);
        Evaluate(0);
        return 0;
    }

    private TrialOutcome Finish(int step)
    {
        checkpoints?.Save(step);
        Probe(ProbeMoment.End, step);
        EvaluateOnce(step);
        return record.Completed(Model, evaluation.BaselineLoss);
    }

    private void Evaluate(int step)
    {
        var started = clock.GetTimestamp();
        learner.Settle();
        var found = evaluation.Evaluate(Model);
        record.Evaluated(step, found, clock.GetElapsedTime(started));
    }

    /// <summary>What is only looked at when training is over: the training set as it was trained on, and the held-out test set.</summary>
    private void EvaluateOnce(int step)
    {
        var (started, task) = (clock.GetTimestamp(), learner.Task);
        learner.Settle();
        if (spec.Train.Sequences is { } count)
            SendPoints(step, [(MetricCatalog.TrainingSetLoss, EvaluationSet.Once(Model, task.BatchShape, count, learner.Training.FixedSequences, learner.Dtype, learner.Device, learner.Engine).Loss)]);
        if (task.TestSequences > 0)
        {
            var found = EvaluationSet.Once(Model, task.BatchShape, Math.Min(spec.Evaluation.Sequences, task.TestSequences), task.Test, learner.Dtype, learner.Device, learner.Engine);
            SendPoints(step, [(MetricCatalog.TestLoss, found.Loss)]);
            if (found.Accuracy is { } accuracy) SendPoints(step, [(MetricCatalog.TestAccuracy, accuracy)]);
        }

        record.EvaluatedOnce(clock.GetElapsedTime(started));
    }

    private void Probe(ProbeMoment moment, int step)
    {
        var (started, cell, device) = (clock.GetTimestamp(), learner.Cell, learner.Device);
        learner.Settle();
        using (NewDisposeScope())
        {
            var sequences = new Lazy<BatchTensors>(() => BatchTensors.Of(judged.Evaluation(spec.Seed, 0, spec.Probe.Sequences), ScalarType.Float64, device));
            if (moment == ProbeMoment.During || spec.Probe.Gradients.Contains(moment))
                foreach (var profile in GradientProbe.Take(Model, cell, sequences.Value, moment, step)) send(new GradientFrame(attempt, profile));
            if (spec.Probe.Dynamics?.Contains(moment) == true) SendPoints(step, DynamicsProbe.Take(Model, cell, sequences.Value));
            if (spec.Probe.Health?.Contains(moment) == true)
                SendPoints(step, HealthProbe.Take(Model, cell, BatchTensors.Of(judged.Evaluation(spec.Seed, 0, spec.Probe.Sequences), learner.Dtype, device), sequences.Value));
            if (spec.Probe.Weights?.Contains(moment) == true) SendPoints(step, WeightProbe.Take(Model));
            if (spec.Probe.Gates?.Contains(moment) == true && CellCatalog.Get(spec.Model.Cell).RetentionGate is not null)
                SendPoints(step, GateProbe.Take(Model, cell, CellCatalog.Get(spec.Model.Cell), sequences.Value));
            if (spec.Probe.Trace?.Contains(moment) == true && CellCatalog.Get(spec.Model.Cell) is { Gates.Count: > 0 } gated)
                send(new GateTraceFrame(attempt, GateTraceProbe.Take(Model, cell, gated, judged.Example(spec.Seed), moment, step)));
        }

        record.Probed(clock.GetElapsedTime(started));
    }

    private void SendPoints(int step, IEnumerable<(string Metric, double Value)> points)
    {
        foreach (var (metric, value) in points) send(new MetricFrame(attempt, metric, step, 1, [(float)value]));
    }

    private string DeviceName() => spec.Device == DeviceKind.Cuda ? "cuda" : "cpu";

    public void Dispose()
    {
        evaluation.Dispose();
        learner.Dispose();
    }
}
