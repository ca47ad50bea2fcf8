using Harness.Store;

namespace Harness.Server.Grains;

/// <summary>Checks every second whether a lease ran out or a trial has backed off long enough.</summary>
internal sealed class LeaseSweeper(Scheduler scheduler, TimeProvider time, ILogger<LeaseSweeper> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // Not held up by a database that takes no writes for a while: leases are renewed once when it does again.
                await scheduler.Expire().WaitAsync(stoppingToken);
            }
            catch (StoreException error)
            {
                // The scheduler has failed for good, and its owner knows.
                SchedulerLog.SweepFailed(log, error);
                return;
            }
        }
    }
}
