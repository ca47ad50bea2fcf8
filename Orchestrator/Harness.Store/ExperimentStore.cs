using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Scheduling.Stages;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Writes experiments, the scheduler's decisions and what attempts measured.</summary>
public sealed class ExperimentStore(StoreWriter writer, TimeProvider time)
{
    private const int PagesAtOnce = 2000;

    /// <summary>Stores a plan, or finds the experiment that it already is, and returns it as the scheduler needs it.</summary>
    /// <remarks>Trials that failed or were cancelled earlier go back to pending: submitting again means trying again.</remarks>
    /// <param name="paused">Whether what of it is new waits until it is resumed.</param>
    /// <param name="actor">Who submits it; null for the process itself.</param>
    public Task<(long Id, IReadOnlyList<AdmittedExperiment> Admitted)> Submit(ExperimentPlan plan, string specText, string specPath, bool paused = false, string? actor = null) =>
        writer.Enqueue(connection => new Submission(connection, Now(), actor).Store(plan, specText, specPath, paused));

    /// <summary>Ends the attempts that processes left running that are gone, and their trainers with them.</summary>
    /// <param name="isGone">Whether a worker's process, by host and id, is gone.</param>
    /// <returns>How many there were.</returns>
    public Task<int> CloseInterruptedAttempts(Func<string, int, bool> isGone) => writer.Enqueue(connection =>
    {
        var gone = connection.Query("SELECT id, host, process_id FROM worker WHERE left_at IS NULL", row => (Id: row.Text("id"), Host: row.Text("host"), Process: row.Int("process_id")))
            .Where(worker => isGone(worker.Host, worker.Process)).ToArray();
        var ended = 0;
        foreach (var worker in gone)
        {
            connection.Execute("UPDATE worker SET left_at = $at WHERE id = $id", ("$at", Now()), ("$id", worker.Id));
            ended += connection.Execute(
                "UPDATE attempt SET state = 'ended', ending = 'drained', message = 'Its process ended before the attempt did.', ended_at = $at WHERE state = 'running' AND worker = $id",
                ("$at", Now()), ("$id", worker.Id));
        }

        connection.Execute("UPDATE trial SET state = 'pending' WHERE state IN ('running', 'backing_off') AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.trial_id = trial.id AND a.state = 'running')");
        return ended;
    });

    /// <summary>What is neither finished nor cancelled, as the scheduler needs it.</summary>
    public Task<IReadOnlyList<AdmittedExperiment>> Unfinished() => writer.Enqueue(connection => new ExperimentLoader(connection).Unfinished());

    /// <summary>An experiment in any state, as the scheduler needs it; null when there is none.</summary>
    public Task<AdmittedExperiment?> Find(long experiment) => writer.Enqueue(connection =>
        connection.Scalar<long?>("SELECT id FROM experiment WHERE id = $id", ("$id", experiment)) is null ? null : new ExperimentLoader(connection).Load(experiment));

    /// <summary>What a decision about an experiment's next stage may rest on; null when nothing can be decided.</summary>
    /// <summary>The results that claims are decided by, as far as they are stored.</summary>
    /// <param name="curves">See <see cref="ResultsReader.ReadWith(long, Func{IReadOnlyList{Abstractions.Specs.ClaimSpec}, IReadOnlyList{string}})"/>.</param>
    public Task<ExperimentResults> Results(long experiment, Func<IReadOnlyList<ClaimSpec>, IReadOnlyList<string>> curves) => writer.Enqueue(connection => new ResultsReader(connection).ReadWith(experiment, curves));

    public Task<StageState?> Stage(long experiment) => writer.Enqueue(connection => new Growth(connection, Now()).Read(experiment));

    /// <summary>Stores a decision and the trials that it adds in one transaction.</summary>
    /// <param name="number">How many decisions were known when it was made.</param>
    /// <returns>What the scheduler has to take in; null when the decision was made already or can no longer be made.</returns>
    public Task<IReadOnlyList<AdmittedExperiment>?> Grow(long experiment, int number, StageStep step) => writer.Enqueue(connection => new Growth(connection, Now()).Write(experiment, number, step));

    /// <summary>What a scheduler needs to start again in the same process: unfinished experiments, those it knew, and the workers that have not left.</summary>
    /// <param name="known">Experiments that the scheduler knew, finished ones too.</param>
    public Task<StoredState> State(IReadOnlyCollection<long> known) => writer.Enqueue(connection => new ExperimentLoader(connection).State(known));

    /// <summary>The workers that a person has asked to drain and that have not left.</summary>
    public Task<IReadOnlyList<string>> Draining() =>
        writer.Enqueue<IReadOnlyList<string>>(connection => connection.Query("SELECT id FROM worker WHERE draining AND left_at IS NULL", row => row.Text("id")));

    /// <summary>Removes some of the trials that no experiment asks for any more, with everything that they measured.</summary>
    /// <remarks>A few at a time, so that what is measured meanwhile does not wait; what is left over is removed with the next.</remarks>
    /// <param name="after">Only those with a larger number.</param>
    public Task<IReadOnlyList<RemovedTrial>> RemoveUnwanted(long after) => writer.Enqueue(connection => new TrialRemoval(connection).Remove(after));

    /// <summary>Gives the room of deleted rows back to the disk, a few megabytes at a time.</summary>
    public async Task ReclaimSpace()
    {
        while (await writer.Enqueue(connection =>
        {
            // A row for each page that is moved: all have to be read.
            connection.Query($"PRAGMA incremental_vacuum({PagesAtOnce})", _ => true);
            return connection.Scalar<long>("PRAGMA auto_vacuum") != 0 && connection.Scalar<long>("PRAGMA freelist_count") > 0;
        }))
        {
        }
    }

    /// <summary>Why nothing can be stored just now, a full disk for instance; null when all is well.</summary>
    public string? Trouble => writer.Trouble;

    /// <summary>Stores decisions, with the measurements that belong to them, in one transaction.</summary>
    /// <param name="log">The end of the trainer's log, for an attempt without a result.</param>
    /// <param name="line">The decisions before these; null where none can be refused.</param>
    /// <returns>False when an earlier decision of the line was refused: then nothing is stored.</returns>
    /// <exception cref="WriteRefusedException">These decisions can never be stored.</exception>
    public Task<bool> Record(IReadOnlyList<SchedulerChange> changes, AttemptReport? measurements = null, (AttemptKey Attempt, string Text)? log = null, DecisionLine? line = null)
    {
        if (changes.Count == 0 && measurements is null) return Task.FromResult(true);
        return writer.Enqueue(connection =>
        {
            if (line?.Holds(changes) == false) return false;
            try
            {
                // Before the attempt's end: measurements are accepted only while it is live.
                if (measurements is not null) Store(connection, measurements);
                var changeWriter = new ChangeWriter(connection, Now());
                foreach (var change in changes) changeWriter.Store(change);
                if (log is var (attempt, text)) changeWriter.StoreLog(attempt, text);
                changeWriter.Seal();
                return true;
            }
            catch (Exception error) when (!StoreWriter.ConcernsAll(error))
            {
                // At once: the next decision may wait in the same transaction.
                line?.Break(changes);
                throw;
            }
        });
    }

    /// <summary>Stores measurements; false when the attempt is no longer the trial's live one.</summary>
    public Task<bool> RecordMeasurements(AttemptReport report) => writer.Enqueue(connection => Store(connection, report));

    /// <summary>Measurements that make no sense cost themselves and leave an event; they cost neither the trial's end nor its attempt.</summary>
    private bool Store(SqliteConnection connection, AttemptReport report)
    {
        connection.Execute("SAVEPOINT measurements");
        bool isLive;
        try
        {
            isLive = new MeasurementWriter(connection, Now()).Store(report);
        }
        catch (Exception error) when (!StoreWriter.ConcernsAll(error))
        {
            connection.Execute("ROLLBACK TO measurements");
            EventLog.Append(connection, Now(), "measurements_refused", trial: report.Attempt.Trial, attempt: report.Attempt.Number, worker: report.Attempt.Worker, detail: error.Message);
            isLive = true;
        }

        connection.Execute("RELEASE measurements");
        return isLive;
    }

    /// <summary>Completes when everything that was recorded before is on disk.</summary>
    /// <exception cref="StoreException">It is not, and will not be.</exception>
    /// <param name="line">The decisions that the caller relies on.</param>
    /// <returns>False when one of them was refused.</returns>
    public Task<bool> Flush(DecisionLine? line = null) => writer.Enqueue(_ => line?.IsBroken != true);

    private string Now() => Timestamp(time.GetUtcNow());

    internal static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>The word that the database holds for a state, an ending, a kernel or a moment.</summary>
    internal static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    internal static TrialState StateOf(string word) => Enum.Parse<TrialState>(word.Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true);
}
