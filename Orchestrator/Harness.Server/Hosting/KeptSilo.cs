namespace Harness.Server.Hosting;

/// <summary>
/// A silo that can be stopped and not disposed. Orleans' grain directory follows the list of silos in a loop without an end
/// (<c>LocalGrainDirectory.ProcessMembershipUpdates</c>, Orleans 10.4). Once the list is disposed every pass ends at once, and the loop
/// occupies a processor until the process ends.
/// </summary>
internal sealed class KeptSilo(IHost host) : IHost
{
    public IServiceProvider Services => host.Services;

    public Task StartAsync(CancellationToken cancellationToken = default) => host.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken = default) => host.StopAsync(cancellationToken);

    /// <summary>Does nothing, see above: a process has one silo, and stopping it closes its connections.</summary>
    public void Dispose()
    {
    }
}
