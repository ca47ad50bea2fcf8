using System.Text.Json;
using Harness.Abstractions.Metrics;
using Microsoft.Data.Sqlite;

namespace Harness.Store.Views;

/// <summary>Reads lists as people search, filter and sort them, and what stands beside a trial.</summary>
internal static class ListReader
{
    /// <summary>Curves of so many seeds are drawn over each other.</summary>
    private const int MostSeeds = 40;

    private const int PointsPerSeed = 160;

    /// <summary>By the words of <see cref="ExperimentQuery.Sorts"/>.</summary>
    private static readonly Dictionary<string, string> experimentOrders = new(StringComparer.Ordinal)
    {
        ["submitted"] = "e.id", ["name"] = "e.name COLLATE NOCASE", ["state"] = "e.state", ["priority"] = "e.priority", ["finished"] = "e.finished_at",
        ["trials"] = "(SELECT count(*) FROM experiment_trial et WHERE et.experiment_id = e.id)",
    };

    /// <summary>By the words of <see cref="TrialQuery.Sorts"/>.</summary>
    private static readonly Dictionary<string, string> trialOrders = new(StringComparer.Ordinal)
    {
        ["condition"] = "label COLLATE NOCASE", ["state"] = "t.state", ["seed"] = "t.seed", ["loss"] = "t.final_loss", ["steps"] = "t.steps", ["ms"] = "t.ms_per_step", ["attempts"] = "t.attempts",
    };

    /// <summary>A page of the experiments that are wanted.</summary>
    /// <param name="number">From 1; a page after the last one is empty.</param>
    /// <param name="counted">See <see cref="ExperimentReader.List"/>.</param>
    public static ListPage<ExperimentSummary> Experiments(SqliteConnection connection, ExperimentQuery query, int number, int size, Func<SqliteConnection, ExperimentSummary, StateCounts> counted)
    {
        const string wanted =
            "($state IS NULL OR e.state = $state) AND ($text IS NULL OR instr(lower(e.name || ' ' || coalesce(e.question, '')), lower($text)) > 0 OR '#' || e.id = $text OR CAST(e.id AS TEXT) = $text)";
        (string, object?)[] values = [("$state", query.State), ("$text", query.Text)];
        var order = experimentOrders.GetValueOrDefault(query.Sort ?? "", "e.id");
        var way = query.Descending ? "DESC" : "ASC";
        var total = connection.Scalar<long>($"SELECT count(*) FROM experiment e WHERE {wanted}", values);
        var found = connection.Query(
            $"""
            SELECT e.id, e.name, e.question, e.state, e.priority, e.submitted_at, e.finished_at, (SELECT count(*) FROM condition c WHERE c.experiment_id = e.id) AS conditions
            FROM experiment e WHERE {wanted} ORDER BY {order} IS NULL, {order} {way}, e.id DESC LIMIT $size OFFSET $skipped
            """,
            ExperimentReader.Summary, [.. values, ("$size", size), ("$skipped", (number - 1L) * size)]);
        return new([.. found.Select(summary => summary with { Trials = counted(connection, summary) })], number, size, total);
    }

    /// <summary>A page of an experiment's trials.</summary>
    /// <param name="number">From 1; a page after the last one is empty.</param>
    public static ListPage<TrialRow> Trials(SqliteConnection connection, long experiment, TrialQuery query, int number, int size)
    {
        const string from =
            "experiment_trial et CROSS JOIN trial t ON t.id = et.trial_id LEFT JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition";
        List<string> wanted = ["et.experiment_id = $id"];
        List<(string, object?)> values = [("$id", experiment), ("$state", query.State), ("$text", query.Text)];
        if (query.State is not null) wanted.Add("t.state = $state");
        if (query.Text is not null)
        {
            wanted.Add(
                "(instr(lower(coalesce(c.label, t.kind) || ' ' || coalesce(t.failure, '') || ' ' || coalesce(t.worker, '') || ' ' || coalesce(t.device, '')), lower($text)) > 0 "
                + "OR CAST(t.seed AS TEXT) = $text OR (length($text) >= 6 AND t.hash >= lower($text) AND t.hash < lower($text) || 'g'))");
        }

        foreach (var (level, index) in (query.Levels ?? []).Select((level, index) => (level, index)))
        {
            wanted.Add(FormattableString.Invariant($"EXISTS (SELECT 1 FROM json_each(c.factors) f WHERE f.key = $factor{index} AND f.value = $level{index})"));
            values.Add((FormattableString.Invariant($"$factor{index}"), level.Key));
            values.Add((FormattableString.Invariant($"$level{index}"), level.Value));
        }

        var condition = string.Join(" AND ", wanted);
        var order = trialOrders.TryGetValue(query.Sort ?? "", out var known) ? $"{known} IS NULL, {known} {(query.Descending ? "DESC" : "ASC")}, et.ordinal" : "et.ordinal";
        var total = connection.Scalar<long>($"SELECT count(*) FROM {from} WHERE {condition}", [.. values]);
        var found = connection.Query(
            $"SELECT {ExperimentReader.TrialColumns} FROM {from} WHERE {condition} ORDER BY {order} LIMIT $size OFFSET $skipped",
            ExperimentReader.Trial, [.. values, ("$size", size), ("$skipped", (number - 1L) * size)]);
        return new(found, number, size, total);
    }

    /// <summary>The factors of an experiment that have more than one level.</summary>
    public static IReadOnlyList<string> Factors(SqliteConnection connection, long experiment) => connection.Query(
        "SELECT f.key AS name FROM condition c JOIN json_each(c.factors) f WHERE c.experiment_id = $id GROUP BY f.key HAVING count(DISTINCT f.value) > 1 ORDER BY min(c.ordinal), min(f.id)",
        row => row.Text("name"), ("$id", experiment));

    /// <summary>Every condition of an experiment with how its trials did, in the plan's order.</summary>
    public static IReadOnlyList<ConditionPoint> Points(SqliteConnection connection, long experiment)
    {
        var trials = connection.Query(
            """
            SELECT et.condition, t.state, t.final_loss, t.baseline_loss, t.solved FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            WHERE et.experiment_id = $id AND et.stage IS NULL AND t.kind = 'learning'
            """,
            row => (Condition: row.Int("condition"), State: row.Text("state"), Loss: row.DoubleOrNull("final_loss"), Baseline: row.DoubleOrNull("baseline_loss"), Solved: row.IntOrNull("solved") == 1),
            ("$id", experiment)).ToLookup(trial => trial.Condition);
        return connection.Query(
            "SELECT ordinal, label, factors FROM condition WHERE experiment_id = $id ORDER BY ordinal",
            row =>
            {
                var ordinal = row.Int("ordinal");
                var own = trials[ordinal].ToList();
                var finished = own.Where(trial => trial.State is "completed" or "diverged").ToList();
                return new ConditionPoint(
                    ordinal, row.Text("label"), JsonSerializer.Deserialize<Dictionary<string, string>>(row.Text("factors"))!, own.Count, finished.Count,
                    finished.Count(trial => trial.State == "diverged"), finished.Count(trial => trial.Solved),
                    Median(finished.Select(trial => LossOf(trial.State, trial.Loss))), Median(finished.Select(trial => LossOf(trial.State, trial.Loss) / trial.Baseline)));
            },
            ("$id", experiment));

        static double? LossOf(string state, double? loss) => state == "diverged" ? double.PositiveInfinity : loss;
    }

    /// <summary>The trials that differ from one by their seed only, itself among them, with their curves of losses.</summary>
    public static IReadOnlyList<SeedCurve> Seeds(SqliteConnection connection, long trial)
    {
        var seeds = connection.Query(
            """
            SELECT DISTINCT t.id, t.seed, t.state FROM experiment_trial own JOIN experiment_trial et ON et.experiment_id = own.experiment_id AND et.condition = own.condition AND et.stage IS own.stage AND et.point IS own.point
            JOIN trial t ON t.id = et.trial_id
            WHERE own.trial_id = $id AND own.experiment_id = (SELECT max(experiment_id) FROM experiment_trial WHERE trial_id = $id) AND t.kind = 'learning' AND own.condition >= 0
            ORDER BY t.id <> $id, t.seed LIMIT $most
            """,
            row => (Id: row.Long("id"), Seed: row.Long("seed"), State: row.Text("state")), ("$id", trial), ("$most", MostSeeds));
        return [.. seeds.Select(seed => Curve(connection, seed.Id, seed.Seed, seed.State)).OrderBy(curve => curve.Seed)];
    }

    /// <summary>What comes before and after a trial in the order of the latest experiment that asks for it; null when none does.</summary>
    public static Neighbours? Beside(SqliteConnection connection, long trial)
    {
        var place = connection.Query(
            "SELECT et.experiment_id, et.ordinal, e.name FROM experiment_trial et JOIN experiment e ON e.id = et.experiment_id WHERE et.trial_id = $id ORDER BY et.experiment_id DESC LIMIT 1",
            row => (Experiment: row.Long("experiment_id"), Ordinal: row.Int("ordinal"), Name: row.Text("name")), ("$id", trial));
        if (place is not [var own]) return null;
        return new(own.Experiment, own.Name, Next("<", "DESC"), Next(">", "ASC"));

        TrialLink? Next(string side, string order) => connection.Query(
            $"""
            SELECT t.id, coalesce(c.label, t.kind) AS label, t.seed FROM experiment_trial et JOIN trial t ON t.id = et.trial_id
            LEFT JOIN condition c ON c.experiment_id = et.experiment_id AND c.ordinal = et.condition
            WHERE et.experiment_id = $experiment AND et.ordinal {side} $ordinal ORDER BY et.ordinal {order} LIMIT 1
            """,
            row => new TrialLink(row.Long("id"), row.Text("label"), row.Long("seed")), ("$experiment", own.Experiment), ("$ordinal", own.Ordinal)).SingleOrDefault();
    }

    /// <summary>Names for a shell that completes a word: the latest experiments.</summary>
    public static IReadOnlyList<string> ExperimentNames(SqliteConnection connection, int limit) =>
        connection.Query("SELECT name FROM experiment GROUP BY name ORDER BY max(id) DESC LIMIT $limit", row => row.Text("name"), ("$limit", limit));

    /// <summary>Likewise: the numbers of the latest trials that begin with a word.</summary>
    public static IReadOnlyList<long> TrialNumbers(SqliteConnection connection, string word, int limit) =>
        connection.Query("SELECT id FROM trial WHERE substr(CAST(id AS TEXT), 1, length($word)) = $word ORDER BY id DESC LIMIT $limit", row => row.Long("id"), ("$word", word), ("$limit", limit));

    /// <summary>Likewise: the first characters of the identities of trials that begin with a word.</summary>
    public static IReadOnlyList<string> TrialPrefixes(SqliteConnection connection, string word, int length, int limit) =>
        connection.Query("SELECT substr(hash, 1, $length) AS name FROM trial WHERE hash >= $word AND hash < $word || 'g' ORDER BY hash LIMIT $limit",
            row => row.Text("name"), ("$word", word), ("$length", length), ("$limit", limit));

    /// <summary>Likewise: hosts and processes of the workers that have not left. Their full names hold signs that part words in a shell.</summary>
    public static IReadOnlyList<string> WorkerNames(SqliteConnection connection, int limit) =>
        connection.Query(
            "SELECT DISTINCT name FROM (SELECT host AS name, 0 AS place FROM worker WHERE left_at IS NULL UNION ALL SELECT CAST(process_id AS TEXT), 1 FROM worker WHERE left_at IS NULL) ORDER BY place, name LIMIT $limit",
            row => row.Text("name"), ("$limit", limit));

    private static SeedCurve Curve(SqliteConnection connection, long id, long seed, string state)
    {
        foreach (var metric in new[] { MetricCatalog.EvaluationLoss, MetricCatalog.TrainingLoss })
            if (CurveReader.Read(connection, id, metric, 0, int.MaxValue, PointsPerSeed) is { } view) return new(id, seed, state, metric, view.Steps, view.Last);
        return new(id, seed, state, MetricCatalog.EvaluationLoss, [], []);
    }

    private static double? Median(IEnumerable<double?> values)
    {
        var known = values.OfType<double>().Where(value => !double.IsNaN(value)).Order().ToList();
        if (known.Count == 0) return null;
        // An even number with an infinite upper middle would have an infinite mean: then the median is infinite.
        return known.Count % 2 == 1 ? known[known.Count / 2] : (known[(known.Count / 2) - 1] + known[known.Count / 2]) / 2;
    }
}
