using System.Globalization;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Orchestrator.Scheduling;

namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>
/// The scheduler among unreliable workers, in virtual time: messages are lost, delayed, doubled and overtaken, workers die,
/// freeze, are cut off and come back under new names. Everything follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    private static readonly TimeSpan FaultsEnd = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(6);

    private readonly Random random;
    private readonly VirtualTime time = new();
    private readonly SchedulerCore core;
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> agenda = new();
    private readonly HistoryChecker history;
    private readonly double loss;
    private long order;
    private int names;

    public SimulatedCluster(int seed)
    {
#pragma warning disable CA5394 // a simulation, not a secret
        random = new Random(seed);
        var trials = Enumerable.Range(0, random.Next(1, 25)).Select(i => i.ToString("x8", CultureInfo.InvariantCulture)).ToArray();
        loss = random.NextDouble() * 0.3;
        core = new SchedulerCore(time, new SchedulerOptions());
        history = new HistoryChecker(trials, trialRetries: 1, infrastructureRetries: 10);
        history.Apply(core.Admit(new AdmittedExperiment(1, 0, 1, 10, [.. trials.Select((trial, i) => new AdmittedTrial(i, trial, "{}", trial, TrialState.Pending, 0, 0, 0, null))])));
        for (var worker = random.Next(1, 6); worker > 0; worker--) Join();
        Every(TimeSpan.FromSeconds(1), () => Change(changes => core.Expire(changes)));
    }

    private bool Faulty => time.Now < FaultsEnd;

    /// <summary>Runs until every trial has come to its end.</summary>
    /// <exception cref="InvalidOperationException">Something happened that must never happen; the message says what.</exception>
    public void Run()
    {
        while (!history.Finished)
        {
            if (time.Now > Horizon) throw new InvalidOperationException("not every trial came to its end");
            if (!agenda.TryDequeue(out var action, out var due)) throw new InvalidOperationException("nothing happens any more");
            time.MoveTo(due.At);
            action();
        }

        if (!history.AllTerminal) throw new InvalidOperationException("finished with open trials");
    }

    private void Join()
    {
        var worker = new Worker($"w{names++}", random.Next(1, 3));
        Every(TimeSpan.FromMilliseconds(700), () => Poll(worker), () => worker.Gone);
        Every(TimeSpan.FromSeconds(3), () => Beat(worker), () => worker.Gone);
        if (Chance(0.7)) At(Within(FaultsEnd), () => Fault(worker));
    }

    private void Fault(Worker worker)
    {
        if (worker.Gone) return;
        switch (random.Next(5))
        {
            case 0: // killed
                worker.Gone = true;
                break;
            case 1: // frozen, and thawed past its lease
                worker.SilentUntil = time.Now + Within(TimeSpan.FromSeconds(60));
                worker.FrozenUntil = worker.SilentUntil;
                break;
            case 2: // cut off, and still training
                worker.SilentUntil = time.Now + Within(TimeSpan.FromMinutes(2));
                break;
            case 3: // leaves in order
                worker.Gone = true;
                Send(worker, () => Change(changes => core.Leave(worker.Name, inOrder: true, "left", changes)));
                break;
            case 4: // declared gone by somebody who watches the membership; it may still speak
                Change(changes => core.Leave(worker.Name, inOrder: false, "declared gone", changes));
                break;
        }

        time.StepWallClock(TimeSpan.FromHours(random.Next(-2, 3)));
        At(time.Now + Within(TimeSpan.FromSeconds(30)), Join);
    }

    private void Poll(Worker worker)
    {
        if (worker.Frozen(time.Now) || worker.Running.Count >= worker.Slots) return;
        var free = worker.Slots - worker.Running.Count;
        Send(worker, () =>
        {
            IReadOnlyList<Lease> leases = [];
            try
            {
                Change(changes => leases = core.Acquire(new WorkerHello(worker.Name, "host", 1, worker.Slots, "{}"), free, changes));
            }
            catch (WorkerGoneException)
            {
                worker.Gone = true;
                At(time.Now + Within(TimeSpan.FromSeconds(30)), Join);
                return;
            }

            if (leases.Count > 0) Send(worker, () => Begin(worker, leases), doubled: false);
        }, doubled: false);
    }

    private void Begin(Worker worker, IReadOnlyList<Lease> leases)
    {
        if (worker.Gone) return;
        foreach (var lease in leases)
        {
            worker.Running.Add(lease.Attempt);
            var end = random.Next(100) switch
            {
                < 4 => AttemptEnd.Diverged,
                < 8 => AttemptEnd.UserError,
                < 16 when Faulty => AttemptEnd.HostOutOfMemory,
                _ => AttemptEnd.Completed,
            };
            At(time.Now + Within(TimeSpan.FromSeconds(40)), () => Finish(worker, lease.Attempt, end));
        }
    }

    private void Finish(Worker worker, AttemptKey attempt, AttemptEnd end)
    {
        if (worker.Gone || !worker.Running.Contains(attempt)) return;
        if (worker.Frozen(time.Now))
        {
            At(worker.FrozenUntil + TimeSpan.FromMilliseconds(1), () => Finish(worker, attempt, end));
            return;
        }

        // Sent until it is acknowledged, however often that is.
        Send(worker, () =>
        {
            var live = history.IsLive(attempt);
            var accepted = false;
            Change(changes => accepted = core.Complete(new AttemptCompletion(attempt, end, null, null, null, null), changes));
            HistoryChecker.Answered(attempt, accepted, live);
            Send(worker, () => worker.Running.Remove(attempt));
        });
        At(time.Now + TimeSpan.FromSeconds(1), () => Finish(worker, attempt, end));
    }

    private void Beat(Worker worker)
    {
        if (worker.Frozen(time.Now) || worker.Running.Count == 0) return;
        AttemptKey[] running = [.. worker.Running];
        Send(worker, () =>
        {
            foreach (var attempt in running)
                HistoryChecker.Answered(attempt, core.Report(new AttemptReport(attempt, [], [], 1, 0.5, "cpu")), history.IsLive(attempt));
            var revoked = core.Heartbeat(worker.Name, running);
            Send(worker, () =>
            {
                foreach (var attempt in revoked) worker.Running.Remove(attempt);
            });
        });
    }

    private void Change(Action<List<SchedulerChange>> decide)
    {
        var changes = new List<SchedulerChange>();
        decide(changes);
        history.Apply(changes);
    }

    /// <summary>A message: lost, late, twice, or overtaken by others, while the faults last.</summary>
    private void Send(Worker worker, Action deliver, bool doubled = true)
    {
        if (time.Now < worker.SilentUntil || (Faulty && Chance(loss))) return;
        var copies = doubled && Faulty && Chance(0.1) ? 2 : 1;
        for (var copy = 0; copy < copies; copy++) At(time.Now + Within(Faulty && Chance(0.05) ? TimeSpan.FromSeconds(20) : TimeSpan.FromMilliseconds(50)), deliver);
    }

    private void Every(TimeSpan period, Action action, Func<bool>? stopped = null) => At(time.Now + period, () =>
    {
        if (stopped?.Invoke() == true) return;
        action();
        Every(period, action, stopped);
    });

    private void At(TimeSpan instant, Action action) => agenda.Enqueue(action, (instant, order++));

    private TimeSpan Within(TimeSpan longest) => longest * random.NextDouble();

    private bool Chance(double probability) => random.NextDouble() < probability;
#pragma warning restore CA5394

    private sealed class Worker(string name, int slots)
    {
        public string Name => name;

        public int Slots => slots;

        public HashSet<AttemptKey> Running { get; } = [];

        public bool Gone { get; set; }

        public TimeSpan SilentUntil { get; set; }

        public TimeSpan FrozenUntil { get; set; }

        public bool Frozen(TimeSpan now) => now < FrozenUntil;
    }
}
