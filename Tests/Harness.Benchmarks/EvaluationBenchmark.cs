using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Benchmarks;

/// <summary>
/// An evaluation of a model on the engine, by the engine alone and with torch around the recurrence, in turns: medians of the thread's processor time. Beside them
/// a training step, in which an evaluation's cost is easiest to think.
/// </summary>
internal static class EvaluationBenchmark
{
    private const int Sequences = 300, Batch = 32;

    private const double VisitMilliseconds = 4, Budget = 2000;

    public static Task Run()
    {
        TorchEnvironment.Start();
        foreach (var (task, length) in (IEnumerable<(string, int)>)[("temporal-order", 50), ("adding", 50), ("copy-memory", 20)])
            foreach (var cell in (string[])["rnn", "lstm", "gru"])
                foreach (var hidden in (int[])[32, 64]) Compare(task, length, cell, hidden);
        return Task.CompletedTask;
    }

    private static void Compare(string kind, int length, string cell, int hidden)
    {
        var task = SequenceTask.Create(new TaskSpec(kind, length, new(TaskCatalog.Get(kind).Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Default!)))))!;
        var stack = new StackShape(task.Shape.InputSize, hidden, 1, Bidirectional: false, cell == "rnn" ? "tanh" : null, ScalarType.Float32, CPU);
        using var model = new SequenceModel(new EngineNetwork<float>(RecurrentCell.Find(cell)!, stack), task.Shape);
        WeightDraw.Apply(model, new(cell, KernelPath.Engine, hidden, 1, Bidirectional: false, null, InitKind.Default), task.Shape.Steps, seed: 1);
        using var native = NativeModel.Of(model)!;
        using var own = new EvaluationSet(task, 1, Sequences, ScalarType.Float32, CPU, native);
        using var torch = new EvaluationSet(task, 1, Sequences, ScalarType.Float32, CPU);
        var batch = task.TrainingBatch(1, 1, Batch);
        var clip = new TrainSpec(1, Batch, new(OptimizerKind.Adam, 1e-3), null);
        Visitor[] all =
        [
            Visitor(() => own.Evaluate(model)),
            Visitor(() => torch.Evaluate(model)),
            Visitor(() =>
            {
                native.Forward(batch, null);
                native.Backward();
                native.Clip(clip);
            }),
        ];
        var began = TimeProvider.System.GetTimestamp();
        for (var round = 0; round < 9 || TimeProvider.System.GetElapsedTime(began).TotalMilliseconds < Budget; round++)
            for (var turn = 0; turn < all.Length; turn++) all[(round + turn) % all.Length].Visit(counts: round >= 2);
        Measure.Row("evaluation", $"{kind} {length}, {cell}, H = {hidden}, {Sequences} sequences",
            $"{all[1].Processor / all[0].Processor:0.00}× as fast as with torch around the recurrence; as long as {all[0].Processor / all[2].Processor:0.0} training steps without optimizer, {all[1].Processor / all[2].Processor:0.0} before");
    }

    private static Visitor Visitor(Action action) => new(VisitMilliseconds, times =>
    {
        var (processor, wall) = (ThreadClock.Milliseconds(), TimeProvider.System.GetTimestamp());
        for (var time = 0; time < times; time++) action();
        return new(ThreadClock.Milliseconds() - processor, TimeProvider.System.GetElapsedTime(wall).TotalMilliseconds);
    });
}
