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
        using (var silo = SiloHost.Build(NullLoggerFactory.Instance, null, null, null, null, cluster: null))
        {
            await silo.StartAsync(TestContext.Current.CancellationToken);
            await silo.StopAsync(TestContext.Current.CancellationToken);
        }

        using var self = Process.GetCurrentProcess();
        var before = self.TotalProcessorTime;
        await Task.Delay(TimeSpan.FromSeconds(3), TimeProvider.System, TestContext.Current.CancellationToken);
        self.Refresh();
        // A loop without an end would use all three; what earlier tests left behind uses a part.
        (self.TotalProcessorTime - before).ShouldBeLessThan(TimeSpan.FromSeconds(2.5));
    }
}
