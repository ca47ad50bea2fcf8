using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Workers.Connection;
using Harness.Workers.Devices;
using Harness.Workers.Files;
using Harness.Workers.Settings;
using Harness.Workers.Slots;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Harness.Workers;

/// <summary>
/// Owns this process's slots: asks the server for work whenever a slot is free, keeps the leases alive, and gives
/// everything back when it leaves. Training continues while the server is out of reach.
/// </summary>
public sealed class WorkerAgent : BackgroundService
{
    private const int Introductions = 3;

    private readonly WorkerOptions options;
    private readonly TimeProvider time;
    private readonly ILogger<WorkerAgent> log;
    private readonly OrchestratorLink link;
    private readonly IReadOnlyList<Slot> slots;
    private readonly Dictionary<Slot, Task> busy = [];
    private readonly CancellationTokenSource abandon = new();
    private readonly TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public WorkerAgent(IGrainFactory grains, WorkerOptions options, WorkerIdentity identity, TimeProvider time, ILogger<WorkerAgent> log)
    {
        (this.options, this.time, this.log, Identity) = (options, time, log, identity);
        link = new OrchestratorLink(grains, time, log);
        var courier = options is { OwnFolder: { } folder, Files: { } files, Content: { } content } ? new FileCourier(grains, folder, content, files, time, log) : null;
        slots = [.. Enumerable.Range(0, options.Slots).Select(index => new Slot(index, options, link, courier, time, log))];
    }

    /// <summary>Who this worker is; it changes when the server has declared it gone.</summary>
    public WorkerIdentity Identity { get; private set; }

    /// <summary>Completes when the trainers answer and work is asked for; fails with a reason for people when they do not.</summary>
    public Task Started => started.Task;

    private IEnumerable<AttemptRunner> Running => slots.SelectMany(slot => slot.Running);

    /// <summary>Leaves at once: running trials are abandoned where they are.</summary>
    public void StopNow()
    {
        try
        {
            abandon.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has left already.
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await GiveBack();
        await Task.WhenAll(slots.Select(slot => slot.DisposeAsync().AsTask()));
    }

    public override void Dispose()
    {
        abandon.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WorkerHello hello;
        try
        {
            hello = await Introduce(stoppingToken);
            started.SetResult();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            started.TrySetCanceled(stoppingToken);
            return;
        }
        catch (Exception error)
        {
            started.SetException(new TrainerUnavailableException(
                $"The trainer does not start: {error.Message} 'harness doctor' names the cure.", error));
            return;
        }

        var beating = Heartbeats();
        try
        {
            await Work(hello, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Asked to leave.
        }

        _ = beating;
    }

    /// <summary>Describes this worker. A single trainer crash does not mean that the machine cannot train.</summary>
    private async Task<WorkerHello> Introduce(CancellationToken cancellation)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                return await Describe(cancellation);
            }
            catch (Exception error) when (tried < Introductions && (error is TrainerFailedException or InvalidOperationException or IOException))
            {
                WorkerLog.IntroductionFailed(log, error.Message);
            }
        }
    }

    /// <summary>Starts every slot's trainer, so that the first trials find them warm, and asks the first what it is.</summary>
    private async Task<WorkerHello> Describe(CancellationToken cancellation)
    {
        var trainers = await Task.WhenAll(slots.Select(slot => slot.Trainer(cancellation)));
        // What one trainer sees that sees everything; before the devices are divided.
        var record = trainers[0].Ready.Environment;
        var devices = record.Devices.Count(device => device.StartsWith("cuda", StringComparison.Ordinal));
        foreach (var slot in slots)
            if (VisibleDevices.Of(slot.Index, devices, Environment.GetEnvironmentVariable(VisibleDevices.Variable)) is { } visible) await slot.Restrict(visible);
        if (devices > 1) trainers = await Task.WhenAll(slots.Select(slot => slot.Trainer(cancellation)));
        // Warm by then, and alone on this process's share of the machine.
        var canary = options.Canary ? await NodeCanary.Run(trainers[0].Process, cancellation) : null;
        var environment = JsonSerializer.Serialize(record, HarnessJson.Default.EnvironmentRecord);
        return new WorkerHello(
            Identity.Id, Identity.Host, Identity.ProcessId, slots.Count, environment,
            devices > 0, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / slots.Count, options.Labels, canary, VisibleDevices.MemoryPerSlot(record.Cuda?.Devices ?? [], slots.Count));
    }

    private async Task Work(WorkerHello hello, CancellationToken stopping)
    {
        while (true)
        {
            foreach (var (slot, task) in busy.Where(pair => pair.Value.IsCompleted).ToArray())
            {
                await task;
                busy.Remove(slot);
            }

            var free = slots.Where(slot => !busy.ContainsKey(slot)).ToArray();
            if (free.Length == 0)
            {
                await Task.WhenAny(busy.Values).WaitAsync(stopping);
                continue;
            }

            IReadOnlyList<Lease> leases;
            try
            {
                leases = await link.Acquire(hello, free.Length, options.AcquireWait, stopping);
            }
            catch (WorkerGoneException)
            {
                hello = await ComeBack(hello);
                continue;
            }

            var packs = leases.GroupBy(lease => lease.Pack ?? lease.Attempt.ToString(), StringComparer.Ordinal);
            foreach (var (pack, slot) in packs.Zip(free))
            {
                foreach (var lease in pack) WorkerLog.Started(log, lease.Attempt.ToString(), slot.Index, lease.Label);
                busy[slot] = Run(slot, [.. pack]);
            }
        }
    }

    /// <summary>Abandons all leases of the old name, which other workers have by now, and takes a new name.</summary>
    private async Task<WorkerHello> ComeBack(WorkerHello hello)
    {
        var successor = Identity.Successor();
        WorkerLog.ComingBack(log, Identity.Id, successor.Id);
        foreach (var attempt in Running) attempt.Stop(StopReason.Revoked);
        await Task.WhenAll(busy.Values);
        Identity = successor;
        return hello with { Worker = successor.Id };
    }

    private async Task Run(Slot slot, IReadOnlyList<Lease> leases)
    {
        // Off the agent's loop: a slot's first steps may block on a starting process.
        await Task.Yield();
        await slot.Run(leases, abandon.Token);
    }

    private async Task Heartbeats()
    {
        var load = new MachineLoad(time, new GpuMonitor(NativeNvml.Load, time).Read);
        try
        {
            while (true)
            {
                await Task.Delay(options.HeartbeatInterval, time, abandon.Token);
                var runners = Running.ToArray();
                var revoked = await link.TryHeartbeat(Identity.Id, [.. runners.Select(runner => runner.Held)], load.Take(slots.Select(slot => slot.TrainerId).OfType<int>()), options.HeartbeatInterval, abandon.Token);
                foreach (var runner in runners.Where(runner => revoked?.Contains(runner.Lease.Attempt) == true))
                {
                    WorkerLog.Revoked(log, runner.Lease.Attempt.ToString());
                    runner.Stop(StopReason.Revoked);
                }
            }
        }
        catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
        {
            // The worker has left.
        }
    }

    /// <summary>Lets running trials leave a checkpoint, gives them back, and says goodbye.</summary>
    private async Task GiveBack()
    {
        if (!started.Task.IsCompletedSuccessfully) return;
        var running = busy.Values.Where(task => !task.IsCompleted).ToArray();
        if (running.Length > 0 && !abandon.IsCancellationRequested)
        {
            WorkerLog.Draining(log, running.Length);
            foreach (var attempt in Running) attempt.Stop(StopReason.Drained);
            await Task.WhenAny(Task.WhenAll(running), Task.Delay(AttemptRunner.DrainPatience + TimeSpan.FromSeconds(5), time, abandon.Token));
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2), time);
        await link.TryLeave(Identity.Id, [.. Running.Select(runner => runner.Held)], patience.Token);
        await abandon.CancelAsync();
        await Task.WhenAll(running.Select(Quietly));
    }

    private static async Task Quietly(Task task)
    {
        try
        {
            await task;
        }
        catch (OperationCanceledException)
        {
            // Abandoned: its lease goes back with the goodbye.
        }
    }
}

/// <summary>This machine cannot train; the message says why and what to do.</summary>
public sealed class TrainerUnavailableException(string message, Exception cause) : Exception(message, cause);

/// <summary>Who a worker is: unique per process start, so that a restarted worker is never taken for its predecessor.</summary>
/// <param name="Id">Unique, and short enough to read.</param>
/// <param name="Life">How often it came back, from 1; part of the id from the second life on.</param>
public sealed record WorkerIdentity(string Id, string Host, int ProcessId, int Life = 1)
{
    /// <summary>The same process under a new name.</summary>
    public WorkerIdentity Successor() => this with { Id = $"{(Life == 1 ? Id : Id[..Id.LastIndexOf('.')])}.{Life + 1}", Life = Life + 1 };
}
