using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Scheduling;
using Harness.Scheduling.Stages;

namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>
/// The scheduler among unreliable workers, in virtual time: messages are lost, delayed, doubled and overtaken, workers die,
/// freeze, are cut off and come back under new names. Everything follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    private static readonly TimeSpan FaultsEnd = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan Horizon = TimeSpan.FromHours(6);

    private readonly Random random;
    private readonly VirtualTime time = new();
    private readonly SchedulerCore core;
    private readonly PriorityQueue<Action, (TimeSpan At, long Order)> agenda = new();
    private readonly HistoryChecker history;
    private readonly double loss;
    private readonly List<Worker> workers = [];
    private readonly List<long> names = [];
    private long order;
    private int toCome;

    public SimulatedCluster(int seed)
    {
#pragma warning disable CA5394 // a simulation, not a secret
        random = new Random(seed);
        loss = random.NextDouble() * 0.3;
        var options = new SchedulerOptions();
        core = new SchedulerCore(time, options);
        history = new HistoryChecker(time, options);
        var trials = Enumerable.Range(0, random.Next(1, 20)).Select(i => (Id: i.ToString("x8", CultureInfo.InvariantCulture), Needs: Needs(), Pack: Pack())).ToArray();
        for (var id = 1; id <= random.Next(1, 4); id++)
        {
            // Experiments overlap: some trials are asked for by several.
            var own = trials.Where(_ => id == 1 || Chance(0.4)).Select((trial, i) => new AdmittedTrial(i, trial.Id, "{}", trial.Id, TrialState.Pending, 0, 0, 0, null, i % 3, trial.Needs, Pack: trial.Pack)).ToArray();
            if (own.Length == 0) continue;
            var experiment = new AdmittedExperiment(id, random.Next(2), random.Next(3), random.Next(2, 11), own) { Stage = Chance(0.4) ? new StageProgress("first", "", IsLast: false) : null };
            names.Add(id);
            Once(id == 1 ? TimeSpan.Zero : Within(FaultsEnd), () => Submit(experiment));
        }

        for (var worker = random.Next(1, 6); worker > 0; worker--) Join(cuda: false);
        Every(TimeSpan.FromSeconds(1), () =>
        {
            Change(changes => core.Expire(changes));
            history.Outlived();
        });
        Every(TimeSpan.FromSeconds(7), () => history.Compare(core));
        Every(TimeSpan.FromSeconds(5), () =>
        {
            if (!workers.Exists(worker => worker is { Gone: false, Cuda: true, Drained: false })) Join(cuda: true);
        });
        for (var actions = random.Next(6); actions > 0; actions--) Once(Within(FaultsEnd), Interfere);
        At(FaultsEnd, () =>
        {
            foreach (var id in names) Change(changes => core.Resume(id, changes));
        });
    }

    private bool Faulty => time.Now < FaultsEnd;

    /// <summary>Runs until every trial has come to its end.</summary>
    /// <exception cref="InvalidOperationException">Something happened that must never happen; the message says what.</exception>
    public void Run()
    {
        while (!history.Done || toCome > 0)
        {
            if (time.Now > Horizon) throw new InvalidOperationException("not every trial came to its end");
            if (!agenda.TryDequeue(out var action, out var due)) throw new InvalidOperationException("nothing happens any more");
            time.MoveTo(due.At);
            action();
        }

        history.Compare(core);
    }

    /// <summary>Reads the experiment from the store, and admits it a moment later: trials may end in between.</summary>
    private void Submit(AdmittedExperiment experiment)
    {
        core.ExpectAdmission();
        var read = experiment with { Trials = [.. experiment.Trials.Select(trial => trial with { State = history.StateOf(trial.Trial) is { } state && state.HasResult() ? state : trial.State })] };
        Once(time.Now + Within(TimeSpan.FromSeconds(Chance(0.3) ? 20 : 0.1)), () =>
        {
            history.Submitted(experiment);
            Change(changes => changes.AddRange(core.Admit(read)));
            core.EndAdmission();
        });
    }

    /// <summary>Reads what is stored, decides on two more trials and one that others may have, and takes them in a moment later: trials may end and people act in between.</summary>
    private void Grow(long id)
    {
        core.ExpectAdmission();
        Once(time.Now + Within(TimeSpan.FromSeconds(Chance(0.3) ? 20 : 0.1)), () =>
        {
            if (history.Decide(id) is not { } experiment)
            {
                core.EndAdmission();
                return;
            }

            string[] added = [FormattableString.Invariant($"{id}-a"), FormattableString.Invariant($"{id}-b"), "shared"];
            var grown = experiment with
            {
                Stage = new StageProgress("last", "", IsLast: true),
                Trials = [.. experiment.Trials.Concat(added.Select((trial, i) => new AdmittedTrial(experiment.Trials.Count + i, trial, "{}", trial, TrialState.Pending, 0, 0, 0, null)))
                    .Select(trial => trial with { State = history.StateOf(trial.Trial) is { } state && state.HasResult() ? state : TrialState.Pending })],
            };
            Once(time.Now + Within(TimeSpan.FromSeconds(Chance(0.3) ? 20 : 0.1)), () =>
            {
                history.Grown(grown);
                Change(changes => core.Grow(grown, changes));
                core.EndAdmission();
            });
        });
    }

    /// <summary>A person pauses, resumes, cancels or retries an experiment or changes its priority, or drains a worker.</summary>
    private void Interfere()
    {
        var experiment = names[random.Next(names.Count)];
        if (core.Progress(experiment) is null) return;
        switch (random.Next(6))
        {
            case 0:
                Change(changes => core.Pause(experiment, changes));
                break;
            case 1:
                Change(changes => core.Resume(experiment, changes));
                break;
            case 2:
                Change(changes => core.Cancel(experiment, changes));
                break;
            case 3:
                Change(changes => core.Retry(experiment, changes));
                break;
            case 4:
                var worker = workers[random.Next(workers.Count)];
                if (!core.Drain(worker.Name, true, [])) return;
                worker.Drained = true;
                history.Drained(worker.Name);
                break;
            case 5:
                Change(changes => core.Prioritise(experiment, random.Next(-2, 3), changes));
                break;
        }
    }

    private TrialNeeds Needs() => random.Next(6) switch
    {
        0 => new TrialNeeds(Cuda: true),
        1 => new TrialNeeds(Exclusive: true),
        _ => TrialNeeds.None,
    };

    private PackTerms? Pack() => Chance(0.5) ? new PackTerms(Chance(0.5) ? "one kind" : "another", random.Next(1, 5), 0) : null;

    private void Join(bool cuda)
    {
        var worker = new Worker($"w{workers.Count}", $"host{random.Next(3)}", random.Next(1, 3), cuda || Chance(0.5));
        workers.Add(worker);
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
        At(time.Now + Within(TimeSpan.FromSeconds(30)), () => Join(cuda: false));
    }

    private void Poll(Worker worker)
    {
        if (worker.Frozen(time.Now) || worker.Taken >= worker.Slots) return;
        var free = worker.Slots - worker.Taken;
        Send(worker, () =>
        {
            IReadOnlyList<Lease> leases = [];
            try
            {
                Change(changes => leases = core.Acquire(new WorkerHello(worker.Name, worker.Host, 1, worker.Slots, "{}", worker.Cuda), free, changes));
            }
            catch (WorkerGoneException)
            {
                worker.Gone = true;
                At(time.Now + Within(TimeSpan.FromSeconds(30)), () => Join(cuda: false));
                return;
            }

            history.Granted(leases, free);
            if (leases.Count > 0) Send(worker, () => Begin(worker, leases), doubled: false);
        }, doubled: false);
    }

    private void Begin(Worker worker, IReadOnlyList<Lease> leases)
    {
        if (worker.Gone) return;
        foreach (var lease in leases)
        {
            worker.Running.Add(lease.Attempt);
            if (lease.Pack is { } pack) worker.Packs[lease.Attempt] = pack;
            var end = random.Next(100) switch
            {
                < 4 => AttemptEnd.Diverged,
                < 8 => AttemptEnd.UserError,
                < 12 => AttemptEnd.GpuOutOfMemory,
                < 20 when Faulty => AttemptEnd.HostOutOfMemory,
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

        // An error may be a trial's own although others are beside it.
        var shared = (end != AttemptEnd.UserError || attempt.Number % 2 == 0) && worker.Packs.TryGetValue(attempt, out var pack) && worker.Running.Any(other => other != attempt && worker.Packs.GetValueOrDefault(other) == pack);

        // Sent until it is acknowledged, however often that is.
        Send(worker, () =>
        {
            var live = history.IsLive(attempt);
            var accepted = false;
            history.IsShared = shared;
            Change(changes => accepted = core.Complete(new AttemptCompletion(attempt, end, null, null, null, null, Shared: shared), changes));
            history.IsShared = false;
            history.Answered(attempt, accepted, live, isEnd: true);
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
            {
                if (!Chance(0.5)) continue;
                int? saved = Chance(0.3) ? random.Next(1, 100) : null;
                var live = history.IsLive(attempt);
                history.Answered(attempt, core.Report(new AttemptReport(attempt, [], [], 1, 0.5, "cpu", Checkpoint: saved is null ? null : new CheckpointNews(null, saved, []))), live, isEnd: false);
                if (live && saved is { } step) history.Saved(attempt, step);
            }

            var revoked = core.Heartbeat(worker.Name, running);
            history.Beaten(worker.Name, running, revoked);
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
        foreach (var id in core.TakeUndecided())
        {
            history.Undecided(id);
            Grow(id);
        }
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

    /// <summary>Something that has to have happened before the simulation can end.</summary>
    private void Once(TimeSpan instant, Action action)
    {
        toCome++;
        At(instant, () =>
        {
            toCome--;
            action();
        });
    }

    private void At(TimeSpan instant, Action action) => agenda.Enqueue(action, (instant > time.Now ? instant : time.Now, order++));

    private TimeSpan Within(TimeSpan longest) => longest * random.NextDouble();

    private bool Chance(double probability) => random.NextDouble() < probability;
#pragma warning restore CA5394

    private sealed class Worker(string name, string host, int slots, bool cuda)
    {
        public string Name => name;

        public string Host => host;

        public bool Cuda => cuda;

        public bool Drained { get; set; }

        public int Slots => slots;

        public HashSet<AttemptKey> Running { get; } = [];

        /// <summary>With whom attempts share their slots.</summary>
        public Dictionary<AttemptKey, string> Packs { get; } = [];

        /// <summary>Slots that are taken.</summary>
        public int Taken => Running.Select(attempt => Packs.GetValueOrDefault(attempt, $"{attempt} alone")).Distinct(StringComparer.Ordinal).Count();

        public bool Gone { get; set; }

        public TimeSpan SilentUntil { get; set; }

        public TimeSpan FrozenUntil { get; set; }

        public bool Frozen(TimeSpan now) => now < FrozenUntil;
    }
}
