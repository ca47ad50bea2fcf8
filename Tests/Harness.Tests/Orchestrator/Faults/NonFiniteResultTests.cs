using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Scheduling;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Store.Views;
using Harness.Tests.Experiments;
using Harness.Tests.Reports;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>NaN and infinities are findings: each is stored and read back as what it was, in every field that holds a number.</summary>
public sealed class NonFiniteResultTests : IDisposable
{
    private static readonly double[] odd = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1e308];
    private static readonly string worker = "w";

    private readonly TemporaryFolder folder = new();
    private readonly ResultsDatabase database;
    private readonly StoreWriter writer;
    private readonly ExperimentStore store;

    public NonFiniteResultTests()
    {
        database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        writer = new StoreWriter(database);
        store = new ExperimentStore(writer, TimeProvider.System);
    }

    public void Dispose()
    {
        writer.DisposeAsync().AsTask().GetAwaiter().GetResult();
        database.Dispose();
        folder.Dispose();
    }

    public static TheoryData<string> OutcomeFields => [.. Doubles(typeof(TrialOutcome))];

    [Theory]
    [MemberData(nameof(OutcomeFields))]
    public async Task A_trial_keeps_its_outcome_whatever_a_number_is(string field)
    {
        var experiment = await Submit("name=outcome");
        var trials = experiment.Trials.Take(odd.Length).ToArray();
        foreach (var (trial, value) in trials.Zip(odd)) await End(trial, Outcome with { }, field, value);

        using var connection = database.Connect();
        var read = new ResultsReader(connection).Read(experiment.Id).Conditions.SelectMany(condition => condition.Trials).ToDictionary(trial => trial.Id, StringComparer.Ordinal);
        var property = typeof(TrialOutcome).GetProperty(field)!;
        foreach (var (trial, value) in trials.Zip(odd)) ((double?)property.GetValue(read[trial.Trial].Outcome)).ShouldBe(value, trial.Trial);
        var rows = ExperimentReader.Trials(connection, experiment.Id, null, isRare: false, null, null, 1000).Trials.ToDictionary(row => row.Trial, StringComparer.Ordinal);
        if (field == nameof(TrialOutcome.FinalLoss)) foreach (var (trial, value) in trials.Zip(odd)) rows[trial.Trial].FinalLoss.ShouldBe(value);
        if (field == nameof(TrialOutcome.MillisecondsPerStep)) foreach (var (trial, value) in trials.Zip(odd)) rows[trial.Trial].MsPerStep.ShouldBe(value);
        await Read(connection, experiment.Id);
    }

    [Fact]
    public async Task Profiles_and_curves_keep_what_is_not_finite()
    {
        var experiment = await Submit("name=profiles");
        var trial = experiment.Trials[0];
        var key = await Start(trial);
        float[] values = [1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, -0f];
        var profiles = odd.SelectMany(slope => odd.Select(half => (slope, half))).Select((pair, step) => new GradientProfile(ProbeMoment.During, step, "h", 0, false, [.. odd, 1], pair.slope, pair.half))
            .Append(new GradientProfile(ProbeMoment.End, 100, "h", 0, false, [1, 0], null, null)).ToArray();
        (await store.RecordMeasurements(new AttemptReport(key, [new MetricBatch("train.loss", 1, 1, values)], [.. profiles.Select(profile => JsonSerializer.Serialize(profile, HarnessJson.Default.GradientProfile))], 5, double.NaN, "cpu"))).ShouldBeTrue();

        using var connection = database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'measurements_refused'").ShouldBe(0);
        var read = new ResultsReader(connection).Read(experiment.Id).Conditions.SelectMany(condition => condition.Trials).Single(one => one.Id == trial.Trial);
        read.Metrics["train.loss"].Values.ShouldBe(values);
        read.Gradients.Select(Told).ShouldBe(profiles.Select(Told));
        TrialReader.Gradients(connection, connection.Scalar<long>("SELECT id FROM trial WHERE hash = $hash", ("$hash", trial.Trial))).Select(Told).ShouldBe(profiles.Select(Told));

        // SQLite keeps no sign of zero; the norms are bytes, and do.
        static string Told(GradientProfile profile) => JsonSerializer.Serialize(profile with { Slope = profile.Slope + 0.0, HalfLife = profile.HalfLife + 0.0 }, HarnessJson.Default.GradientProfile);
    }

    public static TheoryData<string> TimingFields => [.. Doubles(typeof(TimingResult)), .. Doubles(typeof(ArmTiming)).Select(name => $"arm.{name}")];

    [Theory]
    [MemberData(nameof(TimingFields))]
    public async Task A_timing_trial_keeps_its_times_whatever_a_number_is(string field)
    {
        foreach (var value in odd)
        {
            var plan = ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small, "speed.measure=true", FormattableString.Invariant($"name=timing{Array.IndexOf(odd, value)}"), FormattableString.Invariant($"task.length={20 + Array.IndexOf(odd, value)}")));
            var (id, admitted) = await store.Submit(plan, "", "x.yaml");
            var timing = plan.TimingTrials[0];
            var arms = timing.Spec.Timing!.Arms;
            var sound = TimingFixture.Trial(timing.Id, arms, step => step.Model.Hidden).Result!;
            var result = field.StartsWith("arm.", StringComparison.Ordinal) ? sound with { Arms = [With(sound.Arms[0], field[4..], value), .. sound.Arms.Skip(1)] } : With(sound, field, value);
            var key = await Start(admitted.Single(experiment => experiment.Id == id).Trials.Single(trial => trial.Trial == timing.Id));
            await store.Record([new AttemptEnded(key, AttemptEnd.Completed, null, null, JsonSerializer.Serialize(result, HarnessJson.Default.TimingResult), TrialState.Completed, 0, 0, null, null)]);

            using var connection = database.Connect();
            var read = new TimingStore(connection).Read(id).Single(trial => trial.Id == timing.Id).Result.ShouldNotBeNull();
            // SQLite keeps no sign of zero; and what the system does not say has no NaN of its own.
            if (value == 0) continue;
            if (double.IsNaN(value) && field is nameof(TimingResult.OtherCores) or "arm." + nameof(ArmTiming.JoulesPerStep)) continue;
            Told(read).ShouldBe(Told(result), $"{field} = {value}");
            await Read(connection, id);
        }

        static string Told(TimingResult result) => JsonSerializer.Serialize(result, HarnessJson.Default.TimingResult);
    }

    [Fact]
    public async Task A_worker_whose_self_check_took_no_time_that_is_a_number_joins()
    {
        foreach (var (value, name) in odd.Zip("abcde"))
        {
            await store.Record([new WorkerJoined(new WorkerHello($"{name}", "host", 1, 1, "{}", Canary: new CanaryResult("digest", value)))]);
        }

        using var connection = database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM worker").ShouldBe(odd.Length);
    }

    /// <summary>Report and every export can be made of it.</summary>
    private async Task Read(SqliteConnection connection, long experiment)
    {
        var results = new ResultsReader(connection).Read(experiment);
        JsonExport.Write(results, folder.File("x.json"));
        using var json = JsonDocument.Parse(await File.ReadAllTextAsync(folder.File("x.json")));
        CsvExport.Write(results, [], folder.File("x.csv"));
        DatabaseExport.Write(connection, experiment, folder.File("x.db"));
        await ReportFile.Write(results, folder.File("x.html"));
    }

    private async Task<AdmittedExperiment> Submit(params string[] changes)
    {
        var (id, admitted) = await store.Submit(ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small, changes)), "text", "x.yaml");
        return admitted.Single(experiment => experiment.Id == id);
    }

    private async Task<AttemptKey> Start(AdmittedTrial trial)
    {
        var key = new AttemptKey(trial.Trial, 1, worker);
        await store.Record([new WorkerJoined(new WorkerHello(worker, "host", 1, 1, GuardedScheduler.Environment)), new AttemptStarted(key)]);
        return key;
    }

    private async Task End(AdmittedTrial trial, TrialOutcome outcome, string field, double value)
    {
        var key = await Start(trial);
        await store.Record([new AttemptEnded(key, AttemptEnd.Completed, null, null, JsonSerializer.Serialize(With(outcome, field, value), HarnessJson.Default.TrialOutcome), TrialState.Completed, 0, 0, null, null)]);
    }

    private static TrialOutcome Outcome => Specimen.Of<TrialOutcome>((_, _) => null);

    private static IEnumerable<string> Doubles(Type type) =>
        type.GetProperties().Where(property => property.CanWrite && (Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType) is var plain && (plain == typeof(double) || plain == typeof(double[]))).Select(property => property.Name);

    /// <summary>The record with a number changed; in an array the first.</summary>
    private static T With<T>(T record, string field, double value)
        where T : class
    {
        var copy = (T)typeof(T).GetMethod("<Clone>$")!.Invoke(record, null)!;
        var property = typeof(T).GetProperty(field)!;
        property.SetValue(copy, property.PropertyType == typeof(double[]) ? (double[])[value, .. ((double[])property.GetValue(record)!).Skip(1)] : value);
        return copy;
    }
}
