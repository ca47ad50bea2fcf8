using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Server.Grains;

/// <summary>
/// What workers say, checked before anything is decided on it: who may say it, its shape, and whether it can be true of the trial.
/// Behind this door every message can be stored.
/// </summary>
internal sealed class Door(Scheduler scheduler, LeaseTokens tokens, ILogger<Door> log)
{
    private const int MostSlots = 10_000;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);

    /// <exception cref="MessageRefusedException">The worker's introduction makes no sense.</exception>
    public async Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation)
    {
        Require("acquire", NameOf(worker?.Worker), MessageShape.FaultOf(worker) ?? MessageCheck.FaultOf(worker!)
            ?? (freeSlots is < 0 or > MostSlots ? $"freeSlots is {freeSlots}" : wait < TimeSpan.Zero || wait > LongestWait ? $"wait is {wait}" : null));
        var leases = await scheduler.Acquire(worker!, freeSlots, wait, cancellation);
        return [.. leases.Select(lease => lease with { Token = tokens.Of(lease.Attempt) })];
    }

    /// <summary>A lease without its token is not extended, and its worker learns that it must stop.</summary>
    public HeartbeatReply Heartbeat(string worker, IReadOnlyList<HeldLease> running, WorkerLoad? load)
    {
        Require("heartbeat", NameOf(worker), Named(worker) ?? FaultOf(running) ?? (load is null ? null : MessageShape.FaultOf(load)));
        var foreign = running.Where(lease => !tokens.Proves(lease.Attempt, lease.Token)).Select(lease => lease.Attempt).ToArray();
        foreach (var attempt in foreign) SchedulerLog.WrongToken(log, "heartbeat", attempt.ToString());
        return new HeartbeatReply([.. scheduler.Heartbeat(worker, [.. running.Select(lease => lease.Attempt).Except(foreign)], load), .. foreign]);
    }

    /// <exception cref="MessageRefusedException">The token is wrong, or the report can never be stored.</exception>
    public async Task<bool> Report(AttemptReport report, LeaseToken token)
    {
        Require("report", NameOf(report?.Attempt), MessageShape.FaultOf(report));
        Prove("report", report!.Attempt, token);
        if (SpecOf(report.Attempt) is not { } spec) return false;
        Require("report", report.Attempt.ToString(), MessageCheck.FaultOf(report, spec));
        return await scheduler.Report(report);
    }

    /// <exception cref="MessageRefusedException">The token is wrong, or the end can never be stored.</exception>
    public async Task<bool> Complete(AttemptCompletion completion, LeaseToken token)
    {
        Require("complete", NameOf(completion?.Attempt), MessageShape.FaultOf(completion));
        Prove("complete", completion!.Attempt, token);
        // An end that is told again belongs to a trial that does not run any more.
        if (SpecOf(completion.Attempt) is { } spec) Require("complete", completion.Attempt.ToString(), MessageCheck.FaultOf(completion, spec));
        return await scheduler.Complete(completion);
    }

    /// <exception cref="MessageRefusedException">The caller has not shown that it is this worker.</exception>
    public Task Leave(string worker, IReadOnlyList<HeldLease> held)
    {
        Require("leave", NameOf(worker), Named(worker) ?? FaultOf(held));
        var isProven = held.Any(lease => lease.Attempt.Worker == worker && tokens.Proves(lease.Attempt, lease.Token));
        if (!isProven && scheduler.Running(new HashSet<string>(StringComparer.Ordinal) { worker }).Count > 0)
        {
            SchedulerLog.WrongToken(log, "leave", worker);
            throw new MessageRefusedException($"'{worker}' holds leases, but the message has none of their tokens.");
        }

        return scheduler.Leave(worker, inOrder: true, "The worker left.");
    }

    /// <summary>Whether the caller holds the lease, and the trial's checkpoint can be of that step.</summary>
    /// <exception cref="MessageRefusedException">The token is wrong, or the piece makes no sense.</exception>
    public bool MayWrite(HeldLease lease, int step, long offset, FilePiece piece)
    {
        Require("checkpoint", NameOf(lease?.Attempt), MessageShape.FaultOf(lease) ?? MessageShape.FaultOf(piece) ?? (offset < 0 ? $"offset is {offset}" : null));
        Prove("checkpoint", lease!.Attempt, lease.Token);
        if (SpecOf(lease.Attempt) is not { } spec) return false;
        Require("checkpoint", lease.Attempt.ToString(), step < 0 || step > spec.Train.Steps ? $"step {step} is not one of the trial's {spec.Train.Steps}" : null);
        return true;
    }

    private static string? Named(string? worker) => string.IsNullOrEmpty(worker) ? "worker is missing" : MessageShape.FaultOf(new AttemptKey("", 0, worker));

    /// <summary>Who speaks, for the log, if what it calls itself can be written there.</summary>
    private static string? NameOf(string? worker) => Named(worker) is null ? worker : null;

    private static string? NameOf(AttemptKey? attempt) => attempt is not null && MessageShape.FaultOf(attempt) is null ? attempt.ToString() : null;

    private static string? FaultOf(IReadOnlyList<HeldLease>? leases) =>
        leases is null ? "the leases are missing" : leases.Count > MostSlots ? $"{leases.Count} leases" : leases.Select(MessageShape.FaultOf).FirstOrDefault(fault => fault is not null);

    private TrialSpec? SpecOf(AttemptKey attempt) => scheduler.SpecOf(attempt) is { } json ? JsonSerializer.Deserialize(json, HarnessJson.Default.TrialSpec) : null;

    private void Prove(string call, AttemptKey attempt, LeaseToken? token)
    {
        if (tokens.Proves(attempt, token)) return;
        SchedulerLog.WrongToken(log, call, attempt.ToString());
        throw new MessageRefusedException("The token of the lease is missing or wrong.");
    }

    private void Require(string call, string? sender, string? fault)
    {
        if (fault is null) return;
        SchedulerLog.MessageRefused(log, call, sender ?? "unknown", fault);
        throw new MessageRefusedException(fault);
    }
}
