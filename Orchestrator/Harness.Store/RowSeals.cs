using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>
/// SHA-256 digests over the stored rows that a report is made of, written with them and compared where they are read: SQLite checks the shape of its pages,
/// never the values in them.
/// </summary>
/// <remarks>
/// A trial is sealed in the transaction that ends it, an experiment whenever its row changes. A column that is NULL does not count, so that a migration may
/// add one; a migration that gives old rows a value has to call <see cref="SealAll"/>.
/// </remarks>
internal sealed class RowSeals(SqliteConnection connection)
{
    private const string Analyses = "SELECT * FROM test_analysis WHERE trial_id = $id";

    private const string Ended = "('completed', 'diverged', 'failed', 'cancelled')";

    private static readonly string[] trialRows =
    [
        "SELECT t.*, w.host AS worker_host FROM trial t LEFT JOIN worker w ON w.id = t.worker WHERE t.id = $id",
        "SELECT a.*, e.digest AS environment_digest FROM attempt a LEFT JOIN environment e ON e.id = a.environment_id WHERE a.trial_id = $id ORDER BY a.number",
        // The points are held by their own checksum.
        "SELECT m.name, k.first_step, k.stride, k.count, k.attempt, k.crc FROM metric_chunk k JOIN metric m ON m.id = k.metric_id WHERE k.trial_id = $id ORDER BY m.name, k.first_step",
        "SELECT * FROM gradient_profile WHERE trial_id = $id ORDER BY moment, step, state, layer, backwards",
        "SELECT * FROM gate_trace WHERE trial_id = $id ORDER BY moment, step",
        Analyses,
        "SELECT * FROM timing_run WHERE trial_id = $id",
        "SELECT * FROM timing_machine_round WHERE trial_id = $id ORDER BY round",
        "SELECT * FROM timing_arm WHERE trial_id = $id ORDER BY arm",
        "SELECT * FROM timing_round WHERE trial_id = $id ORDER BY arm, round",
    ];

    private static readonly string[] experimentRows =
    [
        "SELECT * FROM experiment WHERE id = $id",
        "SELECT * FROM condition WHERE experiment_id = $id ORDER BY ordinal",
        "SELECT et.ordinal, et.condition, et.stage, et.point, t.hash FROM experiment_trial et LEFT JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id ORDER BY et.ordinal",
        "SELECT * FROM decision WHERE experiment_id = $id ORDER BY ordinal",
    ];

    /// <summary>The digest of a text that is stored beside it.</summary>
    public static byte[] DigestOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    /// <summary>The name under which an environment record is stored: it is its own digest.</summary>
    public static string NameOf(string environment) => Convert.ToHexStringLower(DigestOf(environment).AsSpan(0, 16));

    /// <summary>Seals a trial that has ended, and takes the seal from one that has not.</summary>
    /// <param name="hash">Its content hash.</param>
    public void SealTrial(string hash)
    {
        foreach (var id in connection.Query("SELECT id FROM trial WHERE hash = $hash", row => row.Long("id"), ("$hash", hash))) SealTrial(id, trialRows);
    }

    public void SealExperiment(long id)
    {
        // A deleted one has no row to seal.
        connection.Execute(
            "INSERT INTO experiment_seal (experiment_id, digest) SELECT id, $digest FROM experiment WHERE id = $id ON CONFLICT (experiment_id) DO UPDATE SET digest = excluded.digest",
            ("$digest", Digest(experimentRows, id)), ("$id", id));
    }

    /// <summary>Takes the seals from the trials of an experiment that are to be trained again.</summary>
    public void UnsealOpenTrials(long experiment) => connection.Execute(
        $"DELETE FROM trial_seal WHERE trial_id IN (SELECT t.id FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.experiment_id = $id AND t.state NOT IN {Ended})",
        ("$id", experiment));

    /// <summary>Seals everything as it is. A migration may run it before a later one has made every table; a table that is not there counts as an empty one.</summary>
    public void SealAll()
    {
        var hasAnalyses = connection.Scalar<long?>("SELECT 1 FROM sqlite_schema WHERE name = 'test_analysis'") is not null;
        string[] rows = hasAnalyses ? trialRows : [.. trialRows.Where(query => query != Analyses)];
        foreach (var id in connection.Query($"SELECT id FROM trial WHERE state IN {Ended}", row => row.Long("id"))) SealTrial(id, rows);
        foreach (var id in connection.Query("SELECT id FROM experiment", row => row.Long("id"))) SealExperiment(id);
        foreach (var (task, sample) in connection.Query("SELECT task, sample FROM task_sample", row => (row.Text("task"), row.Text("sample"))))
            connection.Execute("UPDATE task_sample SET digest = $digest WHERE task = $task", ("$digest", DigestOf(sample)), ("$task", task));
    }

    /// <summary>What of an experiment is no longer what was stored; nothing when all is well. Curves are checked by who reads them, see <see cref="MetricCodec"/>.</summary>
    public IReadOnlyList<Damage> DamageOf(long experiment)
    {
        var damage = new List<Damage>();
        var digest = connection.Scalar<byte[]>("SELECT digest FROM experiment_seal WHERE experiment_id = $id", ("$id", experiment));
        if (digest is null || !digest.AsSpan().SequenceEqual(Digest(experimentRows, experiment))) damage.Add(new Damage(DamagedPart.Experiment));
        var trials = connection.Query(
            $"""
            SELECT DISTINCT t.id, t.state IN {Ended} AS has_ended, s.digest, e.state = 'finished' AS has_all_ended FROM experiment_trial et JOIN experiment e ON e.id = et.experiment_id
            JOIN trial t ON t.id = et.trial_id LEFT JOIN trial_seal s ON s.trial_id = t.id WHERE et.experiment_id = $id ORDER BY t.id
            """,
            row => (Id: row.Long("id"), HasEnded: row.Flag("has_ended"), Digest: row.BytesOrNull("digest"), HasAllEnded: row.Flag("has_all_ended")), ("$id", experiment));
        foreach (var trial in trials)
        {
            var isSound = trial.HasEnded
                ? trial.Digest is not null && trial.Digest.AsSpan().SequenceEqual(Digest(trialRows, trial.Id))
                : trial.Digest is null && !trial.HasAllEnded;
            if (!isSound) damage.Add(new Damage(DamagedPart.Trial, trial.Id));
        }

        foreach (var (name, record) in connection.Query(
            """
            SELECT DISTINCT e.digest, e.record FROM experiment_trial et JOIN attempt a ON a.trial_id = et.trial_id JOIN environment e ON e.id = a.environment_id WHERE et.experiment_id = $id
            """,
            row => (row.Text("digest"), row.Text("record")), ("$id", experiment)))
        {
            if (NameOf(record) != name) damage.Add(new Damage(DamagedPart.Environment));
        }

        foreach (var (sample, known) in connection.Query(
            "SELECT DISTINCT s.sample, s.digest FROM condition c JOIN task_sample s ON s.task = CASE WHEN json_valid(c.spec) THEN json_extract(c.spec, '$.task') END WHERE c.experiment_id = $id",
            row => (row.Text("sample"), row.BytesOrNull("digest") ?? []), ("$id", experiment)))
        {
            if (!known.AsSpan().SequenceEqual(DigestOf(sample))) damage.Add(new Damage(DamagedPart.Sample));
        }

        return damage;
    }

    private void SealTrial(long id, string[] rows)
    {
        if (connection.Scalar<long?>($"SELECT 1 FROM trial WHERE id = $id AND state IN {Ended}", ("$id", id)) is null)
        {
            connection.Execute("DELETE FROM trial_seal WHERE trial_id = $id", ("$id", id));
            return;
        }

        connection.Execute("INSERT INTO trial_seal (trial_id, digest) VALUES ($id, $digest) ON CONFLICT (trial_id) DO UPDATE SET digest = excluded.digest", ("$id", id), ("$digest", Digest(rows, id)));
    }

    private byte[] Digest(string[] queries, long id)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var query in queries) connection.ForEach(query, row => Append(hash, row), ("$id", id));
        return hash.GetHashAndReset();
    }

    private static void Append(IncrementalHash hash, SqliteDataReader row)
    {
        for (var column = 0; column < row.FieldCount; column++)
        {
            if (row.IsDBNull(column)) continue;
            Append(hash, row.GetName(column));
            switch (row.GetValue(column))
            {
                case string text:
                    Append(hash, text);
                    break;
                case byte[] bytes:
                    Append(hash, bytes);
                    break;
                case double number:
                    Append(hash, BitConverter.GetBytes(number));
                    break;
                case var whole:
                    Append(hash, BitConverter.GetBytes(Convert.ToInt64(whole, CultureInfo.InvariantCulture)));
                    break;
            }
        }

        Append(hash, "row");
    }

    private static void Append(IncrementalHash hash, string text) => Append(hash, Encoding.UTF8.GetBytes(text));

    /// <summary>With its length, so that no two lists of values run together into the same bytes.</summary>
    private static void Append(IncrementalHash hash, byte[] bytes)
    {
        hash.AppendData(BitConverter.GetBytes(bytes.Length));
        hash.AppendData(bytes);
    }
}
