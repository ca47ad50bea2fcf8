using Harness.Experiments.Catalog;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Checkpoints;
using Harness.Training.Engine;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>Trains one trial from its first step to its last and says what happened on the way.</summary>
internal sealed class Trial : IDisposable
{
    private readonly string attempt;
    private readonly TrialSpec spec;
    private readonly TimeProvider clock;
    private readonly Action<TrainerFrame> send;
    private readonly Device device;
    private readonly ScalarType dtype;
    private readonly SequenceTask task, judged;
    private readonly TrainingSet training;
    private readonly RecurrentCell cell;
    private readonly SequenceModel model;
    private readonly EvaluationSet evaluation;
    private readonly TrialRecord record;
    private readonly Parameter[] parameters;
    private readonly optim.Optimizer optimizer;
    private readonly EngineTraining? engine;
    private readonly EngineOptimizer? engineOptimizer;
    private readonly TrialCheckpoints? checkpoints;

    /// <param name="checkpoint">Where to go on from and leave checkpoints; null reads and writes none.</param>
    /// <param name="data">Where the file is that the trial names by its hash; null for generated tasks.</param>
    /// <exception cref="TrialRejectedException">The spec asks for something this trainer does not have.</exception>
    public Trial(string attempt, TrialSpec spec, TimeProvider clock, Action<TrainerFrame> send, CheckpointRequest? checkpoint = null, string? data = null)
    {
        TrialCheck.Refuse(spec, checkpoint);
        var journal = checkpoint is null ? null : new FrameJournal(attempt, send);
        (this.attempt, this.spec, this.clock, this.send) = (attempt, spec, clock, journal is null ? send : journal.Send);
        device = spec.Device == DeviceKind.Cuda ? CUDA : CPU;
        dtype = spec.Dtype == Precision.Float64 ? ScalarType.Float64 : ScalarType.Float32;
        task = SequenceTask.Create(spec.Task, DataContent.Read(spec.Task, data))!;
        training = new(task, spec.Train, spec.Seed);
        cell = RecurrentCell.Find(spec.Model.Cell)!;

        var shape = new StackShape(task.Shape.InputSize, spec.Model.Hidden, spec.Model.Layers, spec.Model.Bidirectional, spec.Model.Activation, dtype, device);
        model = new(RecurrentNetwork.Create(cell, spec.Model.Kernel, shape, layerByLayer: spec.Model.Dropout > 0), task.Shape);
        WeightDraw.Apply(model, spec.Model, task.Shape.Steps, spec.Seed);
        judged = spec.Evaluation.Length is { } length ? SequenceTask.Create(spec.Task with { Length = length, Shortest = null })! : task;
        evaluation = new(judged, spec.Seed, spec.Evaluation.Sequences, dtype, device);
        record = new(attempt, spec, clock, evaluation.BaselineLoss, this.send);
        parameters = [.. model.Parameters];
        optimizer = Optimizers.Create(spec.Train.Optimizer, parameters);
        engine = EngineTraining.Of(model, spec.Train);
        if (engine is not null) engineOptimizer = new(optimizer, spec.Train.Optimizer, parameters);
        if (journal is not null) checkpoints = new(attempt, spec, checkpoint!, record, journal, new(model.Weights, optimizer), clock, send);
    }

    /// <summary>The model as it is trained; tests look into it.</summary>
    public SequenceModel Model => model;

    /// <summary>Trains to the last step, to divergence, or until asked to stop.</summary>
    /// <returns>What was found, or null when <paramref name="stop"/> ended it.</returns>
    public TrialOutcome? Run(CancellationToken stop)
    {
        send(new TrialStarted(attempt, model.Network.ParameterCount, model.ParameterCount, evaluation.BaselineLoss, DeviceName(), TaskExample.Of(task, spec.Seed)));
        var step = checkpoints?.Resume(spec.Train.Steps) ?? Begin();
        while (step < spec.Train.Steps && !record.EndsEarly)
        {
            if (stop.IsCancellationRequested)
            {
                record.Flush();
                checkpoints?.Save(step);
                send(new TrialStopped(attempt, step));
                return null;
            }

            step++;
            record.StepClock.Start();
            double loss, norm;
            bool clipped;
            using (NewDisposeScope())
            {
                (loss, norm, clipped) = Gradients(training.Batch(step), spec.Model.Dropout is > 0 and { } rate ? new(rate, spec.Seed, step) : null);
                if (double.IsFinite(loss) && double.IsFinite(norm)) Update(LearningRate.At(spec.Train.Optimizer, step, spec.Train.Steps));
            }

            record.StepClock.Stop();
            record.Step(step, loss, norm, clipped);
            if (!double.IsFinite(loss) || !double.IsFinite(norm)) return record.Diverged(step, model, evaluation.BaselineLoss);

            CollectGarbage(step);
            if (step % spec.Evaluation.Every == 0 || step == spec.Train.Steps) Evaluate(step);
            if (step == spec.Train.Steps / 2) Probe(ProbeMoment.Middle, step);
            if (step % spec.Probe.GradientsEvery == 0) Probe(ProbeMoment.During, step);
            checkpoints?.SaveIfDue(step);
        }

        checkpoints?.Save(step);
        Probe(ProbeMoment.End, step);
        EvaluateOnce(step);
        return record.Completed(model, evaluation.BaselineLoss);
    }

    /// <summary>Leaves this step's gradients in the weights, clipped.</summary>
    private (double Loss, double Norm, bool Clipped) Gradients(SequenceBatch sequences, DropoutMasks? dropout)
    {
        if (engine is not null)
        {
            var found = engine.Forward(sequences, dropout);
            var (length, cut) = engine.Backward();
            return (found, length, cut);
        }

        var batch = BatchTensors.Of(sequences, dtype, device);
        var error = batch.Loss(model.Predict(batch, dropout));
        optimizer.zero_grad();
        model.Backward(error);
        var (norm, clipped) = GradientClip.Apply(parameters, spec.Train);      // after backward, on this step's gradients
        return (error.to(ScalarType.Float64).item<double>(), norm, clipped);
    }

    private void Update(double rate)
    {
        if (engineOptimizer is not null)
        {
            engineOptimizer.Step(rate);
            return;
        }

        Optimizers.SetLearningRate(optimizer, rate);
        optimizer.step();
    }

    /// <summary>What comes before the first step.</summary>
    private int Begin()
    {
        Probe(ProbeMoment.Init, 0);
        Evaluate(0);
        return 0;
    }

    private void Evaluate(int step)
    {
        var started = clock.GetTimestamp();
        var found = evaluation.Evaluate(model);
        record.Evaluated(step, found, clock.GetElapsedTime(started));
    }

    /// <summary>What is only looked at when training is over: the training set as it was trained on, and the held-out test set.</summary>
    private void EvaluateOnce(int step)
    {
        var started = clock.GetTimestamp();
        if (spec.Train.Sequences is { } count)
            SendPoints(step, [("train.set_loss", EvaluationSet.Once(model, task.BatchShape, count, training.FixedSequences, dtype, device).Loss)]);
        if (task.TestSequences > 0)
        {
            var found = EvaluationSet.Once(model, task.BatchShape, Math.Min(spec.Evaluation.Sequences, task.TestSequences), task.Test, dtype, device);
            SendPoints(step, [("test.loss", found.Loss)]);
            if (found.Accuracy is { } accuracy) SendPoints(step, [("test.accuracy", accuracy)]);
        }

        record.EvaluatedOnce(clock.GetElapsedTime(started));
    }

    private void Probe(ProbeMoment moment, int step)
    {
        var started = clock.GetTimestamp();
        using (NewDisposeScope())
        {
            var sequences = new Lazy<BatchTensors>(() => BatchTensors.Of(judged.Evaluation(spec.Seed, 0, spec.Probe.Sequences), ScalarType.Float64, device));
            if (moment == ProbeMoment.During || spec.Probe.Gradients.Contains(moment))
                foreach (var profile in GradientProbe.Take(model, cell, sequences.Value, moment, step)) send(new GradientFrame(attempt, profile));
            if (spec.Probe.Dynamics?.Contains(moment) == true) SendPoints(step, DynamicsProbe.Take(model, cell, sequences.Value));
            if (spec.Probe.Health?.Contains(moment) == true)
                SendPoints(step, HealthProbe.Take(model, cell, BatchTensors.Of(judged.Evaluation(spec.Seed, 0, spec.Probe.Sequences), dtype, device), sequences.Value));
            if (spec.Probe.Weights?.Contains(moment) == true) SendPoints(step, WeightProbe.Take(model));
            if (spec.Probe.Gates?.Contains(moment) == true && CellCatalog.Get(spec.Model.Cell).RetentionGate is not null)
                SendPoints(step, GateProbe.Take(model, cell, CellCatalog.Get(spec.Model.Cell), sequences.Value));
            if (spec.Probe.Trace?.Contains(moment) == true && CellCatalog.Get(spec.Model.Cell) is { Gates.Count: > 0 } gated)
                send(new GateTraceFrame(attempt, GateTraceProbe.Take(model, cell, gated, judged.Example(spec.Seed), moment, step)));
        }

        record.Probed(clock.GetElapsedTime(started));
    }

    private void SendPoints(int step, IEnumerable<(string Metric, double Value)> points)
    {
        foreach (var (metric, value) in points) send(new MetricFrame(attempt, metric, step, 1, [(float)value]));
    }

    /// <summary>
    /// The library's LSTM (<see cref="RecurrentCell.FragmentsMemory"/>) on the CPU allocates megabytes per step; the small native objects that wait for .NET's finalizer keep that
    /// memory from being reused, until a process has grown to gigabytes and a step takes ten times as long. Nothing else needs this.
    /// </summary>
    private void CollectGarbage(int step)
    {
        if (step % 20 == 0 && cell.FragmentsMemory && spec is { Device: DeviceKind.Cpu, Model.Kernel: KernelPath.Library }) GC.Collect(0);
    }

    private string DeviceName() => spec.Device == DeviceKind.Cuda ? "cuda" : "cpu";

    public void Dispose()
    {
        engine?.Dispose();
        optimizer.Dispose();
        evaluation.Dispose();
        model.Dispose();
    }
}
