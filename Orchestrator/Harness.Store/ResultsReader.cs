using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Microsoft.Data.Sqlite;

namespace Harness.Store;

/// <summary>Reads an experiment back from the database, as the report needs it.</summary>
internal sealed class ResultsReader(SqliteConnection connection)
{
    /// <summary>The experiment called <paramref name="nameOrId"/>: by id, or the latest of that name; null when there is none.</summary>
    public long? Find(string nameOrId) =>
        connection.Scalar<long?>("SELECT id FROM experiment WHERE CAST(id AS TEXT) = $key", ("$key", nameOrId))
        ?? connection.Scalar<long?>("SELECT max(id) FROM experiment WHERE name = $key", ("$key", nameOrId));

    /// <summary>The latest experiments, for a message that helps.</summary>
    public string Known()
    {
        var known = connection.Query("SELECT id, name FROM experiment ORDER BY id DESC LIMIT 20", row => FormattableString.Invariant($"{row.Long("id")} {row.Text("name")}"));
        return known.Count == 0 ? "none yet" : string.Join(", ", known);
    }

    /// <summary>Everything that is known of an experiment.</summary>
    /// <param name="id">From <see cref="Find"/> or a submission.</param>
    /// <exception cref="StoreException">What is stored cannot be understood any more.</exception>
    public ExperimentResults Read(long id) => Understood(id, null, withAnalyses: true);

    /// <summary>An experiment with some of its curves and without gate traces.</summary>
    /// <param name="curves">Names of metrics.</param>
    /// <exception cref="StoreException">What is stored cannot be understood any more.</exception>
    public ExperimentResults ReadWith(long id, IReadOnlyList<string> curves) => Understood(id, curves, withAnalyses: false);

    /// <summary>The same with the curves that its claims need, and with the stored answers to test parts, by which networks are recommended.</summary>
    /// <param name="curves">Names of metrics, given the claims of the experiment file.</param>
    public ExperimentResults ReadWith(long id, Func<IReadOnlyList<ClaimSpec>, IReadOnlyList<string>> curves)
    {
        var claims = connection.Scalar<string>("SELECT claims FROM experiment WHERE id = $id", ("$id", id));
        return Understood(id, curves(claims is null ? [] : JsonSerializer.Deserialize(claims, HarnessJson.Default.IReadOnlyListClaimSpec)!), withAnalyses: true);
    }

    /// <summary>Whether any trial of an experiment has recorded a curve of that name.</summary>
    public bool Has(long id, string curve) => connection.Scalar<long?>(
        """
        SELECT 1 FROM experiment_trial et WHERE et.experiment_id = $id
        AND EXISTS (SELECT 1 FROM metric_chunk k WHERE k.trial_id = et.trial_id AND k.metric_id = (SELECT id FROM metric WHERE name = $curve)) LIMIT 1
        """,
        ("$id", id), ("$curve", curve)) is not null;

    private ExperimentResults Understood(long id, IReadOnlyList<string>? curves, bool withAnalyses)
    {
        try
        {
            return Assemble(id, curves, withAnalyses);
        }
        catch (Exception error) when (error is JsonException or FormatException or ArgumentException or InvalidCastException or InvalidOperationException or KeyNotFoundException or NullReferenceException or OverflowException)
        {
            throw new StoreException(FormattableString.Invariant(
                $"The stored results of experiment {id} are damaged: {error.Message} 'harness verify' says what can still be read; 'harness restore FILE' puts a backup in place."), error);
        }
    }

    private ExperimentResults Assemble(long id, IReadOnlyList<string>? curves, bool withAnalyses)
    {
        var damage = new List<Damage>(new RowSeals(connection).DamageOf(id));
        var gradients = Gradients(id);
        var metrics = Metrics(id, curves, damage);
        var trials = Trials(id, metrics, gradients, GateTraces(curves is null ? id : null), Analyses(withAnalyses ? id : null));
        var timings = new TimingStore(connection).Read(id);
        var steps = TimedArm.ByStep(timings);
        var conditions = connection.Query(
            """
            SELECT c.ordinal, c.label, c.factors, c.spec, c.parameters, c.parameters_total, s.sample
            FROM condition c LEFT JOIN task_sample s ON s.task = CASE WHEN json_valid(c.spec) THEN json_extract(c.spec, '$.task') END WHERE c.experiment_id = $id ORDER BY c.ordinal
            """,
            row => new ConditionResults(
                row.Int("ordinal"), row.Text("label"), JsonSerializer.Deserialize<Dictionary<string, string>>(row.Text("factors"))!,
                JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!, row.Long("parameters"), row.Long("parameters_total"),
                [.. trials[row.Int("ordinal")].OrderBy(trial => trial.Seed)])
            {
                Sample = row.TextOrNull("sample") is { } sample ? JsonSerializer.Deserialize(sample, HarnessJson.Default.TaskSample) : null,
            },
            ("$id", id)).ConvertAll(condition => condition with { Timed = TimedArm.Of(condition.Trial, steps) });
        return connection.Query(
            "SELECT name, question, spec_text, spec_path, digest, overrides, submitted_at, finished_at, claims, report, data_roots FROM experiment WHERE id = $id",
            row =>
            {
                var overrides = JsonSerializer.Deserialize<List<string>>(row.Text("overrides"))!;
                var path = row.Text("spec_path");
                return new ExperimentResults(
                    id.ToString(CultureInfo.InvariantCulture), row.Text("name"), row.TextOrNull("question"), row.Text("spec_text"), path, row.Text("digest"), overrides,
                    Time(row.Text("submitted_at")), row.TextOrNull("finished_at") is { } finished ? Time(finished) : null, ReproduceCommand(path, JsonSerializer.Deserialize<List<string>>(row.Text("data_roots"))!, overrides),
                    HarnessVersion.Text, conditions, Environments(id))
                {
                    Damage = damage,
                    Claims = JsonSerializer.Deserialize(row.Text("claims"), HarnessJson.Default.IReadOnlyListClaimSpec)!,
                    Timings = timings,
                    Tuning = Growth.TuningOf(connection, id),
                    Looks = Growth.PlanOf(connection, id) is { Looks: { } looks } plan ? new LookPlan(plan.Seeds, looks) : new EarlierLooks(connection).Of(id),
                    Report = JsonSerializer.Deserialize(row.Text("report"), HarnessJson.Default.ReportSpec)!,
                };
            },
            ("$id", id)).Single();
    }

    private static string ReproduceCommand(string path, IReadOnlyList<string> dataRoots, IReadOnlyList<string> overrides) =>
        string.Join(' ', ["./harness run", Quoted(path), .. dataRoots.Select(root => $"--data-root {Quoted(root)}"), .. overrides.Select(change => $"--set {Quoted(change)}")]);

    private static string Quoted(string text) =>
        text.All(character => char.IsAsciiLetterOrDigit(character) || "/._-=+,:".Contains(character, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private ILookup<int, TrialResult> Trials(long id, ILookup<long, (string Metric, MetricSeries Series)> metrics, ILookup<long, GradientProfile> gradients, ILookup<long, GateTrace> traces,
        Dictionary<long, TestAnalysis> analyses) =>
        connection.Query(
            """
            SELECT et.condition, t.id, t.hash, t.seed, t.state, t.outcome, t.attempts, t.failure, t.device, t.worker, w.host, t.outcome IS NOT NULL AND w.canary_digest IS '' AS is_unchecked
            FROM experiment_trial et JOIN trial t ON t.id = et.trial_id LEFT JOIN worker w ON w.id = t.worker WHERE et.experiment_id = $id AND et.stage IS NULL AND t.kind = 'learning'
            """,
            row => (Condition: row.Int("condition"), Trial: new TrialResult(
                row.Text("hash"), row.Long("seed"), ExperimentStore.StateOf(row.Text("state")),
                row.TextOrNull("outcome") is { } outcome ? JsonSerializer.Deserialize(outcome, HarnessJson.Default.TrialOutcome) : null,
                row.Int("attempts"), row.TextOrNull("failure"), row.TextOrNull("device"), row.TextOrNull("worker"),
                metrics[row.Long("id")].ToDictionary(pair => pair.Metric, pair => pair.Series, StringComparer.Ordinal),
                [.. gradients[row.Long("id")]])
            {
                Host = row.TextOrNull("host"),
                IsUnchecked = row.Flag("is_unchecked"),
                GateTraces = [.. traces[row.Long("id")]],
                Test = analyses.GetValueOrDefault(row.Long("id")),
            }),
            ("$id", id)).ToLookup(pair => pair.Condition, pair => pair.Trial);

    /// <param name="damage">Gets what cannot be trusted and is left out.</param>
    private ILookup<long, (string Metric, MetricSeries Series)> Metrics(long id, IReadOnlyList<string>? curves, List<Damage> damage) =>
        connection.Query(
            """
            SELECT DISTINCT k.trial_id, m.name, k.first_step, k.stride, k.points, k.crc
            FROM metric_chunk k JOIN metric m ON m.id = k.metric_id
            WHERE k.trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id AND stage IS NULL) AND ($curves IS NULL OR m.name IN (SELECT value FROM json_each($curves)))
            ORDER BY k.trial_id, m.name, k.first_step
            """,
            row =>
            {
                var (trial, metric, first, points) = (row.Long("trial_id"), row.Text("name"), row.Int("first_step"), row.Bytes("points"));
                var isSound = MetricCodec.Checksum(points) == row.Long("crc");
                if (!isSound) damage.Add(new Damage(DamagedPart.Curve, trial, metric, first));
                return (Trial: trial, Metric: metric, First: first, Stride: row.Int("stride"), Values: isSound ? MetricCodec.DecodeSingles(points) : []);
            },
            ("$id", id), ("$curves", curves is null ? null : JsonSerializer.Serialize(curves)))
            .GroupBy(chunk => (chunk.Trial, chunk.Metric))
            .Select(group => (group.Key.Trial, group.Key.Metric, Series: new MetricSeries(
                [.. group.SelectMany(chunk => Enumerable.Range(0, chunk.Values.Length).Select(i => chunk.First + i * chunk.Stride))],
                [.. group.SelectMany(chunk => chunk.Values)])))
            .ToLookup(entry => entry.Trial, entry => (entry.Metric, entry.Series));

    private ILookup<long, GradientProfile> Gradients(long id) =>
        connection.Query(
            $"""
            SELECT trial_id, {ProfileRow.Columns} FROM gradient_profile
            WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id AND stage IS NULL)
            ORDER BY trial_id, step, layer, backwards, state
            """,
            row => (Trial: row.Long("trial_id"), Profile: ProfileRow.Read(row)),
            ("$id", id)).ToLookup(entry => entry.Trial, entry => entry.Profile);

    private ILookup<long, GateTrace> GateTraces(long? id) =>
        connection.Query(
            "SELECT trial_id, trace FROM gate_trace WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id AND stage IS NULL) ORDER BY trial_id, step",
            row => (Trial: row.Long("trial_id"), Trace: JsonSerializer.Deserialize(row.Text("trace"), HarnessJson.Default.GateTrace)!),
            ("$id", id)).ToLookup(entry => entry.Trial, entry => entry.Trace);

    private Dictionary<long, TestAnalysis> Analyses(long? id) =>
        connection.Query(
            "SELECT trial_id, analysis FROM test_analysis WHERE trial_id IN (SELECT trial_id FROM experiment_trial WHERE experiment_id = $id)",
            row => (Trial: row.Long("trial_id"), Analysis: JsonSerializer.Deserialize(row.Text("analysis"), HarnessJson.Default.TestAnalysis)!),
            ("$id", id)).ToDictionary(entry => entry.Trial, entry => entry.Analysis);

    private List<EnvironmentRecord> Environments(long id) =>
        connection.Query(
            """
            SELECT e.record FROM environment e WHERE e.id IN (
                SELECT a.environment_id FROM attempt a JOIN experiment_trial et ON et.trial_id = a.trial_id WHERE et.experiment_id = $id)
            ORDER BY e.id
            """,
            row => JsonSerializer.Deserialize(row.Text("record"), HarnessJson.Default.EnvironmentRecord)!,
            ("$id", id));

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
