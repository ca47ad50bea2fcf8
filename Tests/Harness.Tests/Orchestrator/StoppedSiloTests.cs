using System.Diagnostics;
using Harness.Server.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Orchestrator;

/// <summary>Measures the processor time of this process, so nothing else may run.</summary>
[Collection(Measurements.Name)]
public sealed class StoppedSiloTests
{
    [Fact]
    public async Task A_stopped_silo_leaves_the_processor_alone()
    {
        // What earlier tests left behind uses a part of the processor before as after.
        var before = await Used();
        using (var silo = SiloHost.Build(NullLoggerFactory.Instance, null, null, null, null, cluster: null))
        {
            await silo.StartAsync(TestContext.Current.CancellationToken);
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }

        // A loop without an end would use all three seconds of a core.
        (await Used() - before).ShouldBeLessThan(TimeSpan.FromSeconds(1.5));
    }

    private static async Task<TimeSpan> Used()
    {
        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
        self.Refresh();
        return self.TotalProcessorTime - before;
    }
}
