using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Scheduling;

namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>
/// Plays the database and knows the rules: applies every change the scheduler decides on, works out by itself what each had
/// to be, and refuses what must never happen.
/// </summary>
internal sealed class HistoryChecker(VirtualTime time, SchedulerOptions options)
{
    private readonly Dictionary<string, Row> rows = new(StringComparer.Ordinal);
    private readonly Dictionary<long, Wish> experiments = [];
    private readonly Dictionary<string, WorkerHello> workers = new(StringComparer.Ordinal);
    private readonly HashSet<string> left = new(StringComparer.Ordinal);
    private readonly HashSet<string> drained = new(StringComparer.Ordinal);
    private readonly Dictionary<string, AttemptKey> accepted = new(StringComparer.Ordinal);

    public bool Done => experiments.Values.All(wish => wish.Finished);

    public void Submitted(AdmittedExperiment experiment)
    {
        experiments[experiment.Id] = new Wish(experiment);
        foreach (var trial in experiment.Trials)
        {
            if (!rows.TryGetValue(trial.Trial, out var row)) rows.Add(trial.Trial, row = new Row(trial.Needs ?? TrialNeeds.None, trial.Pack));
            row.WantedBy.Add(experiment.Id);
            if (row.State is not (TrialState.Failed or TrialState.Cancelled)) continue;

            // Asked for again, a failed trial is open again for everybody who had not cancelled.
            row.Reopen();
            foreach (var wish in row.WantedBy.Select(id => experiments[id])) wish.Finished = wish.State == ExperimentState.Cancelled;
        }
    }

    /// <summary>The scheduler asks for the next stage of an experiment.</summary>
    public void Undecided(long id)
    {
        var wish = experiments[id];
        Require(wish is { Finished: false, Experiment.Stage.IsLast: false }, $"the next stage of experiment {id} is asked for, and it has none");
        Require(wish.Trials.All(trial => rows[trial].State.HasResult()), $"the next stage of experiment {id} is asked for while trials have no result");
    }

    /// <summary>What the store knows of an experiment that grows; null when it is over.</summary>
    public AdmittedExperiment? Decide(long id) => experiments[id] is { State: not ExperimentState.Cancelled, Experiment: { Stage.IsLast: false } experiment } ? experiment : null;

    /// <summary>Trials were added by a decision.</summary>
    public void Grown(AdmittedExperiment experiment)
    {
        var wish = experiments[experiment.Id];
        wish.Experiment = experiment;
        foreach (var trial in experiment.Trials)
        {
            if (!rows.TryGetValue(trial.Trial, out var row)) rows.Add(trial.Trial, row = new Row(TrialNeeds.None, null));
            if (!row.WantedBy.Add(experiment.Id) || row.State is not (TrialState.Failed or TrialState.Cancelled)) continue;
            row.Reopen();
            foreach (var other in row.WantedBy.Select(id => experiments[id])) other.Finished = other.State == ExperimentState.Cancelled;
        }
    }

    /// <summary>The state of a trial; null for one that nobody has asked for yet.</summary>
    public TrialState? StateOf(string trial) => rows.TryGetValue(trial, out var row) ? row.State : null;

    public void Drained(string worker) => drained.Add(worker);

    /// <summary>Whether the end that is told now befell others in the same process.</summary>
    public bool IsShared { get; set; }

    /// <summary>What shares a slot is of one kind, no more than it may be, and has never fallen in company.</summary>
    public void Granted(IReadOnlyList<Lease> leases, int free)
    {
        var slots = leases.GroupBy(lease => lease.Pack ?? lease.Attempt.ToString(), StringComparer.Ordinal).Select(slot => slot.Select(lease => (lease.Attempt, Row: rows[lease.Attempt.Trial])).ToArray()).ToArray();
        Require(slots.Length <= free, $"{slots.Length} slots were filled of {free}");
        foreach (var slot in slots.Where(slot => slot.Length > 1))
        {
            Require(slot.Select(member => member.Row.Pack?.Kind).Distinct(StringComparer.Ordinal).Count() == 1 && slot[0].Row.Pack is not null, $"{slot[0].Attempt} shares its slot with others than its kind");
            Require(slot.Length <= slot[0].Row.Pack!.Most, $"{slot.Length} attempts share the slot of {slot[0].Attempt}");
            foreach (var (attempt, row) in slot)
            {
                Require(!row.Needs.Exclusive, $"{attempt} needs a machine to itself and shares a slot");
                Require(!row.FellInCompany, $"{attempt} fell in company and is packed again");
            }
        }
    }

    public void Apply(IEnumerable<SchedulerChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case WorkerJoined joined:
                    Require(workers.TryAdd(joined.Worker.Worker, joined.Worker), $"worker {joined.Worker.Worker} joined twice");
                    break;
                case WorkerLeft gone:
                    Require(left.Add(gone.Worker), $"worker {gone.Worker} left twice");
                    break;
                case AttemptStarted started:
                    Start(started.Attempt);
                    break;
                case AttemptEnded ended:
                    End(ended);
                    break;
                case TrialChanged { State: TrialState.Cancelled } cancelled:
                    var given = rows[cancelled.Trial];
                    Require(given.Live is null && !given.State.IsTerminal(), $"{cancelled.Trial} was cancelled while it was {given.State}");
                    Require(!IsWanted(given, paused: true), $"{cancelled.Trial} was cancelled although another experiment wants it");
                    given.State = TrialState.Cancelled;
                    break;
                case TrialChanged again:
                    Require(rows[again.Trial].State is TrialState.Failed or TrialState.Cancelled, $"{again.Trial} was reopened while it was {rows[again.Trial].State}");
                    rows[again.Trial].Reopen();
                    break;
                case ExperimentChanged changed:
                    experiments[changed.Experiment].State = changed.State;
                    experiments[changed.Experiment].Finished = changed.State == ExperimentState.Cancelled;
                    break;
                case ExperimentPrioritised prioritised:
                    experiments[prioritised.Experiment].Priority = prioritised.Priority;
                    break;
                case ExperimentFinished finished:
                    var wish = experiments[finished.Experiment];
                    Require(!wish.Finished, $"experiment {finished.Experiment} finished twice");
                    Require(wish.Trials.All(trial => rows[trial].State.IsTerminal()), $"experiment {finished.Experiment} finished with open trials");
                    Require(wish.Experiment.Stage is not { IsLast: false } || !wish.Trials.All(trial => rows[trial].State.HasResult()), $"experiment {finished.Experiment} finished before its last stage");
                    wish.Finished = true;
                    break;
            }
        }
    }

    /// <summary>What the scheduler told a worker about its attempt must agree with the history.</summary>
    public void Answered(AttemptKey attempt, bool isAccepted, bool wasLive, bool isEnd)
    {
        // The end that was accepted last may be told again, because its answer was lost.
        var isRepeated = isEnd && accepted.GetValueOrDefault(attempt.Trial) == attempt;
        Require(isAccepted == (wasLive || isRepeated), $"{attempt} was {(isAccepted ? "accepted" : "refused")} although it was {(wasLive ? "" : "not ")}live");
        if (isAccepted && isEnd) accepted[attempt.Trial] = attempt;
        if (wasLive) rows[attempt.Trial].HeardAt = time.Now;
    }

    public void Saved(AttemptKey attempt, int step) => rows[attempt.Trial].Saved = step;

    public void Beaten(string worker, IReadOnlyList<AttemptKey> running, IReadOnlyList<AttemptKey> revoked)
    {
        foreach (var attempt in running)
        {
            Require(revoked.Contains(attempt) != (IsLive(attempt) && attempt.Worker == worker), $"{attempt} was {(revoked.Contains(attempt) ? "" : "not ")}revoked");
            if (IsLive(attempt)) rows[attempt.Trial].HeardAt = time.Now;
        }
    }

    public bool IsLive(AttemptKey attempt) => rows[attempt.Trial].Live == attempt;

    /// <summary>After every sweep, nobody outlives its lease.</summary>
    public void Outlived()
    {
        foreach (var (trial, row) in rows)
            Require(row.Live is null || time.Now - row.HeardAt <= options.Lease + TimeSpan.FromSeconds(1), $"{trial} was not taken back after its lease ran out");
    }

    /// <summary>The scheduler's picture is ours.</summary>
    public void Compare(SchedulerCore core)
    {
        foreach (var (id, wish) in experiments)
        {
            var progress = core.Progress(id)!;
            Require(progress.Finished == wish.Finished, $"experiment {id} is {(progress.Finished ? "" : "not ")}finished");
            foreach (var group in wish.Trials.Select(trial => rows[trial].State).Where(state => !IsWaiting(state)).GroupBy(state => state))
                Require(progress.Count(group.Key) == group.Count(), $"experiment {id} counts {progress.Count(group.Key)} trials {group.Key}, not {group.Count()}");
            Require(progress.Running.Count == wish.Trials.Count(trial => rows[trial].Live is not null), $"experiment {id} shows {progress.Running.Count} running trials");
            var waiting = progress.Count(TrialState.Pending) + progress.Count(TrialState.BackingOff);
            Require(waiting == wish.Trials.Count(trial => IsWaiting(rows[trial].State)) && progress.Waiting.Values.Sum() == waiting, $"experiment {id} counts other trials as waiting than there are");
            Require(wish.Finished || core.Reasons(id).Sum(reason => reason.Trials) == waiting, $"experiment {id} does not give a reason for every waiting trial");
        }
    }

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new InvalidOperationException(message);
    }

    /// <summary>That a pause is over is nowhere written down.</summary>
    private static bool IsWaiting(TrialState state) => state is TrialState.Pending or TrialState.BackingOff;

    private bool IsWanted(Row row, bool paused) =>
        row.WantedBy.Any(id => experiments[id].State == ExperimentState.Running || (paused && experiments[id].State == ExperimentState.Paused));

    private int PriorityOf(Row row) => row.WantedBy.Where(id => experiments[id].State == ExperimentState.Running).Max(id => experiments[id].Priority);

    private void Start(AttemptKey attempt)
    {
        var row = rows[attempt.Trial];
        Require(row.Live is null, $"{attempt} started while {row.Live} was live");
        Require(!row.State.IsTerminal(), $"{attempt} started although the trial was {row.State}");
        Require(attempt.Number == row.Number + 1, $"{attempt} followed number {row.Number}");
        Require(workers.TryGetValue(attempt.Worker, out var worker), $"{attempt} was given to a worker that never joined");
        Require(!left.Contains(attempt.Worker), $"{attempt} was given to a worker that is gone");
        Require(!drained.Contains(attempt.Worker), $"{attempt} was given to a worker that is being drained");
        Require(IsWanted(row, paused: false), $"{attempt} started although no running experiment wants it");
        Require(row.Needs.IsMetBy(worker!), $"{attempt} needs {row.Needs}, which its worker does not have");
        Require(time.Now >= row.NotBefore, $"{attempt} started before its pause was over");
        var beside = rows.Values.Where(other => other.Live is not null && workers[other.Live.Worker].Host == worker!.Host).ToArray();
        Require(!beside.Any(other => other.Needs.Exclusive), $"{attempt} started beside a trial that has the machine to itself");
        Require(!row.Needs.Exclusive || beside.Length == 0, $"{attempt} needs a machine to itself and started beside others");
        var ahead = rows.FirstOrDefault(other => other.Value is { State: TrialState.Pending, Needs.Exclusive: false } && IsWanted(other.Value, paused: false)
            && other.Value.Needs.IsMetBy(worker!) && PriorityOf(other.Value) > PriorityOf(row));
        Require(ahead.Key is null, $"{attempt} started before {ahead.Key}, which has a higher priority");
        (row.Live, row.Number, row.State, row.HeardAt, row.Saved) = (attempt, attempt.Number, TrialState.Running, time.Now, 0);
    }

    private void End(AttemptEnded ended)
    {
        var row = rows[ended.Attempt.Trial];
        Require(row.Live == ended.Attempt, $"{ended.Attempt} ended but {row.Live} was live");
        Require(!row.State.IsTerminal(), $"{ended.Attempt} ended twice");
        var isExpiry = ended.End == AttemptEnd.LeaseLost && !left.Contains(ended.Attempt.Worker);
        Require(!isExpiry || time.Now - row.HeardAt >= options.Lease, $"{ended.Attempt} lost its lease {time.Now - row.HeardAt} after it was heard of");
        row.Live = null;
        row.State = Expected(row, ended);
        Require(ended.TrialState == row.State, $"{ended.Attempt} ended {ended.End}: its trial is {ended.TrialState}, not {row.State}");
        Require((ended.TrialFailures, ended.InfrastructureFailures) == (row.Own, row.Infrastructure), $"{ended.Attempt}: failures were not counted as they should be");
        Require(ended.RetryIn is not { } pause || pause <= options.LongestBackoff * 1.25, $"{ended.Attempt} waits {ended.RetryIn}");
        Require((row.State == TrialState.BackingOff) == (ended.RetryIn > TimeSpan.Zero), $"{ended.Attempt} waits {ended.RetryIn} while its trial is {row.State}");
        row.NotBefore = ended.RetryIn is { } rest ? time.Now + rest : TimeSpan.Zero;
    }

    private TrialState Expected(Row row, AttemptEnded ended)
    {
        switch (ended.End)
        {
            case AttemptEnd.Completed or AttemptEnd.EarlyStopped:
                return TrialState.Completed;
            case AttemptEnd.Diverged:
                return TrialState.Diverged;
            case AttemptEnd.Drained:
                return TrialState.Pending;
            case AttemptEnd.Cancelled:
                Require(!IsWanted(row, paused: true), $"{ended.Attempt} was cancelled although another experiment wants it");
                return TrialState.Cancelled;
            case AttemptEnd.UserError or AttemptEnd.GpuOutOfMemory when !IsShared:
                return ++row.Own > row.WantedBy.Max(id => experiments[id].TrialRetries) ? TrialState.Failed : TrialState.Pending;
            default:
                row.Infrastructure++;
                if (IsShared) row.FellInCompany = true;
                else row.Lost.Add((ended.Attempt.Worker, row.Saved));
                if (row.LostInPlace >= 3 || row.Infrastructure > row.WantedBy.Max(id => experiments[id].InfrastructureRetries)) return TrialState.Failed;
                // The first is tried again at once.
                return row.Infrastructure == 1 ? TrialState.Pending : TrialState.BackingOff;
        }
    }

    private sealed class Wish(AdmittedExperiment experiment)
    {
        /// <summary>As it was admitted last.</summary>
        public AdmittedExperiment Experiment { get; set; } = experiment;

        public int Priority { get; set; } = experiment.Priority;

        public int TrialRetries => Experiment.TrialRetries;

        public int InfrastructureRetries => Experiment.InfrastructureRetries;

        public IEnumerable<string> Trials => Experiment.Trials.Select(trial => trial.Trial);

        public ExperimentState State { get; set; }

        public bool Finished { get; set; }
    }

    private sealed class Row(TrialNeeds needs, PackTerms? pack)
    {
        public TrialNeeds Needs => needs;

        public PackTerms? Pack => pack;

        public bool FellInCompany { get; set; }

        public HashSet<long> WantedBy { get; } = [];

        public AttemptKey? Live { get; set; }

        public int Number { get; set; }

        public TrialState State { get; set; }

        public TimeSpan HeardAt { get; set; }

        public TimeSpan NotBefore { get; set; }

        public int Own { get; set; }

        public int Infrastructure { get; set; }

        /// <summary>The step of the newest checkpoint of the live attempt.</summary>
        public int Saved { get; set; }

        /// <summary>The workers that were lost, and how far the trial had come on each.</summary>
        public List<(string Worker, int Saved)> Lost { get; } = [];

        /// <summary>Different workers lost from the one on that came further than all before it.</summary>
        public int LostInPlace
        {
            get
            {
                var furthest = Lost.Select(lost => lost.Saved).DefaultIfEmpty().Max();
                return Lost.Skip(furthest > 0 ? Lost.FindIndex(lost => lost.Saved == furthest) : 0).Select(lost => lost.Worker).Distinct(StringComparer.Ordinal).Count();
            }
        }

        public void Reopen()
        {
            (State, Own, Infrastructure, NotBefore) = (TrialState.Pending, 0, 0, TimeSpan.Zero);
            Lost.Clear();
        }
    }
}
