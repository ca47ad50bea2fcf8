using Harness.Server.Grains;
using Harness.Server.Hosting.Security;
using Harness.Store;

namespace Harness.Server.Hosting;

/// <summary>Takes a dead silo's leases back at once. Their expiry would do it, too, somewhat later.</summary>
internal sealed class MembershipWatcher(IClusterMembershipService membership, Scheduler scheduler, ILogger<MembershipWatcher> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var dead = new HashSet<SiloAddress>();
        await foreach (var snapshot in membership.MembershipUpdates.WithCancellation(stoppingToken))
        {
            foreach (var member in snapshot.Members.Values.Where(member => member.Status == SiloStatus.Dead && dead.Add(member.SiloAddress)))
            {
                var worker = member.SiloAddress.ToParsableString();
                try
                {
                    if (await scheduler.LoseWorker(worker, "Its process ended.")) HostingLog.WorkerGone(log, worker);
                }
                catch (WriteRefusedException)
                {
                    // The scheduler has said so; the lease's expiry takes it back.
                }
                catch (StoreException)
                {
                    // The scheduler has failed for good, and its owner knows.
                    return;
                }
            }
        }
    }
}
