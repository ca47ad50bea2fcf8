using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Writes the scheduler's decisions and the events that tell of them.</summary>
internal sealed class ChangeWriter(SqliteConnection connection, string now)
{
    private readonly HashSet<string> changedTrials = new(StringComparer.Ordinal);
    private readonly HashSet<long> changedExperiments = [];

    /// <summary>Seals what the changes stored so far have ended or altered; the last thing of their transaction.</summary>
    public void Seal()
    {
        var seals = new RowSeals(connection);
        foreach (var trial in changedTrials) seals.SealTrial(trial);
        foreach (var experiment in changedExperiments) seals.SealExperiment(experiment);
    }

    public void Store(SchedulerChange change)
    {
        switch (change)
        {
            case WorkerJoined joined:
                Store(joined);
                break;
            case WorkerLeft left:
                connection.Execute("UPDATE worker SET left_at = $at WHERE id = $id", ("$at", now), ("$id", left.Worker));
                EventLog.Append(connection, now, "worker_left", worker: left.Worker, detail: left.Reason);
                break;
            case AttemptStarted started:
                Store(started);
                break;
            case AttemptEnded ended:
                Store(ended);
                break;
            case TrialChanged { State: TrialState.Pending } again:
                changedTrials.Add(again.Trial);
                connection.Execute("UPDATE trial SET state = 'pending', trial_failures = 0, infrastructure_failures = 0, failure = NULL WHERE hash = $trial", ("$trial", again.Trial));
                EventLog.Append(connection, now, "trial_reopened", trial: again.Trial, actor: again.Actor);
                break;
            case TrialChanged changed:
                changedTrials.Add(changed.Trial);
                connection.Execute("UPDATE trial SET state = $state WHERE hash = $trial", ("$state", ExperimentStore.Word(changed.State)), ("$trial", changed.Trial));
                EventLog.Append(connection, now, "trial_cancelled", trial: changed.Trial, actor: changed.Actor);
                break;
            case ExperimentChanged changed:
                changedExperiments.Add(changed.Experiment);
                connection.Execute("UPDATE experiment SET state = $state, finished_at = CASE $state WHEN 'cancelled' THEN $at END WHERE id = $id",
                    ("$state", ExperimentStore.Word(changed.State)), ("$at", now), ("$id", changed.Experiment));
                EventLog.Append(connection, now, $"experiment_{ExperimentStore.Word(changed.State)}", experiment: changed.Experiment, actor: changed.Actor);
                break;
            case WorkerDrained drained:
                connection.Execute("UPDATE worker SET draining = $draining WHERE id = $id", ("$draining", drained.Draining), ("$id", drained.Worker));
                EventLog.Append(connection, now, drained.Draining ? "worker_drained" : "worker_undrained", worker: drained.Worker, detail: drained.Draining ? "nothing more is started on it" : "it is put to work again", actor: drained.Actor);
                break;
            case ExperimentPrioritised changed:
                changedExperiments.Add(changed.Experiment);
                connection.Execute("UPDATE experiment SET priority = $priority WHERE id = $id", ("$priority", changed.Priority), ("$id", changed.Experiment));
                EventLog.Append(connection, now, "experiment_priority", experiment: changed.Experiment, detail: FormattableString.Invariant($"now {changed.Priority}"), actor: changed.Actor);
                break;
            case ExperimentDeleted deleted:
                Store(deleted);
                break;
            case ExperimentFinished finished:
                changedExperiments.Add(finished.Experiment);
                connection.Execute("UPDATE experiment SET state = 'finished', finished_at = coalesce(finished_at, $at) WHERE id = $id", ("$at", now), ("$id", finished.Experiment));
                EventLog.Append(connection, now, "experiment_finished", experiment: finished.Experiment);
                break;
            default:
                throw new InvalidOperationException($"No rule to store {change.GetType().Name}.");
        }
    }

    /// <summary>Keeps the end of what a trainer wrote.</summary>
    public void StoreLog(AttemptKey attempt, string text)
    {
        var tail = text.Length <= AttemptCompletion.LongestLog ? text : text[^AttemptCompletion.LongestLog..];
        connection.Execute("UPDATE attempt SET log = $log WHERE trial_id = (SELECT id FROM trial WHERE hash = $trial) AND number = $number AND worker = $worker",
            ("$log", tail.Replace('\0', '\uFFFD')), ("$trial", attempt.Trial), ("$number", attempt.Number), ("$worker", attempt.Worker));
    }

    private void Store(ExperimentDeleted deleted)
    {
        if (connection.Scalar<string>("SELECT name FROM experiment WHERE id = $id", ("$id", deleted.Experiment)) is not { } name) return;
        // Its number may be another's one day, which must not find events of its own before it began.
        connection.Execute("DELETE FROM event WHERE experiment_id = $id", ("$id", deleted.Experiment));
        connection.Execute("DELETE FROM experiment WHERE id = $id", ("$id", deleted.Experiment));
        EventLog.Append(connection, now, "experiment_deleted", detail: FormattableString.Invariant($"{name} #{deleted.Experiment}"), actor: deleted.Actor);
    }

    private void Store(WorkerJoined joined)
    {
        var worker = joined.Worker;
        var digest = RowSeals.NameOf(worker.Environment);
        connection.Execute("INSERT INTO environment (digest, record) VALUES ($digest, $record) ON CONFLICT DO NOTHING", ("$digest", digest), ("$record", worker.Environment));
        connection.Execute(
            "INSERT INTO worker (id, host, process_id, slots, environment_id, joined_at, canary_digest, canary_ms_per_step) SELECT $id, $host, $pid, $slots, id, $at, $canary, $speed FROM environment WHERE digest = $digest "
            // Known from before the server was restarted.
            + "ON CONFLICT (id) DO UPDATE SET left_at = NULL",
            ("$id", worker.Worker), ("$host", worker.Host), ("$pid", worker.ProcessId), ("$slots", worker.Slots), ("$at", now), ("$digest", digest), ("$canary", worker.Canary?.Digest ?? (CanaryCheck.IsOwed(worker) ? CanaryCheck.Missing : null)), ("$speed", worker.Canary?.MillisecondsPerStep));
        EventLog.Append(connection, now, "worker_joined", worker: worker.Worker, detail: $"{worker.Slots} slots on {worker.Host}");
        if (worker.Canary is not { } canary)
        {
            if (CanaryCheck.IsOwed(worker)) EventLog.Append(connection, now, "worker_unchecked", worker: worker.Worker, detail: $"{worker.Host}: it sent no self-check trial. Its results are marked.");
            return;
        }

        foreach (var deviation in CanaryCheck.Of(canary, Others(worker.Worker)))
            EventLog.Append(connection, now, "canary_deviates", worker: worker.Worker, detail: $"{worker.Host}: {deviation}");
    }

    /// <summary>What the workers that are there made of the self-check trial.</summary>
    private List<(string Host, CanaryResult Result)> Others(string worker) => connection.Query(
        "SELECT host, canary_digest, canary_ms_per_step FROM worker WHERE left_at IS NULL AND id <> $id AND canary_digest <> ''",
        row => (row.Text("host"), new CanaryResult(row.Text("canary_digest"), row.Number("canary_ms_per_step"))), ("$id", worker)).ToList();

    private void Store(AttemptStarted started)
    {
        var key = started.Attempt;
        // The only place that grants: the number grows by one and the live attempt changes together, or the grant is refused.
        var granted = connection.Execute(
            """
            INSERT INTO attempt (trial_id, number, worker, state, environment_id, started_at)
            SELECT t.id, $number, $worker, 'running', (SELECT environment_id FROM worker WHERE id = $worker), $at FROM trial t
            WHERE t.hash = $trial AND t.attempts = $number - 1
            """,
            ("$number", key.Number), ("$worker", key.Worker), ("$at", now), ("$trial", key.Trial));
        if (granted == 0) throw new InvalidOperationException($"Attempt {key} does not follow the latest one of its trial: it is refused.");
        connection.Execute("UPDATE trial SET state = 'running', attempts = $number, worker = $worker WHERE hash = $trial", ("$number", key.Number), ("$worker", key.Worker), ("$trial", key.Trial));
        EventLog.Append(connection, now, "attempt_started", trial: key.Trial, attempt: key.Number, worker: key.Worker);
    }

    private void Store(AttemptEnded ended)
    {
        var key = ended.Attempt;
        var ending = ExperimentStore.Word(ended.End);
        var accepted = connection.Execute(
            """
            UPDATE attempt SET state = 'ended', ending = $ending, message = $message, exit_code = $code, ended_at = max($at, started_at)
            WHERE trial_id = (SELECT id FROM trial WHERE hash = $trial) AND number = $number AND worker = $worker AND state = 'running'
            """,
            ("$ending", ending), ("$message", ended.Message), ("$code", ended.ExitCode), ("$at", now),
            ("$trial", key.Trial), ("$number", key.Number), ("$worker", key.Worker));
        if (accepted == 0) throw new InvalidOperationException($"Attempt {key} is not the live one of its trial: its end is refused.");
        connection.Execute(
            "UPDATE trial SET state = $state, trial_failures = $own, infrastructure_failures = $infrastructure, failure = $failure WHERE hash = $trial",
            ("$state", ExperimentStore.Word(ended.TrialState)), ("$own", ended.TrialFailures), ("$infrastructure", ended.InfrastructureFailures),
            ("$failure", ended.Failure), ("$trial", key.Trial));
        if (ended.TrialState.IsTerminal()) changedTrials.Add(key.Trial);
        if (ended.Outcome is not null) StoreOutcome(key, ended.Outcome);
        EventLog.Append(connection, now, "attempt_ended", trial: key.Trial, attempt: key.Number, worker: key.Worker, detail: ended.Message is null ? ending : $"{ending}: {ended.Message}");
    }

    private void StoreOutcome(AttemptKey key, string json)
    {
        var timings = new TimingStore(connection);
        if (timings.IsTiming(key.Trial))
        {
            timings.Write(key.Trial, key.Worker, JsonSerializer.Deserialize(json, HarnessJson.Default.TimingResult)!);
            connection.Execute(
                "UPDATE trial SET finished_at = $at, device = (SELECT a.device FROM attempt a WHERE a.trial_id = trial.id AND a.number = $number) WHERE hash = $trial",
                ("$at", now), ("$number", key.Number), ("$trial", key.Trial));
            return;
        }

        var outcome = JsonSerializer.Deserialize(json, HarnessJson.Default.TrialOutcome)!;
        connection.Execute(
            """
            UPDATE trial SET outcome = $json, steps = $steps, final_loss = $final, best_loss = $best, final_accuracy = $accuracy, baseline_loss = $baseline,
                   solved = $solved, steps_to_target = $target, seconds_to_target = $seconds, diverged_at_step = $diverged, parameters = $parameters,
                   parameters_total = $total, ms_per_step = $ms, sequences_per_second = $sequences, train_seconds = $train, finished_at = $at,
                   device = (SELECT a.device FROM attempt a WHERE a.trial_id = trial.id AND a.number = $number)
            WHERE hash = $trial
            """,
            ("$json", json), ("$steps", outcome.Steps), ("$final", outcome.FinalLoss), ("$best", outcome.BestLoss), ("$accuracy", outcome.FinalAccuracy),
            ("$baseline", outcome.BaselineLoss), ("$solved", outcome.Solved), ("$target", outcome.StepsToTarget), ("$seconds", outcome.SecondsToTarget),
            ("$diverged", outcome.DivergedAtStep), ("$parameters", outcome.Parameters), ("$total", outcome.ParametersTotal), ("$ms", outcome.MillisecondsPerStep),
            ("$sequences", outcome.SequencesPerSecond), ("$train", outcome.TrainSeconds), ("$at", now), ("$number", key.Number), ("$trial", key.Trial));
    }
}
