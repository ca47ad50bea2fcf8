using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Scheduling;

namespace Harness.Benchmarks;

/// <summary>The scheduler's own cost per trial, without store and network: wished flat from 1,000 to 1,000,000 trials.</summary>
internal static class SchedulerBenchmark
{
    public static async Task Run()
    {
        foreach (var count in new[] { 1_000, 10_000, 100_000, 1_000_000 })
        {
            var trials = Enumerable.Range(0, count).Select(i => new AdmittedTrial(i, i.ToString("x8", CultureInfo.InvariantCulture), "{}", "t", TrialState.Pending, 0, 0, 0, null)).ToArray();
            var time = await Measure.Median(3, () =>
            {
                var core = new SchedulerCore(TimeProvider.System, new SchedulerOptions());
                core.Admit(new AdmittedExperiment(1, 0, 1, 10, trials));
                var changes = new List<SchedulerChange>();
                for (var worker = 0; core.Acquire(new WorkerHello($"w{worker % 1000}", "h", 1, 1, "{}"), 1, changes) is [var lease]; worker++)
                {
                    core.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, null), changes);
                    changes.Clear();
                }

                return Task.CompletedTask;
            });
            Measure.Row("scheduler", $"lease and complete, {count} trials", $"{time.TotalMicroseconds / count:0.0} µs per trial");
        }
    }
}
