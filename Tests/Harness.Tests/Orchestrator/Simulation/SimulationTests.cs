using System.Globalization;

namespace Harness.Tests.Orchestrator.Simulation;

public sealed class SimulationTests
{
    /// <summary>More for a longer night: HARNESS_SIMULATIONS=1000000.</summary>
    private static readonly int Seeds =
        int.TryParse(Environment.GetEnvironmentVariable("HARNESS_SIMULATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 10_000;

    [Fact]
    public void Whatever_fails_every_trial_ends_once_and_nothing_stale_is_accepted()
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            try
            {
                new SimulatedCluster(seed).Run();
            }
            catch (InvalidOperationException wrong)
            {
                Assert.Fail($"seed {seed}: {wrong.Message}");
            }
        }
    }
}
