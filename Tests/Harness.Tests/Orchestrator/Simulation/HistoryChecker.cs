using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Orchestrator.Scheduling;

namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>Plays the database: applies every change the scheduler decides on and refuses what must never happen.</summary>
internal sealed class HistoryChecker(IReadOnlyList<string> trials, int trialRetries, int infrastructureRetries)
{
    private readonly Dictionary<string, Row> rows = trials.ToDictionary(trial => trial, _ => new Row(), StringComparer.Ordinal);
    private readonly HashSet<string> workers = new(StringComparer.Ordinal);

    public int Attempts { get; private set; }

    public bool Finished { get; private set; }

    public bool AllTerminal => rows.Values.All(row => row.State.IsTerminal());

    public void Apply(IEnumerable<SchedulerChange> changes)
    {
        foreach (var change in changes)
        {
            switch (change)
            {
                case WorkerJoined joined:
                    Require(workers.Add(joined.Worker.Worker), $"worker {joined.Worker.Worker} joined twice");
                    break;
                case WorkerLeft:
                    break;
                case AttemptStarted started:
                    Start(started.Attempt);
                    break;
                case AttemptEnded ended:
                    End(ended);
                    break;
                case ExperimentFinished:
                    Require(!Finished, "the experiment finished twice");
                    Require(AllTerminal, "the experiment finished with open trials");
                    Finished = true;
                    break;
            }
        }
    }

    /// <summary>What the scheduler told a worker about its attempt must agree with the history.</summary>
    public static void Answered(AttemptKey attempt, bool accepted, bool wasLive) =>
        Require(accepted == wasLive, $"{attempt} was {(accepted ? "accepted" : "refused")} although it was {(wasLive ? "" : "not ")}live");

    public bool IsLive(AttemptKey attempt) => rows[attempt.Trial].Live == attempt;

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new InvalidOperationException(message);
    }

    private void Start(AttemptKey attempt)
    {
        var row = rows[attempt.Trial];
        Require(row.Live is null, $"{attempt} started while {row.Live} was live");
        Require(!row.State.IsTerminal(), $"{attempt} started although the trial was {row.State}");
        Require(attempt.Number == row.Number + 1, $"{attempt} followed number {row.Number}");
        Require(workers.Contains(attempt.Worker), $"{attempt} was given to a worker that never joined");
        (row.Live, row.Number, row.State) = (attempt, attempt.Number, TrialState.Running);
        Attempts++;
    }

    private void End(AttemptEnded ended)
    {
        var row = rows[ended.Attempt.Trial];
        Require(row.Live == ended.Attempt, $"{ended.Attempt} ended but {row.Live} was live");
        Require(!row.State.IsTerminal(), $"{ended.Attempt} ended twice");
        Require(ended.TrialFailures <= trialRetries + 1, $"{ended.Attempt}: {ended.TrialFailures} own failures");
        Require(ended.InfrastructureFailures <= infrastructureRetries + 1, $"{ended.Attempt}: {ended.InfrastructureFailures} infrastructure failures");
        var result = ended.End is AttemptEnd.Completed or AttemptEnd.EarlyStopped or AttemptEnd.Diverged;
        Require(result == ended.TrialState.HasResult(), $"{ended.Attempt} ended {ended.End} and its trial is {ended.TrialState}");
        (row.Live, row.State) = (null, ended.TrialState);
    }

    private sealed class Row
    {
        public AttemptKey? Live { get; set; }

        public int Number { get; set; }

        public TrialState State { get; set; }
    }
}
