using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>
/// Finds earlier looks at the same claims with fewer of the same seeds, for an experiment with a fixed number of seeds. Such a look counts:
/// adding seeds until a verdict appears makes false verdicts more likely than the level of each look says.
/// </summary>
internal sealed class EarlierLooks(SqliteConnection connection)
{
    private const int Most = 20;

    /// <summary>Fewer seeds decide nothing at 5 %, so a look at them spends nothing.</summary>
    private const int FewestThatDecide = 6;

    /// <summary>The looks so far, the experiment's own as the last; null where there was none before.</summary>
    public LookPlan? Of(long id)
    {
        var seeds = Seeds(id);
        var counts = connection.Query(
            """
            SELECT e.id FROM experiment e JOIN experiment own ON own.id = $id
            WHERE e.id < own.id AND e.stages IS NULL AND own.stages IS NULL AND e.finished_at IS NOT NULL AND e.claims = own.claims AND own.claims <> '[]'
            AND (SELECT group_concat(spec, char(10)) FROM (SELECT spec FROM condition WHERE experiment_id = e.id ORDER BY ordinal))
              = (SELECT group_concat(spec, char(10)) FROM (SELECT spec FROM condition WHERE experiment_id = own.id ORDER BY ordinal))
            ORDER BY e.id DESC LIMIT $most
            """,
            row => row.Long("id"), ("$id", id), ("$most", Most))
            .Select(Seeds).Where(earlier => earlier.Count >= FewestThatDecide && earlier.Count < seeds.Count && seeds.Take(earlier.Count).SequenceEqual(earlier)).Select(earlier => earlier.Count).Distinct().Order().ToList();
        return counts.Count == 0 ? null : new LookPlan(seeds, [.. counts, seeds.Count]) { IsUnplanned = true };
    }

    /// <summary>The seeds of all learning trials of an experiment, ascending.</summary>
    private List<long> Seeds(long id) => connection.Query(
        "SELECT DISTINCT t.seed FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.kind = 'learning' ORDER BY t.seed", row => row.Long("seed"), ("$id", id));
}
