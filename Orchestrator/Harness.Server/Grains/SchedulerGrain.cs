using Harness.Abstractions.Contracts;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Harness.Server.Grains;

/// <summary>
/// The façade that workers talk to. It has no state: an activation may come and go, the <see cref="Door"/> stays.
/// Reentrant, so that open calls for work block nobody.
/// </summary>
[Reentrant, KeepAlive, Immovable, GrainType("harness.scheduler")]
internal sealed class SchedulerGrain(Door door) : Grain, ISchedulerGrain
{
    public Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation = default) =>
        door.Acquire(worker, freeSlots, wait, cancellation);

    public Task<HeartbeatReply> Heartbeat(string worker, IReadOnlyList<HeldLease> running, WorkerLoad? load) => Task.FromResult(door.Heartbeat(worker, running, load));

    public Task<bool> Report(AttemptReport report, LeaseToken token) => door.Report(report, token);

    public Task<bool> Complete(AttemptCompletion completion, LeaseToken token) => door.Complete(completion, token);

    public Task Leave(string worker, IReadOnlyList<HeldLease> held) => door.Leave(worker, held);
}
