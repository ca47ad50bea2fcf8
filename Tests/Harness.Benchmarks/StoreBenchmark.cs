using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Store;

namespace Harness.Benchmarks;

/// <summary>Durable ingest through the store's own interface: wished 1 M points/s.</summary>
internal static class StoreBenchmark
{
    private const int Trials = 64;
    private const int Frames = 40;
    private const int PointsPerFrame = 256;

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            using var database = ResultsDatabase.Open(folder.FullName, TimeProvider.System);
            await using var writer = new StoreWriter(database);
            var store = new ExperimentStore(writer, TimeProvider.System);
            var admitted = (await store.Submit(Plan(Trials), "text", "bench.yaml")).Admitted.Single();
            var worker = new WorkerHello("w", "host", 1, Trials, "{}");
            AttemptKey[] attempts = [.. admitted.Trials.Select(trial => new AttemptKey(trial.Trial, 1, worker.Worker))];
            await store.Record([new WorkerJoined(worker), .. attempts.Select(attempt => new AttemptStarted(attempt))]);

            var values = Enumerable.Range(0, PointsPerFrame).Select(i => 1f / (i + 1)).ToArray();
            var began = TimeProvider.System.GetTimestamp();
            var pending = new List<Task>();
            for (var frame = 0; frame < Frames; frame++)
            {
                foreach (var attempt in attempts)
                {
                    MetricBatch[] batches = [.. new[] { "train.loss", "train.grad_norm" }.Select(metric => new MetricBatch(metric, frame * PointsPerFrame + 1, 1, values))];
                    pending.Add(store.RecordMeasurements(new AttemptReport(attempt, batches, [], frame, 0.5, null)));
                }
            }

            await Task.WhenAll(pending);
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            const double points = 2.0 * Trials * Frames * PointsPerFrame;
            Measure.Row("store", $"durable ingest of {points / 1e6:0.0} M points, synchronous=FULL", $"{points / elapsed.TotalSeconds / 1e6:0.00} M points/s");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Of every trial.</summary>
    public const int Steps = 20_000;

    /// <summary>A worker's environment as the server takes it.</summary>
    public const string Environment =
        """{"harness":"b","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":1,"devices":["cpu"],"threads":1}""";

    /// <summary>An experiment of one condition.</summary>
    /// <param name="seed">Of the first trial.</param>
    public static ExperimentPlan Plan(int trials, int seed = 1)
    {
        TrialSpec Spec(long seed) => new(
            TrialSpec.RevisionOf(KernelPath.Library), new TaskSpec("adding", 10, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec("rnn", KernelPath.Library, 4, 1, Bidirectional: false, "tanh", InitKind.Default), new TrainSpec(Steps, 4, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1),
            new EvaluationSpec(5, 10), new ProbeSpec([], 4), null, Precision.Float32, DeviceKind.Cpu, seed);
        var condition = new Condition(0, "rnn", new Dictionary<string, string>(StringComparer.Ordinal), Spec(1), 32, 37, 1);
        return new ExperimentPlan("bench", null, FormattableString.Invariant($"bench {seed}"), [condition],
            [.. Enumerable.Range(0, trials).Select(i => new PlannedTrial(i, 0, TrialIdentity.Of(Spec(i + seed)), Spec(i + seed)))], new RunSpec());
    }
}
