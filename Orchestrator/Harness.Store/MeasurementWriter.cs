using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>
/// Writes what an attempt measured. Chunks are keyed by trial, metric and first step, so that a chunk sent twice is stored
/// once, and a chunk that is computed again must be the same: if it is not, the alarm is raised on the trial.
/// </summary>
internal sealed class MeasurementWriter(SqliteConnection connection, string now)
{
    /// <summary>
    /// What a batched trial's values may differ by from one attempt to the next: it may have been trained with others before, and rounding follows the size
    /// of a pack (docs/trainer.md, "The batched path").
    /// </summary>
    private const float BatchedAgreement = 1e-3f;

    /// <returns>False when the attempt is not the trial's live one; then nothing is stored.</returns>
    public bool Store(AttemptReport report)
    {
        var key = report.Attempt;
        var live = connection.Query(
            "SELECT t.id, t.kernel = 'batched' AS is_batched FROM trial t JOIN attempt a ON a.trial_id = t.id WHERE t.hash = $trial AND a.number = $number AND a.worker = $worker AND a.state = 'running'",
            row => (Trial: row.Long("id"), IsBatched: row.Flag("is_batched")), ("$trial", key.Trial), ("$number", key.Number), ("$worker", key.Worker));
        if (live is not [var (trial, isBatched)]) return false;

        if (report.Device is not null)
        {
            connection.Execute("UPDATE attempt SET device = $device WHERE trial_id = $trial AND number = $number AND device IS NULL",
                ("$device", report.Device), ("$trial", trial), ("$number", key.Number));
        }

        if (report.Checkpoint is { } news) Store(trial, key, news);
        foreach (var batch in report.Metrics) Store(trial, key, batch, isBatched ? BatchedAgreement : 0);
        foreach (var gradient in report.Gradients) Store(trial, key, JsonSerializer.Deserialize(gradient, HarnessJson.Default.GradientProfile)!);
        foreach (var trace in report.GateTraces ?? []) StoreTrace(trial, key, trace);
        if (report.TestAnalysis is { } analysis) StoreAnalysis(trial, key, analysis);
        if (report.Sample is { } sample) StoreSample(trial, JsonSerializer.Deserialize(sample, HarnessJson.Default.TaskSample)!);
        return true;
    }

    private void Store(long trial, AttemptKey key, CheckpointNews news)
    {
        connection.Execute(
            """
            UPDATE attempt SET resumed_from_step = coalesce($resumed, resumed_from_step), checkpoint_step = coalesce($saved, checkpoint_step)
            WHERE trial_id = $trial AND number = $number
            """,
            ("$resumed", news.ResumedFrom), ("$saved", news.SavedStep), ("$trial", trial), ("$number", key.Number));
        if (news.ResumedFrom > 0) Event("resumed", key, FormattableString.Invariant($"from step {news.ResumedFrom}"));
        foreach (var trouble in news.Troubles) Event("checkpoint_trouble", key, trouble);
    }

    /// <param name="tolerance">What a value that is computed again may differ by, relative to it; 0 where it must be the same to the bit.</param>
    private void Store(long trial, AttemptKey key, MetricBatch batch, float tolerance)
    {
        var metric = MetricId(batch.Metric);
        var points = MetricCodec.Encode(batch.Values);
        var known = connection.Query(
            "SELECT points FROM metric_chunk WHERE trial_id = $trial AND metric_id = $metric AND first_step = $first",
            row => row.Bytes("points"),
            ("$trial", trial), ("$metric", metric), ("$first", batch.FirstStep));
        if (known.Count == 1)
        {
            var shared = Math.Min(known[0].Length, points.Length);
            if (!points.AsSpan(0, shared).SequenceEqual(known[0].AsSpan(0, shared)))
            {
                if (!Agree(MetricCodec.DecodeSingles(known[0]), batch.Values, tolerance)) Event("nondeterminism", key, $"{batch.Metric} from step {batch.FirstStep}: recomputed values differ from attempt to attempt.");
            }
            else if (points.Length <= known[0].Length)
            {
                return;
            }
        }

        connection.Execute(
            """
            INSERT INTO metric_chunk (trial_id, metric_id, first_step, stride, count, attempt, crc, points)
            VALUES ($trial, $metric, $first, $stride, $count, $attempt, $crc, $points)
            ON CONFLICT (trial_id, metric_id, first_step) DO UPDATE
            SET stride = excluded.stride, count = excluded.count, attempt = excluded.attempt, crc = excluded.crc, points = excluded.points
            """,
            ("$trial", trial), ("$metric", metric), ("$first", batch.FirstStep), ("$stride", batch.Stride), ("$count", batch.Values.Length),
            ("$attempt", key.Number), ("$crc", MetricCodec.Checksum(points)), ("$points", points));
        MetricPages.Note(connection, trial, metric, batch.FirstStep, batch.Stride);
    }

    private static bool Agree(float[] before, float[] now, float tolerance) =>
        tolerance > 0 && before.Zip(now).All(pair => pair.First.Equals(pair.Second) || Math.Abs(pair.First - pair.Second) <= tolerance * Math.Abs(pair.First));

    private void Store(long trial, AttemptKey key, GradientProfile profile) =>
        connection.Execute(
            """
            INSERT INTO gradient_profile (trial_id, moment, step, state, layer, backwards, slope, half_life, nan, attempt, norms)
            VALUES ($trial, $moment, $step, $state, $layer, $backwards, $slope, $half, $nan, $attempt, $norms)
            ON CONFLICT (trial_id, moment, step, state, layer, backwards) DO UPDATE
            SET slope = excluded.slope, half_life = excluded.half_life, nan = excluded.nan, attempt = excluded.attempt, norms = excluded.norms
            """,
            ("$trial", trial), ("$moment", ExperimentStore.Word(profile.Moment)), ("$step", profile.Step),
            ("$state", profile.State), ("$layer", profile.Layer), ("$backwards", profile.Backwards), ("$slope", profile.Slope),
            ("$half", profile.HalfLife), ("$nan", ProfileRow.NanColumns(profile)), ("$attempt", key.Number), ("$norms", MetricCodec.Encode(profile.Norms)));

    private void StoreTrace(long trial, AttemptKey key, string json)
    {
        var trace = JsonSerializer.Deserialize(json, HarnessJson.Default.GateTrace)!;
        connection.Execute(
            """
            INSERT INTO gate_trace (trial_id, moment, step, length, attempt, trace) VALUES ($trial, $moment, $step, $length, $attempt, $trace)
            ON CONFLICT (trial_id, moment, step) DO UPDATE SET length = excluded.length, attempt = excluded.attempt, trace = excluded.trace
            """,
            ("$trial", trial), ("$moment", ExperimentStore.Word(trace.Moment)), ("$step", trace.Step), ("$length", trace.Length), ("$attempt", key.Number), ("$trace", json));
    }

    private void StoreAnalysis(long trial, AttemptKey key, string json) =>
        connection.Execute(
            "INSERT INTO test_analysis (trial_id, attempt, analysis) VALUES ($trial, $attempt, $analysis) ON CONFLICT (trial_id) DO UPDATE SET attempt = excluded.attempt, analysis = excluded.analysis",
            ("$trial", trial), ("$attempt", key.Number), ("$analysis", json));

    private void StoreSample(long trial, TaskSample sample)
    {
        var json = JsonSerializer.Serialize(sample, HarnessJson.Default.TaskSample);
        connection.Execute(
            "INSERT INTO task_sample (task, sample, digest) SELECT json_extract(spec, '$.task'), $sample, $digest FROM trial WHERE id = $trial ON CONFLICT (task) DO NOTHING",
            ("$trial", trial), ("$sample", json), ("$digest", RowSeals.DigestOf(json)));
    }

    private long MetricId(string name)
    {
        if (connection.Scalar<long?>("SELECT id FROM metric WHERE name = $name", ("$name", name)) is { } known) return known;
        connection.Execute("INSERT INTO metric (name) VALUES ($name)", ("$name", name));
        return connection.Scalar<long>("SELECT last_insert_rowid()");
    }

    private void Event(string kind, AttemptKey key, string detail) =>
        EventLog.Append(connection, now, kind, trial: key.Trial, attempt: key.Number, worker: key.Worker, detail: detail);
}
