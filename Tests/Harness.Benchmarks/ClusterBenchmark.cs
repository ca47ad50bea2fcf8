using System.Diagnostics;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Server.Grains;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Workers.Checkpoints;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Benchmarks;

/// <summary>The whole control plane with simulated trainers: grain calls, scheduler, durable store. Wished: at most 1 ms per trial, flat in their number.</summary>
internal static class ClusterBenchmark
{
    private const int Workers = 1000;
    private const int PointsPerTrial = 100;
    private const int Reporters = 64;

    private static readonly float[] losses = [.. Enumerable.Range(0, PointsPerTrial).Select(i => 1f / (i + 1))];

    public static async Task Run()
    {
        foreach (var trials in new[] { 1_000, 10_000, 100_000 })
        {
            var folder = Directory.CreateTempSubdirectory("harness-bench-");
            try
            {
                await Train(folder.FullName, trials);
                if (trials == 100_000) await Restart(folder.FullName, trials);
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }

        await Report();
    }

    /// <summary>1,000 workers with one slot each lease, report 100 points and complete, until nothing is left.</summary>
    private static async Task Train(string folder, int trials)
    {
        await using var harness = await EmbeddedHarness.Open(folder, NullLoggerFactory.Instance);
        using var host = await Start(harness);
        var experiment = await harness.Submit(StoreBenchmark.Plan(trials), "text", "bench.yaml");
        var scheduler = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISchedulerGrain>("scheduler");
        var outcome = System.Text.Json.JsonSerializer.Serialize(Outcome, HarnessJson.Default.TrialOutcome);
        var began = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(number => Task.Run(() => Work($"w{number}"))));
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        if (harness.Scheduler.Progress(experiment) is not { Finished: true }) throw new InvalidOperationException("Trials were left over.");
        Measure.Row("cluster", $"lease, report {PointsPerTrial} points and complete, {Workers} workers, {trials} trials, durable", $"{elapsed.TotalMilliseconds / trials:0.000} ms per trial");
        await host.StopAsync();

        async Task Work(string name)
        {
            var hello = new WorkerHello(name, "h" + name, 1, 1, StoreBenchmark.Environment);
            while (true)
            {
                var leases = await scheduler.Acquire(hello, 1, TimeSpan.Zero);
                if (leases.Count == 0) return;
                var attempt = leases[0].Attempt;
                await scheduler.Report(new AttemptReport(attempt, [new MetricBatch("train.loss", 1, 1, losses)], [], PointsPerTrial, 0.1, "cpu"), leases[0].Token!);
                await scheduler.Complete(new AttemptCompletion(attempt, AttemptEnd.Completed, outcome, null, null, null), leases[0].Token!);
            }
        }
    }

    /// <summary>Opens what <see cref="Train"/> left, and readies it to lease.</summary>
    private static async Task Restart(string folder, int trials)
    {
        var began = TimeProvider.System.GetTimestamp();
        await using var harness = await EmbeddedHarness.Open(folder, NullLoggerFactory.Instance, keepAttempts: true);
        await harness.Scheduler.Recover();
        using var host = await Start(harness);
        var elapsed = TimeProvider.System.GetElapsedTime(began);
        using var connection = harness.Database.Connect();
        var points = connection.Scalar<long>("SELECT sum(count) FROM metric_chunk");
        using var process = Process.GetCurrentProcess();
        Measure.Row("cluster", $"restart with {trials} trials and {points / 1e6:0} M points, until the silo answers", $"{elapsed.TotalSeconds:0.00} s, {process.WorkingSet64 / 1e6:0} MB resident (benchmark included)");
        await host.StopAsync();
    }

    /// <summary>64 reporters at once through grain calls; every point has to be in the database afterwards.</summary>
    private static async Task Report()
    {
        const int rounds = 40, batch = 256;
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            await using var harness = await EmbeddedHarness.Open(folder.FullName, NullLoggerFactory.Instance);
            using var host = await Start(harness);
            await harness.Submit(StoreBenchmark.Plan(Reporters), "text", "bench.yaml");
            var scheduler = host.Services.GetRequiredService<IGrainFactory>().GetGrain<ISchedulerGrain>("scheduler");
            var leases = await scheduler.Acquire(new WorkerHello("w", "h", 1, Reporters, StoreBenchmark.Environment), Reporters, TimeSpan.Zero);
            var values = Enumerable.Range(0, batch).Select(i => 1f / (i + 1)).ToArray();
            var began = TimeProvider.System.GetTimestamp();
            await Task.WhenAll(leases.Select(lease => Task.Run(async () =>
            {
                for (var round = 0; round < rounds; round++)
                {
                    MetricBatch[] batches = [.. new[] { "train.loss", "train.grad_norm" }.Select(metric => new MetricBatch(metric, (round * batch) + 1, 1, values))];
                    if (!await scheduler.Report(new AttemptReport(lease.Attempt, batches, [], round * batch, 0.5, null), lease.Token!)) throw new InvalidOperationException("A report was refused.");
                }
            })));
            var elapsed = TimeProvider.System.GetElapsedTime(began);
            using var connection = harness.Database.Connect();
            var stored = connection.Scalar<long>("SELECT sum(count) FROM metric_chunk");
            const long sent = 2L * Reporters * rounds * batch;
            Measure.Row("cluster", $"{Reporters} reporters at once through grain calls, {sent / 1e6:0.0} M points, {sent - stored} lost", $"{sent / elapsed.TotalSeconds / 1e6:0.00} M points/s");
            await host.StopAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The orchestrator's silo, without slots.</summary>
    internal static async Task<IHost> Start(EmbeddedHarness harness)
    {
        var files = new SharedFiles(harness.Database, harness.Content, CheckpointFiles.In(harness.Folder, NullLogger.Instance));
        var host = SiloHost.Build(NullLoggerFactory.Instance, harness.Scheduler, new Door(harness.Scheduler, LeaseTokens.New(), NullLogger<Door>.Instance), files, worker: null, cluster: null);
        await SiloHost.Start(host, CancellationToken.None);
        return host;
    }

    public static TrialOutcome Outcome => new() { Kind = OutcomeKind.Completed, Steps = StoreBenchmark.Steps, FinalLoss = 0.1, BestLoss = 0.1, BaselineLoss = 0.2, Solved = false, Parameters = 37, ParametersTotal = 42, MillisecondsPerStep = 1, SequencesPerSecond = 1000, TrainSeconds = 0.1, EvaluationSeconds = 0.01, ProbeSeconds = 0.01, ClippedShare = 0 };
}
