using System.Diagnostics;
using Harness.Abstractions.Contracts;
using Harness.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Benchmarks;

/// <summary>Memory of a server that has trained a million trials, simulated: experiment after experiment, leased and completed through scheduler and store.</summary>
internal static class MemoryBenchmark
{
    private const int Experiments = 20, TrialsPerExperiment = 50_000, Workers = 8, LeasesAtOnce = 64;

    /// <summary>What the program is called with to measure here.</summary>
    public const string UnderServersSettings = "memory-under-the-servers-settings";

    public static Task Run() => ServerRuntime.Run(UnderServersSettings);

    public static async Task MeasureHere()
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            var harness = await EmbeddedHarness.Open(folder.FullName, NullLoggerFactory.Instance);
            var outcome = System.Text.Json.JsonSerializer.Serialize(ClusterBenchmark.Outcome, HarnessJson.Default.TrialOutcome);
            var began = TimeProvider.System.GetTimestamp();
            for (var number = 0; number < Experiments; number++)
            {
                await harness.Submit(StoreBenchmark.Plan(TrialsPerExperiment, 1 + number * TrialsPerExperiment), "text", "bench.yaml");
                await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Work(harness, $"w{worker}", outcome))));
                var done = (number + 1L) * TrialsPerExperiment;
                var size = new FileInfo(harness.Database.Path).Length;
                if (done % 100_000 == 0)
                    Measure.Row("memory", $"after {done} trials, {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s", $"{Resident():0} MB resident, {GC.GetTotalMemory(forceFullCollection: false) / 1e6:0} MB managed, database {size / 1e6:0} MB");
            }

            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            Measure.Row("memory", "the same after a collection", $"{Resident():0} MB resident");
            var before = new FileInfo(harness.Database.Path).Length;
            await harness.Delete(1);
            Measure.Row("memory", $"database before and after an experiment of {TrialsPerExperiment} trials is deleted", $"{before / 1e6:0} MB, {new FileInfo(harness.Database.Path).Length / 1e6:0} MB");
            await harness.DisposeAsync();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task Work(EmbeddedHarness harness, string name, string outcome)
    {
        var hello = new WorkerHello(name, "h" + name, 1, LeasesAtOnce, StoreBenchmark.Environment);
        while (true)
        {
            var leases = await harness.Scheduler.Acquire(hello, LeasesAtOnce, TimeSpan.Zero, CancellationToken.None);
            if (leases.Count == 0) return;
            await Task.WhenAll(leases.Select(lease => harness.Scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, outcome, null, null, null))));
        }
    }

    private static double Resident()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }
}
