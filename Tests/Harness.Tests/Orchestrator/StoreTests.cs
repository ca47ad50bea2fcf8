using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Reports.Model;
using Harness.Scheduling;
using Harness.Store;
using Harness.Tests.Experiments;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Orchestrator;

public sealed class StoreTests : IAsyncLifetime
{
    private static readonly WorkerHello Worker = new("w", "host", 1, 2, """{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":2,"devices":["cpu"],"threads":1}""");

    private readonly TemporaryFolder folder = new();
    private readonly ResultsDatabase database;
    private readonly StoreWriter writer;
    private readonly ExperimentStore store;

    public StoreTests()
    {
        database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        writer = new StoreWriter(database);
        store = new ExperimentStore(writer, TimeProvider.System);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Submitting_the_same_plan_twice_gives_one_experiment()
    {
        var plan = Plan("one", seeds: 2);
        var (first, _) = await store.Submit(plan, "text", "a.yaml");
        var (second, admitted) = await store.Submit(plan, "text", "a.yaml");
        second.ShouldBe(first);
        admitted.Single().Trials.Count.ShouldBe(2);
        Count("experiment").ShouldBe(1);
        Count("trial").ShouldBe(2);
    }

    [Fact]
    public async Task How_the_report_is_written_is_kept_and_follows_the_latest_submission()
    {
        var plan = Plan("one", seeds: 1);
        var first = await store.Submit(plan with { Report = new ReportSpec("en", "Worth a look") }, "text", "a.yaml");
        ReportOf(first.Id).ShouldBe(new ReportSpec("en", "Worth a look"));
        (await store.Submit(plan, "text", "a.yaml")).Id.ShouldBe(first.Id);
        ReportOf(first.Id).ShouldBe(new ReportSpec());

        ReportSpec ReportOf(long id)
        {
            using var connection = database.Connect();
            return new ResultsReader(connection).Read(id).Report;
        }
    }

    [Fact]
    public async Task A_finished_trial_counts_for_every_experiment_that_asks_for_it()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await store.Record([Ended(key, AttemptEnd.Completed, TrialState.Completed, Outcome())]);

        var (_, admitted) = await store.Submit(Plan("two", seeds: 2), "text", "b.yaml");

        admitted.Single().Trials.Select(trial => trial.State).ShouldBe([TrialState.Completed, TrialState.Pending]);
        Count("trial").ShouldBe(2);
    }

    [Fact]
    public async Task Results_are_plain_columns_and_come_back_whole()
    {
        var plan = Plan("one", seeds: 1);
        var key = await StartedAttempt(plan);
        await store.RecordMeasurements(Report(key, new MetricBatch("eval.loss", 0, 5, [1.5f, 0.5f])));
        await store.Record([Ended(key, AttemptEnd.Completed, TrialState.Completed, Outcome())]);

        using var connection = database.Connect();
        connection.Scalar<double>("SELECT final_loss FROM trial_result").ShouldBe(0.25);
        connection.Scalar<long>("SELECT parameters FROM trial_result").ShouldBe(123);
        var results = new ResultsReader(connection).Read(1);
        var trial = results.Conditions.Single().Trials.Single();
        trial.Outcome.ShouldBe(Outcome());
        trial.Device.ShouldBe("cpu");
        trial.Metrics["eval.loss"].Steps.ShouldBe([0, 5]);
        trial.Metrics["eval.loss"].Values.ShouldBe([1.5f, 0.5f]);
        results.Environments.Single().Libtorch.ShouldBe("l");
    }

    [Fact]
    public async Task A_timing_trial_is_alone_on_its_machine_and_its_rounds_are_rows_that_come_back_whole()
    {
        var plan = ExperimentPlanner.Plan(Experiments.SpecText.Spec(Experiments.SpecText.Small + "\nspeed: { measure: true }"));
        var (id, admitted) = await store.Submit(plan, "text", "a.yaml");
        var timing = admitted.Single().Trials[^1];
        (timing.Trial, timing.Label, timing.Condition).ShouldBe((plan.TimingTrials[0].Id, "timing of 9 steps", PlannedTrial.NoCondition));
        timing.Needs!.Exclusive.ShouldBeTrue();
        admitted.Single().Trials.SkipLast(1).ShouldAllBe(trial => !trial.Needs!.Exclusive);

        var result = Reports.TimingFixture.Trial(timing.Trial, plan.TimingTrials[0].Spec.Timing!.Arms, step => step.Model.Hidden).Result!;
        var key = new AttemptKey(timing.Trial, 1, Worker.Worker);
        await store.Record([new WorkerJoined(Worker), new AttemptStarted(key)]);
        await store.Record([new AttemptEnded(key, AttemptEnd.Completed, null, null, System.Text.Json.JsonSerializer.Serialize(result, HarnessJson.Default.TimingResult), TrialState.Completed, 0, 0, null, null)]);

        using var connection = database.Connect();
        var results = new ResultsReader(connection).Read(id);
        results.Conditions.Select(condition => condition.Trials.Count).ShouldBe([2, 2, 2]);
        var back = results.Timings.ShouldHaveSingleItem();
        (back.Id, back.State, back.Host).ShouldBe((timing.Trial, TrialState.Completed, Worker.Host));
        System.Text.Json.JsonSerializer.Serialize(back.Result!, HarnessJson.Default.TimingResult).ShouldBe(System.Text.Json.JsonSerializer.Serialize(result, HarnessJson.Default.TimingResult));
        foreach (var condition in results.Conditions)
        {
            condition.Timed.Select(timed => timed.Kernel).ShouldBe([KernelPath.Library, KernelPath.Cell, KernelPath.Engine]);
            condition.Timed.Single(timed => timed.IsOwn).Kernel.ShouldBe(KernelPath.Engine);
        }

        connection.Query("SELECT cell, kernel, machine, rounds, round(ms_per_step, 3), sequences_per_second > 0, peak_share > 0 FROM timing WHERE experiment = 'small' LIMIT 1",
            row => string.Join(' ', Enumerable.Range(0, row.FieldCount).Select(i => row.GetValue(i)))).ShouldBe([FormattableString.Invariant($"rnn library host 40 {Math.Round(Reports.TimingFixture.Noisy(8, 0).Order().Skip(19).Take(2).Average(), 3)} 1 1")]);
        connection.Scalar<long>("SELECT count(*) FROM timing_round").ShouldBe(9 * 40);
        connection.Scalar<long>("SELECT count(*) FROM trial_result").ShouldBe(0);
    }

    [Fact]
    public async Task Profiles_along_the_way_and_traces_of_gates_come_back_whole_however_often_they_are_sent()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        GradientProfile[] profiles = [.. Enumerable.Range(0, 50).Select(i => new GradientProfile(ProbeMoment.During, 4 * i, "h", 0, false, [1, 1.0 / (i + 1), 0], -0.1, 3))];
        GateTrace[] traces = [Trace(ProbeMoment.Init, 0), Trace(ProbeMoment.End, 10)];
        var report = new AttemptReport(key, [], [.. profiles.Select(profile => System.Text.Json.JsonSerializer.Serialize(profile, HarnessJson.Default.GradientProfile))], 1, 0.5, "cpu",
            [.. traces.Select(trace => System.Text.Json.JsonSerializer.Serialize(trace, HarnessJson.Default.GateTrace))]);
        var sample = new TaskSample(3, 3, [0], [2], 1, [1, 0, -1], Classes: [1]);
        await store.RecordMeasurements(report with { Sample = System.Text.Json.JsonSerializer.Serialize(sample, HarnessJson.Default.TaskSample) });
        await store.RecordMeasurements(report with { Sample = System.Text.Json.JsonSerializer.Serialize(sample with { Length = 4 }, HarnessJson.Default.TaskSample) });

        using var connection = database.Connect();
        var condition = new ResultsReader(connection).Read(1).Conditions.Single();
        (condition.Sample.ShouldNotBeNull().Length, condition.Sample.Classes!.Single()).ShouldBe((3, 1), "the first stays");
        var trial = condition.Trials.Single();
        trial.Gradients.Select(profile => (profile.Moment, profile.Step, profile.Norms[1])).ShouldBe(profiles.Select(profile => (profile.Moment, profile.Step, profile.Norms[1])));
        trial.GateTraces.Select(trace => System.Text.Json.JsonSerializer.Serialize(trace, HarnessJson.Default.GateTrace)).ShouldBe(report.GateTraces);

        static GateTrace Trace(ProbeMoment moment, int step) => new(moment, step, 2, [0, 1], [1], [1], 1, [0.5f, -1], [new(0, false, [1, 0], [new("forget", 0, 1, [0, 255, 7, 9])])]);
    }

    [Fact]
    public async Task A_trial_asks_for_the_memory_that_it_will_need()
    {
        var plan = ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small, "model.hidden={ rnn: 8, lstm: 8, gru: 512 }", "task.length=4000", "train.batch=256", "run.memory=2G"));
        var (id, admitted) = await store.Submit(plan, "", "x.yaml");
        var needs = admitted.Single(experiment => experiment.Id == id).Trials.ToLookup(trial => trial.Label.Split(' ')[0], trial => trial.Needs!.Memory, StringComparer.Ordinal);
        needs["rnn"].ShouldAllBe(memory => memory == 2_000_000_000);
        needs["gru"].ShouldAllBe(memory => memory > 4L * 4 * 512 * 256 * 4000, "its gates and its state at every step");
    }

    [Fact]
    public void A_database_of_the_first_schema_is_brought_up_to_date()
    {
        using var old = new TemporaryFolder();
        var first = File.ReadAllText(Path.Combine(Repository.Root, "Orchestrator", "Harness.Store", "Migrations", "001.sql"));
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(old.Path, "harness.db")};Pooling=False"))
        {
            connection.Open();
            connection.Execute($"{first}; PRAGMA user_version = 1; PRAGMA application_id = {Schema.ApplicationId.ToString(System.Globalization.CultureInfo.InvariantCulture)};");
        }

        using (var upgraded = ResultsDatabase.Open(old.Path, TimeProvider.System))
        {
            using var connection = upgraded.Connect();
            connection.Scalar<long>("SELECT count(*) FROM gate_trace").ShouldBe(0);
            connection.Scalar<long>("SELECT count(resumed_from_step) FROM attempt").ShouldBe(0);
        }
    }

    [Fact]
    public async Task A_report_for_an_attempt_that_is_not_live_stores_nothing()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        (await store.RecordMeasurements(Report(key with { Worker = "other" }, Points(1, 1)))).ShouldBeFalse();
        (await store.RecordMeasurements(Report(key with { Number = 2 }, Points(1, 1)))).ShouldBeFalse();
        Count("metric_chunk").ShouldBe(0);
    }

    [Fact]
    public async Task The_end_of_an_attempt_that_is_not_live_is_refused_and_changes_nothing()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await Should.ThrowAsync<StoreException>(store.Record([Ended(key with { Worker = "other" }, AttemptEnd.Completed, TrialState.Completed, Outcome())]));
        using var connection = database.Connect();
        connection.Scalar<string>("SELECT state FROM trial").ShouldBe("running");
    }

    [Fact]
    public async Task The_database_itself_refuses_a_second_live_attempt()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        var refused = await Should.ThrowAsync<StoreException>(store.Record([new AttemptStarted(key with { Number = 2 })]));
        refused.InnerException.ShouldBeOfType<SqliteException>();
    }

    [Fact]
    public async Task An_attempt_whose_number_does_not_follow_the_latest_is_refused()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await store.Record([new AttemptEnded(key, AttemptEnd.Drained, null, null, null, TrialState.Pending, 0, 0, null, null)]);
        await Should.ThrowAsync<StoreException>(store.Record([new AttemptStarted(key with { Number = 3 })]));
        await Should.ThrowAsync<StoreException>(store.Record([new AttemptStarted(key with { Trial = "unknown", Number = 1 })]));
        await store.Record([new AttemptStarted(key with { Number = 2 })]);
    }

    [Fact]
    public async Task A_refused_write_takes_nothing_of_its_neighbours_with_it()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        var good = store.RecordMeasurements(Report(key, Points(1, 1, 2)));
        var bad = store.Record([new AttemptStarted(key with { Number = 7 })]);
        var alsoGood = store.RecordMeasurements(Report(key, Points(257, 3)));
        (await good).ShouldBeTrue();
        await Should.ThrowAsync<StoreException>(bad);
        (await alsoGood).ShouldBeTrue();
        Count("metric_chunk").ShouldBe(2);
    }

    [Fact]
    public async Task A_chunk_sent_twice_is_stored_once_and_a_grown_one_replaces_it()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await store.RecordMeasurements(Report(key, Points(1, 1, 2)));
        await store.RecordMeasurements(Report(key, Points(1, 1, 2, 3)));
        await store.RecordMeasurements(Report(key, Points(1, 1, 2)));
        using var connection = database.Connect();
        connection.Query("SELECT value FROM metric_point ORDER BY step", row => row.GetDouble(0)).ShouldBe([1, 2, 3]);
        connection.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'nondeterminism'").ShouldBe(0);
    }

    [Fact]
    public async Task Values_that_differ_when_computed_again_raise_the_alarm()
    {
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await store.RecordMeasurements(Report(key, Points(1, 1, 2)));
        await store.RecordMeasurements(Report(key, Points(1, 1, 2.5f)));
        using var connection = database.Connect();
        connection.Scalar<string>("SELECT detail FROM event WHERE kind = 'nondeterminism'")!.ShouldContain("train.loss");
    }

    [Theory]
    [InlineData(2.001f, 0)]
    [InlineData(2.01f, 1)]
    [InlineData(float.NaN, 1)]
    public async Task Values_of_a_batched_trial_may_differ_by_rounding_and_the_newest_count(float again, int alarms)
    {
        var key = await StartedAttempt(Plan("one", seeds: 1, KernelPath.Batched));
        await store.RecordMeasurements(Report(key, Points(1, float.NaN, 2)));
        await store.RecordMeasurements(Report(key, Points(1, float.NaN, again)));
        using var connection = database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'nondeterminism'").ShouldBe(alarms);
        MetricCodec.DecodeSingles(connection.Query("SELECT points FROM metric_chunk", row => (byte[])row[0]).Single()).ShouldBe([float.NaN, again]);
    }

    [Fact]
    public async Task The_point_view_decodes_every_kind_of_number_exactly()
    {
        float[] values =
        [
            0f, -0f, 1f, -1f, 0.1f, 1.5e-7f, 3.4028235e38f, -3.4028235e38f, 1.17549435e-38f, 1e-45f, -3e-42f, 1e-38f, 8388608f, 16777217f,
            float.PositiveInfinity, float.NegativeInfinity, float.NaN,
            .. Enumerable.Range(0, 200).Select(i => BitConverter.UInt32BitsToSingle((uint)i * 21391137u)).Where(float.IsFinite),
        ];
        var key = await StartedAttempt(Plan("one", seeds: 1));
        await store.RecordMeasurements(Report(key, new MetricBatch("train.loss", 1, 1, values)));

        using var connection = database.Connect();
        var decoded = connection.Query("SELECT value FROM metric_point ORDER BY step", row => row.IsDBNull(0) ? double.NaN : row.GetDouble(0));

        decoded.Count.ShouldBe(values.Length);
        for (var i = 0; i < values.Length; i++) ((float)decoded[i]).ShouldBe(values[i], $"value {i}");
    }

    [Fact]
    public async Task Attempts_that_an_earlier_process_left_running_are_closed_and_their_trials_wait_again()
    {
        await StartedAttempt(Plan("one", seeds: 1));
        (await store.CloseInterruptedAttempts((_, _) => true)).ShouldBe(1);
        var (_, again) = await store.Submit(Plan("one", seeds: 1), "text", "a.yaml");
        again.Single().Trials.Single().ShouldSatisfyAllConditions(
            trial => trial.State.ShouldBe(TrialState.Pending),
            trial => trial.Attempts.ShouldBe(1),
            trial => trial.InfrastructureFailures.ShouldBe(0));
    }

    [Fact]
    public void A_second_orchestrator_is_refused_and_told_who_holds_the_database()
    {
        var refused = Should.Throw<StoreException>(() => ResultsDatabase.Open(folder.Path, TimeProvider.System));
        refused.Message.ShouldContain($"process {Environment.ProcessId}");
        refused.Message.ShouldContain("--data");
    }

    [Fact]
    public void A_database_that_is_not_ours_is_left_alone()
    {
        using var other = new TemporaryFolder();
        using (var foreign = new SqliteConnection($"Data Source={other.File("harness.db")};Pooling=False"))
        {
            foreign.Open();
            foreign.Execute("CREATE TABLE precious (x)");
        }

        Should.Throw<StoreException>(() => ResultsDatabase.Open(other.Path, TimeProvider.System)).Message.ShouldContain("of another program");
    }

    [Fact]
    public void A_database_of_a_newer_version_is_refused()
    {
        using var other = new TemporaryFolder();
        ResultsDatabase.Open(other.Path, TimeProvider.System).Dispose();
        using (var connection = new SqliteConnection($"Data Source={other.File("harness.db")};Pooling=False"))
        {
            connection.Open();
            connection.Execute("PRAGMA user_version = 99");
        }

        Should.Throw<StoreException>(() => ResultsDatabase.Open(other.Path, TimeProvider.System)).Message.ShouldContain("newer");
        Should.Throw<StoreException>(() => ResultsDatabase.ConnectForReading(other.Path)).Message.ShouldContain("newer");
    }

    [Fact]
    public void A_file_that_is_no_database_gives_a_clear_message()
    {
        using var other = new TemporaryFolder();
        File.WriteAllText(other.File("harness.db"), new string('x', 5000));
        Should.Throw<StoreException>(() => ResultsDatabase.Open(other.Path, TimeProvider.System)).Message.ShouldContain("is damaged");
        Should.Throw<StoreException>(() => ResultsDatabase.ConnectForReading(other.Path)).Message.ShouldContain("is damaged");
    }

    private static MetricBatch Points(int first, params float[] values) => new("train.loss", first, 1, values);

    private static AttemptReport Report(AttemptKey key, MetricBatch batch) => new(key, [batch], [], 1, 0.5, "cpu");

    private static AttemptEnded Ended(AttemptKey key, AttemptEnd end, TrialState state, TrialOutcome outcome) =>
        new(key, end, null, null, System.Text.Json.JsonSerializer.Serialize(outcome, HarnessJson.Default.TrialOutcome), state, 0, 0, null, null);

    private static TrialOutcome Outcome() => new()
    {
        Kind = OutcomeKind.Completed,
        Steps = 10,
        FinalLoss = 0.25,
        BestLoss = 0.2,
        BaselineLoss = 1,
        Solved = true,
        StepsToTarget = 5,
        SecondsToTarget = 0.5,
        Parameters = 123,
        ParametersTotal = 150,
        MillisecondsPerStep = 2,
        SequencesPerSecond = 16000,
        TrainSeconds = 1,
        EvaluationSeconds = 0.1,
        ProbeSeconds = 0.1,
        ClippedShare = 0,
    };

    private static ExperimentPlan Plan(string name, int seeds, KernelPath kernel = KernelPath.Library)
    {
        TrialSpec Spec(long seed) => new(
            TrialSpec.RevisionOf(kernel), new TaskSpec("adding", 10, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec("rnn", kernel, 4, 1, false, "tanh", InitKind.Default), new TrainSpec(10, 4, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1),
            new EvaluationSpec(5, 10), new ProbeSpec([], 4), null, Precision.Float32, DeviceKind.Cpu, seed);
        var condition = new Condition(0, "rnn", new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "rnn" }, Spec(1), 32, 37, 1);
        return new ExperimentPlan(name, "why?", $"digest-{name}", [condition],
            [.. Enumerable.Range(0, seeds).Select(i => new PlannedTrial(i, 0, TrialIdentity.Of(Spec(i + 1)), Spec(i + 1)))], new RunSpec());
    }

    private async Task<AttemptKey> StartedAttempt(ExperimentPlan plan)
    {
        var (_, admitted) = await store.Submit(plan, "text", "a.yaml");
        var key = new AttemptKey(admitted.Single().Trials[0].Trial, 1, Worker.Worker);
        await store.Record([new WorkerJoined(Worker), new AttemptStarted(key)]);
        return key;
    }

    private long Count(string table)
    {
        using var connection = database.Connect();
        return connection.Scalar<long>(table switch
        {
            "experiment" => "SELECT count(*) FROM experiment",
            "trial" => "SELECT count(*) FROM trial",
            _ => "SELECT count(*) FROM metric_chunk",
        });
    }
}
