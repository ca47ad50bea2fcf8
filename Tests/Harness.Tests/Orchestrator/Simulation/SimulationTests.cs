using System.Collections.Concurrent;
using System.Globalization;
using Harness.Reports.Model;

namespace Harness.Tests.Orchestrator.Simulation;

public sealed class SimulationTests
{
    /// <summary>More for a longer night: HARNESS_SIMULATIONS=1000000.</summary>
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("HARNESS_SIMULATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 10_000;

    [Fact]
    public void Some_simulated_failures_end_every_trial_once() => Simulate(500);

    [SlowFact(Category.Search)]
    public void Whatever_fails_every_trial_ends_once_and_nothing_stale_is_accepted() => Simulate(Seeds);

    private static void Simulate(int seeds)
    {
        var failures = new ConcurrentQueue<string>();
        Parallel.For(0, seeds, new ParallelOptions { CancellationToken = TestContext.Current.CancellationToken }, (seed, loop) =>
        {
            try
            {
                new SimulatedCluster(seed).Run();
            }
            catch (InvalidOperationException wrong)
            {
                failures.Enqueue($"seed {seed}: {wrong.Message}");
                loop.Stop();
            }
        });
        failures.ShouldBeEmpty();
    }
}
