namespace Harness.Abstractions.Contracts;

/// <summary>
/// What a worker says to the server. Workers pull; no call waits for training; every call may be repeated.
/// </summary>
/// <remarks>
/// The grain behind it is a façade without state. Every statement about an attempt is accepted only while that attempt is
/// the trial's live one (fencing) and the caller presents its lease's token. Every call is checked before anything is decided on it:
/// one that can never be accepted throws <see cref="MessageRefusedException"/>. A refused call changes nothing.
/// </remarks>
[Alias("harness.scheduler"), GrainInterfaceType("harness.scheduler")]
public interface ISchedulerGrain : IGrainWithStringKey
{
    /// <summary>Asks for work; returns at once when there is some, else after <paramref name="wait"/> with an empty list.</summary>
    /// <param name="worker">Who asks; known from then on.</param>
    /// <param name="freeSlots">At most this many leases come back.</param>
    /// <param name="wait">How long the server may keep the call open; keep it well below the response timeout.</param>
    /// <param name="cancellation">Gives the call up; a lease granted meanwhile expires by itself.</param>
    [Alias("acquire")]
    Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation = default);

    /// <summary>Extends the leases of what the worker runs and learns which attempts it must abandon.</summary>
    /// <param name="load">How busy its machine is, for people; null when it cannot tell.</param>
    [Alias("heartbeat")]
    Task<HeartbeatReply> Heartbeat(string worker, IReadOnlyList<HeldLease> running, WorkerLoad? load);

    /// <summary>Hands over measurements; the reply comes after they are on disk.</summary>
    /// <returns>False when the attempt is no longer the trial's live one: stop it.</returns>
    [Alias("report")]
    Task<bool> Report(AttemptReport report, LeaseToken token);

    /// <summary>Ends an attempt; the reply comes after its result is on disk.</summary>
    /// <returns>False when the attempt is no longer the trial's live one: its result is not wanted.</returns>
    [Alias("complete")]
    Task<bool> Complete(AttemptCompletion completion, LeaseToken token);

    /// <summary>The worker leaves in order: what it still holds goes back to the queue without costing a retry.</summary>
    /// <param name="held">What it holds; one such lease proves that it is the worker. A worker without leases needs no proof, for it has nothing to lose.</param>
    [Alias("leave")]
    Task Leave(string worker, IReadOnlyList<HeldLease> held);
}
