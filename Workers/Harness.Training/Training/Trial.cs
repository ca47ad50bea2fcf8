using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Checkpoints;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Training;

/// <summary>One trial: what is trained, and what happens to it before, between and after its optimizer steps. <see cref="TrainingLoop"/> says when.</summary>
internal sealed class Trial : IDisposable
{
    private readonly string attempt;
    private readonly TrialSpec spec;
    private readonly Action<TrainerFrame> send;
    private readonly Learner learner;
    private readonly SequenceTask evaluationTask;
    private readonly EvaluationSet evaluation;
    private readonly TrialRecord record;
    private readonly TrialCheckpoints? checkpoints;
    private readonly KeptWeights? kept;
    private bool hasBegun;

    /// <param name="checkpoint">Where to resume from and leave checkpoints; null reads and writes none.</param>
    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <param name="shared">What it shares with the other trials of its group; null for a trial that is trained alone.</param>
    /// <param name="weights">Where the file is that the initial weights come from; null where all are drawn.</param>
    /// <exception cref="TrialRejectedException">The spec asks for something this trainer does not have.</exception>
    public Trial(string attempt, TrialSpec spec, TimeProvider clock, Action<TrainerFrame> send, CheckpointRequest? checkpoint = null, string? data = null, GroupMemory? shared = null, string? weights = null)
    {
        TrialCheck.Refuse(spec, checkpoint);
        var journal = checkpoint is null ? null : new FrameJournal(attempt, send);
        (this.attempt, this.spec, Clock, this.send) = (attempt, spec, clock, journal is null ? send : journal.Send);
        IsInGroup = shared is not null;
        learner = new(spec, data, shared, weights);
        evaluationTask = spec.Evaluation.Length is { } length ? SequenceTask.Create(spec.Task with { Length = length, Shortest = null })! : learner.Task;
        evaluation = new(evaluationTask, spec.Seed, spec.Evaluation.Sequences, learner.Dtype, learner.Device, learner.Native);
        record = new(attempt, spec, clock, evaluation.BaselineLoss, this.send);
        kept = spec.Train.Keep == KeepKind.Best ? new(Model.Weights, learner.SyncFromBatch) : null;
        if (journal is not null) checkpoints = new(attempt, spec, checkpoint!, record, journal, new(Model.Weights, learner.Optimizer, learner.SyncFromBatch, kept), clock, send);
    }

    public TrialSpec Spec => spec;

    /// <summary>Measures steps, evaluations and probes.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Whether it is trained with others and shares memory with them.</summary>
    public bool IsInGroup { get; }

    /// <summary>Cancelled when the trial must end before its next step.</summary>
    public CancellationToken Stop { get; set; }

    /// <summary>The model as it is trained; tests look into it.</summary>
    public SequenceModel Model => learner.Model;

    public Learner Learner => learner;

    public EvaluationSet Evaluation => evaluation;

    /// <summary>Optimizer steps so far, those of earlier attempts included.</summary>
    public int StepsDone { get; private set; }

    /// <summary>Whether a stop rule of the spec says that training is over.</summary>
    public bool MeetsStopRule => record.EndsEarly;

    /// <summary>Whether the trial takes no further step.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>The outcome of a completed or diverged trial; null before, and for a trial that was stopped or failed.</summary>
    public TrialOutcome? Outcome { get; private set; }

    /// <summary>At the first call, announces the trial, then resumes from a checkpoint, or probes and evaluates the initial model.</summary>
    public void BeginOnce()
    {
        if (hasBegun) return;
        send(new TrialStarted(attempt, Model.Network.ParameterCount, Model.ParameterCount, evaluation.BaselineLoss, DeviceName(), TaskExample.Of(learner.Task, spec.Seed)));
        SendBaselines();
        if (checkpoints?.Resume(spec.Train.Steps) is { } resumed)
        {
            StepsDone = resumed;
        }
        else
        {
            Probe(ProbeMoment.Init);
            var started = Clock.GetTimestamp();
            var found = evaluation.Evaluate(Model);
            RecordEvaluation(found, Clock.GetElapsedTime(started));
        }

        hasBegun = true;
    }

    /// <summary>The next step, with its learning rate.</summary>
    public ModelTurn NextTurn() => new(learner, StepsDone + 1, LearningRate.At(spec.Train.Optimizer, StepsDone + 1, spec.Train.Steps));

    /// <summary>Records a step. A loss or gradient that is not finite ends the trial as diverged.</summary>
    /// <param name="seconds">Wall time of the step, or this trial's share of it.</param>
    public void RecordStep(StepResult result, double seconds)
    {
        StepsDone++;
        record.StepClock.Record(seconds);
        record.RecordStep(StepsDone, result.Loss, result.Norm, result.Clipped);
        if (!result.IsFinite) End(record.Diverged(StepsDone, Model, evaluation.BaselineLoss));
        else if (StepsDone % 20 == 0 && learner.LeavesGarbage) GC.Collect(0);
    }

    /// <param name="time">Wall time of the evaluation, or this trial's share of it.</param>
    public void RecordEvaluation(Evaluation found, TimeSpan time)
    {
        if (record.RecordEvaluation(StepsDone, found, time)) kept?.Keep();
    }

    /// <summary>Runs the probes that the spec asks for at a moment.</summary>
    public void Probe(ProbeMoment moment)
    {
        var (started, cell, device, step) = (Clock.GetTimestamp(), learner.Cell, learner.Device, StepsDone);
        learner.SyncFromBatch();
        // Probes leave numbers to the collector as steps do (see TrainerProcess.Start): collect now, not in the middle of a native call.
        GC.Collect(0);
        using (NewDisposeScope())
        {
            var sequences = new Lazy<BatchTensors>(() => BatchTensors.Of(evaluationTask.Evaluation(spec.Seed, 0, spec.Probe.Sequences), ScalarType.Float64, device));
            if (moment == ProbeMoment.During || spec.Probe.Gradients.Contains(moment))
                foreach (var profile in GradientProbe.Measure(Model, cell, sequences.Value, moment, step)) send(new GradientFrame(attempt, profile));
            var definition = CellCatalog.Get(spec.Model.Cell);
            var probed = new ProbedModel(Model, cell, definition, sequences, new(() => BatchTensors.Of(evaluationTask.Evaluation(spec.Seed, 0, spec.Probe.Sequences), learner.Dtype, device)));
            foreach (var probe in MetricCatalog.PointProbes.Where(probe => probe.Moments(spec.Probe)?.Contains(moment) == true && probe.AppliesTo(definition)))
                SendPoints(Implementations<ModelProbe>.Create(probe.Setting)!.Measure(probed));
            if (spec.Probe.Trace?.Contains(moment) == true && definition.Gates.Count > 0)
                send(new GateTraceFrame(attempt, GateTraceProbe.Measure(Model, cell, definition, evaluationTask.Example(spec.Seed), moment, step)));
        }

        record.AddProbeTime(Clock.GetElapsedTime(started));
    }

    /// <summary>Saves a checkpoint when its interval has passed.</summary>
    public void SaveCheckpointIfDue() => checkpoints?.SaveIfDue(StepsDone);

    /// <summary>Ends training: saves a checkpoint, puts the kept weights back, probes the trained model, and evaluates it on the sets that are evaluated once.</summary>
    public void Complete()
    {
        checkpoints?.Save(StepsDone);
        if (kept is not null)
        {
            learner.LeaveBatch();
            kept.PutBack();
        }

        Probe(ProbeMoment.End);
        EvaluateOnce();
        End(record.Completed(Model, evaluation.BaselineLoss));
    }

    /// <summary>Ends the trial without an outcome, after a checkpoint that a later attempt resumes from.</summary>
    public void Interrupt()
    {
        record.Flush();
        checkpoints?.Save(StepsDone);
        send(new TrialStopped(attempt, StepsDone));
        End(null);
    }

    /// <summary>Ends the trial without an outcome, because of an exception.</summary>
    public void Fail() => End(null);

    private void End(TrialOutcome? outcome) => (Outcome, HasEnded) = (outcome, true);

    /// <summary>Evaluates what is evaluated only after training: the training set as it was trained on, and the held-out test set.</summary>
    private void EvaluateOnce()
    {
        var (started, task) = (Clock.GetTimestamp(), learner.Task);
        learner.SyncFromBatch();
        if (spec.Train.Sequences is { } count)
            SendPoints([(MetricCatalog.TrainingSetLoss, EvaluationSet.Once(Model, task.BatchShape, count, learner.Training.FixedSequences, learner.Dtype, learner.Device, learner.Native).Loss)]);
        if (task.TestSequences > 0)
        {
            var found = EvaluationSet.Once(Model, task.BatchShape, Math.Min(spec.Evaluation.Sequences, task.TestSequences), task.Test, learner.Dtype, learner.Device, learner.Native);
            SendPoints([(MetricCatalog.TestLoss, found.Loss)]);
            if (found.Accuracy is { } accuracy) SendPoints([(MetricCatalog.TestAccuracy, accuracy)]);
            if (task.Baselines(spec.Evaluation.Sequences).MinBy(baseline => baseline.Loss) is { TestLoss: > 0 and { } best }) SendPoints([(MetricCatalog.TestSkill, 1 - found.Loss / best)]);
            if (task is WindowTask windows)
            {
                var (measures, analysis) = new TestAnalyser(windows, new(Model, learner.Native, learner.Dtype, learner.Device), spec.Evaluation.Sequences, spec).Analyse(found.Loss);
                SendPoints(measures);
                send(new TestAnalysisFrame(attempt, analysis));
            }
        }

        record.AddEvaluationTime(Clock.GetElapsedTime(started));
    }

    /// <summary>What the baselines of the file come to, which no step changes.</summary>
    private void SendBaselines()
    {
        foreach (var score in learner.Task.Baselines(spec.Evaluation.Sequences))
        {
            SendPoints([(MetricCatalog.Baseline(score.Name), score.Loss)]);
            if (score.TestLoss is { } test) SendPoints([(MetricCatalog.BaselineOnTest(score.Name), test)]);
            if (score.Accuracy is { } accuracy) SendPoints([(MetricCatalog.BaselineAccuracy(score.Name), accuracy)]);
            if (score.TestAccuracy is { } testAccuracy) SendPoints([(MetricCatalog.BaselineTestAccuracy(score.Name), testAccuracy)]);
            SendPoints(score.Measures.Select(measure => (MetricCatalog.BaselineMeasure(score.Name, measure.Metric), measure.Value)));
        }
    }

    private void SendPoints(IEnumerable<(string Metric, double Value)> points)
    {
        foreach (var (metric, value) in points) send(new MetricFrame(attempt, metric, StepsDone, 1, [(float)value]));
    }

    private string DeviceName() => spec.Device == DeviceKind.Cuda ? "cuda" : "cpu";

    public void Dispose()
    {
        evaluation.Dispose();
        learner.Dispose();
    }
}
