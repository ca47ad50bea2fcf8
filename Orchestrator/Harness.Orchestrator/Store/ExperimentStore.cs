using System.Globalization;
using System.Text.Json;
using Harness.Experiments.Contracts;
using Harness.Experiments.Planning;
using Harness.Experiments.Results;
using Harness.Orchestrator.Scheduling;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Store;

/// <summary>Writes experiments, the scheduler's decisions and what attempts measured.</summary>
public sealed class ExperimentStore(StoreWriter writer, TimeProvider time)
{
    /// <summary>Stores a plan, or finds the experiment that it already is, and returns it as the scheduler needs it.</summary>
    /// <remarks>Trials that failed or were cancelled earlier go back to pending: submitting again means trying again.</remarks>
    public Task<(long Id, IReadOnlyList<AdmittedExperiment> Admitted)> Submit(ExperimentPlan plan, string specText, string specPath) =>
        writer.Enqueue(connection => new Submission(connection, Now()).Store(plan, specText, specPath));

    /// <summary>Ends the attempts that an earlier process left running: it is gone, and its trainers with it.</summary>
    public Task<int> CloseInterruptedAttempts() => writer.Enqueue(connection =>
    {
        connection.Execute("UPDATE worker SET left_at = $at WHERE left_at IS NULL", ("$at", Now()));
        var ended = connection.Execute(
            "UPDATE attempt SET state = 'ended', ending = 'drained', message = 'The orchestrator ended before the attempt did.', ended_at = $at WHERE state = 'running'",
            ("$at", Now()));
        connection.Execute("UPDATE trial SET state = 'pending' WHERE state IN ('running', 'backing_off')");
        return ended;
    });

    /// <summary>What is neither finished nor cancelled, as the scheduler needs it.</summary>
    public Task<IReadOnlyList<AdmittedExperiment>> Unfinished() => writer.Enqueue(connection => new ExperimentLoader(connection).Unfinished());

    /// <summary>Why nothing can be stored just now, a full disk for instance; null when all is well.</summary>
    public string? Trouble => writer.Trouble;

    /// <summary>Stores decisions, with the measurements that belong to them, in one transaction.</summary>
    public Task Record(IReadOnlyList<SchedulerChange> changes, AttemptReport? measurements = null)
    {
        if (changes.Count == 0 && measurements is null) return Task.CompletedTask;
        return writer.Enqueue(connection =>
        {
            // Before the attempt's end: measurements are accepted only while it is live.
            if (measurements is not null) Store(connection, measurements);
            var changeWriter = new ChangeWriter(connection, Now());
            foreach (var change in changes) changeWriter.Store(change);
            return true;
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
    public Task Flush() => writer.Enqueue(_ => true);

    private string Now() => Timestamp(time.GetUtcNow());

    internal static string Timestamp(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    /// <summary>The word that the database holds for a state, an ending, a kernel or a moment.</summary>
    internal static string Word<T>(T value) where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    internal static TrialState StateOf(string word) => Enum.Parse<TrialState>(word.Replace("_", string.Empty, StringComparison.Ordinal), ignoreCase: true);
}
