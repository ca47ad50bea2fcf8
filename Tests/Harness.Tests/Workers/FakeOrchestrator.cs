using System.Reflection;
using Harness.Abstractions.Contracts;
using Harness.Server.Grains;

namespace Harness.Tests.Workers;

/// <summary>An orchestrator that answers as the test says, behind the one call of <see cref="IGrainFactory"/> that workers make.</summary>
internal sealed class FakeOrchestrator : ISchedulerGrain
{
    public List<AttemptCompletion> Completions { get; } = [];

    /// <summary>A real one's door, which answers in place of the test.</summary>
    public Door? Door { get; init; }

    public Func<AttemptReport, Task<bool>> OnReport { get; set; } = _ => Task.FromResult(true);

    public Func<int, Task<bool>> OnComplete { get; set; } = _ => Task.FromResult(true);

    public IGrainFactory Grains
    {
        get
        {
            var grains = DispatchProxy.Create<IGrainFactory, OneGrain>();
            ((OneGrain)(object)grains).Grain = this;
            return grains;
        }
    }

    public Task<IReadOnlyList<Lease>> Acquire(WorkerHello worker, int freeSlots, TimeSpan wait, CancellationToken cancellation = default) =>
        Task.FromResult<IReadOnlyList<Lease>>([]);

    public Task<HeartbeatReply> Heartbeat(string worker, IReadOnlyList<HeldLease> running, WorkerLoad? load) => Task.FromResult(new HeartbeatReply([]));

    public Task<bool> Report(AttemptReport report, LeaseToken token) => Door?.Report(report, token) ?? OnReport(report);

    public Task<bool> Complete(AttemptCompletion completion, LeaseToken token)
    {
        Completions.Add(completion);
        return Door?.Complete(completion, token) ?? OnComplete(Completions.Count);
    }

    public Task Leave(string worker, IReadOnlyList<HeldLease> held) => Task.CompletedTask;

#pragma warning disable CA1852 // DispatchProxy derives from it
    private class OneGrain : DispatchProxy
#pragma warning restore CA1852
    {
        public FakeOrchestrator? Grain { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod?.Name == nameof(IGrainFactory.GetGrain) ? Grain : throw new NotSupportedException(targetMethod?.Name);
    }
}
