using Harness.Experiments.Contracts;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Harness.Orchestrator.Scheduling;

/// <summary>
/// The façade that workers talk to. It has no state: an activation may come and go, the <see cref="Scheduler"/> stays.
/// Reentrant, so that open calls for work block nobody.
/// </summary>
[Reentrant, KeepAlive, Immovable, GrainType("harness.scheduler")]
internal sealed class SchedulerGrain(Scheduler scheduler) : Grain, ISchedulerGrain
{
    public Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation = default) =>
        scheduler.Acquire(worker, freeSlots, wait, cancellation);

    public Task<HeartbeatReply> Heartbeat(string worker, IReadOnlyList<AttemptKey> running, WorkerLoad? load) =>
        Task.FromResult(new HeartbeatReply(scheduler.Heartbeat(worker, running, load)));

    public Task<bool> Report(AttemptReport report) => scheduler.Report(report);

    public Task<bool> Complete(AttemptCompletion completion) => scheduler.Complete(completion);

    public Task Leave(string worker) => scheduler.Leave(worker, inOrder: true, "The worker left.");
}
