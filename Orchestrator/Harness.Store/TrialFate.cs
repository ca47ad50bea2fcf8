using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>The state of a trial in the database, for owners of its files.</summary>
internal sealed class TrialFate(SqliteConnection connection)
{
    /// <summary>Whether the trial is open, and, when it has a result, its outcome and whether its weights are wanted; null when it is not known.</summary>
    public (bool Open, TrialOutcome? Outcome, bool KeepWeights)? Of(string trial) =>
        connection.Query<(bool, TrialOutcome?, bool)?>(
            """
            SELECT t.state, t.outcome, (SELECT e.run FROM experiment e JOIN experiment_trial et ON et.experiment_id = e.id WHERE et.trial_id = t.id ORDER BY e.id LIMIT 1) AS run
            FROM trial t WHERE t.hash = $trial
            """,
            row => (
                !ExperimentStore.StateOf(row.Text("state")).IsTerminal(),
                row.TextOrNull("outcome") is { } outcome ? JsonSerializer.Deserialize(outcome, HarnessJson.Default.TrialOutcome) : null,
                (row.TextOrNull("run") is { } run ? JsonSerializer.Deserialize(run, HarnessJson.Default.RunSpec)?.Attempts : null) is not { KeepWeights: false }),
            ("$trial", trial)).FirstOrDefault();
}
