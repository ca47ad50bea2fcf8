using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Scheduling.Stages;
using Harness.Server.Grains;
using Harness.Store;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

/// <summary>Experiments that grow, with a real database under the scheduler.</summary>
public sealed class StageTests : IAsyncLifetime
{
    private readonly FakeTimeProvider time = new();
    private readonly TemporaryFolder folder = new();
    private readonly ResultsDatabase database;
    private readonly StoreWriter writer;
    private readonly ExperimentStore store;

    public StageTests()
    {
        database = ResultsDatabase.Open(folder.Path, time);
        writer = new StoreWriter(database);
        store = new ExperimentStore(writer, time);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Tuning_chooses_by_median_and_the_middle_study_and_adds_the_confirmation()
    {
        var plan = StagedPlans.Tuned();
        var scheduler = Scheduler();
        var id = await scheduler.Submit(plan, "text", "a.yaml");
        scheduler.Progress(id)!.Stage!.Name.ShouldBe(StageNames.Tuning);

        await Run(scheduler, id, new Random(1));

        using var connection = database.Connect();
        var decision = Growth.Decisions(connection, id).ShouldHaveSingleItem();
        decision.Known.ShouldContain("\"results\":24");
        (decision.Next, decision.GoesOn, decision.Added).ShouldBe(("confirmation", false, 4));
        var choices = JsonSerializer.Deserialize(decision.Decided, HarnessJson.Default.IReadOnlyListTuningChoice)!;
        // Study 0 tries 1e-4, 3e-3 and 3e-2, study 1 tries 1e-3, 1e-2 and 1e-1: of two studies the better one is the middle.
        choices.Select(choice => choice.Values.Single()).ShouldBe(["0.003", "0.01"]);
        choices[0].Studies.Select(study => study.Point).ShouldBe([1, 3]);
        var confirmed = connection.Query(
            "SELECT t.spec FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.stage IS NULL ORDER BY et.ordinal",
            row => JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!);
        confirmed.Select(spec => (spec.Model.Cell, spec.Train.Optimizer.LearningRate, spec.Seed)).ShouldBe([("lstm", 0.003, 1), ("gru", 0.01, 1), ("lstm", 0.003, 2), ("gru", 0.01, 2)]);
        // Whatever tuning leaves unmeasured, the confirmation measures as the file asks.
        confirmed.ShouldAllBe(spec => spec.Probe.Gradients.Count == 3);
        connection.Query("SELECT spec FROM condition ORDER BY ordinal", row => JsonSerializer.Deserialize(row.Text("spec"), HarnessJson.Default.TrialSpec)!.Train.Optimizer.LearningRate).ShouldBe([0.003, 0.01]);
        new ResultsReader(connection).Read(id).Damage.ShouldBeEmpty();
        scheduler.Progress(id)!.Stage!.ShouldBe(new StageProgress("confirmation", decision.Why, IsLast: true));
    }

    [Fact]
    public async Task Halving_trains_the_better_half_of_every_arm_for_longer_and_chooses_among_those_trained_in_full()
    {
        var scheduler = Scheduler();
        var id = await scheduler.Submit(StagedPlans.Halved(), "text", "a.yaml");
        await Run(scheduler, id, new Random(1));

        using var connection = database.Connect();
        var decisions = Growth.Decisions(connection, id);
        decisions.Select(decision => (decision.Stage, decision.Next, decision.GoesOn, decision.Added)).ShouldBe([("tuning", "tuning", true, 8), ("tuning", "tuning", true, 4), ("tuning", "confirmation", false, 4)]);
        decisions.Select(decision => decision.Why.Split(". ")[0].TrimEnd('.')).Take(2).ShouldBe(["The best 4 of 8 points of each arm are trained for 1/2 of the steps", "The best 2 of 4 points of each arm are trained in full"]);
        JsonSerializer.Deserialize(decisions[0].Decided, HarnessJson.Default.IReadOnlyListNextPoints)!.Select(next => string.Join(' ', next.Points)).ShouldBe(["1 2 3 6", "3 4 6 7"]);
        JsonSerializer.Deserialize(decisions[1].Decided, HarnessJson.Default.IReadOnlyListNextPoints)!.Select(next => string.Join(' ', next.Points)).ShouldBe(["2 6", "3 7"]);

        var tuning = new ResultsReader(connection).Read(id).Tuning.ShouldNotBeNull();
        tuning.Choices!.Select(choice => choice.Values.Single()).ShouldBe(["0.003", "0.01"]);
        tuning.Trials.CountBy(trial => trial.Steps).OrderBy(rung => rung.Key).Select(rung => (rung.Key, rung.Value)).ShouldBe([(25, 16), (50, 8), (100, 4)]);
        // The confirmation is trained in full.
        connection.Query("SELECT json_extract(t.spec, '$.train.steps') AS steps FROM experiment_trial et JOIN trial t ON t.id = et.trial_id WHERE et.stage IS NULL", row => row.Int("steps")).ShouldBe([100, 100, 100, 100]);
    }

    /// <summary>Seed 101 takes 3.1 s a trial: 2 points are 6.2 s, and of 20 s there is time for 6 points.</summary>
    [Theory]
    [InlineData(20, "2 points, 2 points", 6)]
    [InlineData(100, "2 points, 4 points", 8)]
    [InlineData(9, "", 2)]
    public async Task A_search_by_time_adds_points_while_they_fit(double seconds, string added, int points)
    {
        var scheduler = Scheduler();
        var id = await scheduler.Submit(StagedPlans.Timed(seconds), "text", "a.yaml");
        await Run(scheduler, id, new Random(1), store);

        using var connection = database.Connect();
        var decisions = Growth.Decisions(connection, id);
        string.Join(", ", decisions.SkipLast(1).Select(decision => $"{decision.Added / 2} points")).ShouldBe(added);
        decisions[^1].Next.ShouldBe("confirmation");
        var tuning = new ResultsReader(connection).Read(id).Tuning.ShouldNotBeNull();
        tuning.PointsTried().ShouldBe((points, points));
        tuning.Trials.Where(trial => trial.Condition == 0).Sum(trial => trial.Outcome!.TrainSeconds + trial.Outcome.EvaluationSeconds).ShouldBeLessThanOrEqualTo(seconds);
        // Both arms' best of the points that were tried.
        tuning.Choices!.Select(choice => choice.Values.Single()).ShouldBe(points == 2 ? ["0.001", "0.001"] : ["0.003", "0.01"]);
        connection.Scalar<string>("SELECT state FROM experiment").ShouldBe("finished");
    }

    [Fact]
    public async Task A_choice_at_the_edge_of_its_search_is_marked_and_one_that_does_not_matter_is_not()
    {
        // The LSTM's best of these is the smallest, the GRU's too; only beyond it lies more.
        var scheduler = Scheduler();
        var id = await scheduler.Submit(StagedPlans.Tuned("edge", 3, 4, 5, 4, 3, 5), "text", "a.yaml");
        await Run(scheduler, id, new Random(1));
        using var connection = database.Connect();
        var choices = JsonSerializer.Deserialize(Growth.Decisions(connection, id).Single().Decided, HarnessJson.Default.IReadOnlyListTuningChoice)!;
        choices.Select(choice => choice.Values.Single()).ShouldBe(["0.01", "0.01"]);
        // The search spans 1e-5 to 1, so 0.01 lies inside its middle third: no edge although nothing smaller was tried.
        choices.ShouldAllBe(choice => choice.Edges.Count == 0);

        double[] scores = [0.1, 0.11, 0.9, 1];
        int[] tried = [0, 1, 2, 3];
        TunedArm Arm(params string[] values) => new("lstm", [0], [new("lr", TunedScale.Log, 1e-4, 0.1)], [.. values.Select(value => new[] { value })]);
        var tuning = new TuningSpec(4, 1, [7], "sobol", "eval.loss", [Arm()]);
        SearchEdges.Of(tuning, Arm("0.0001", "0.0005", "0.01", "0.1"), scores, 0, tried, 1).ShouldBe([new SearchEdge("lr", true, "0.0001", "lr: { log: [1E-05, 0.1] }")]);
        SearchEdges.Of(tuning, Arm("0.1", "0.05", "0.01", "0.001"), scores, 0, tried, 1).ShouldBe([new SearchEdge("lr", false, "0.1", "lr: { log: [0.0001, 1] }")]);
        // A point about as good lies inside: the edge does not matter.
        SearchEdges.Of(tuning, Arm("0.1", "0.003", "0.01", "0.001"), scores, 0, tried, 1).ShouldBeEmpty();
        // What a search by time never tried is nothing beyond.
        SearchEdges.Of(tuning, Arm("0.02", "0.005", "0.1", "0.001"), [0.1, 0.2, double.PositiveInfinity, 0.9], 0, [0, 1, 3], 1).ShouldBe([new SearchEdge("lr", false, "0.02", "lr: { log: [0.0001, 1] }")]);
        // Near zero everything that trains is about as good.
        SearchEdges.Of(tuning, Arm("0.1", "0.003", "0.01", "0.001"), [1e-7, 1e-3, 0.9, 1], 0, tried, 1).ShouldBeEmpty();
        // An arm that learned nowhere, however slightly its best point leads; without a baseline that cannot be known.
        SearchEdges.Of(tuning, Arm("0.1", "0.05", "0.01", "0.001"), [0.97, 0.999, 1, 1.01], 0, tried, 1).ShouldBeEmpty();
        SearchEdges.Of(tuning, Arm("0.1", "0.05", "0.01", "0.001"), [0.94, 0.999, 1, 1.01], 0, tried, 1).ShouldHaveSingleItem().Setting.ShouldBe("lr");
        SearchEdges.Of(tuning, Arm("0.1", "0.05", "0.01", "0.001"), [0.5, 0.999, 1, 1.01], 0, tried, null).ShouldHaveSingleItem().Setting.ShouldBe("lr");
        SearchEdges.Of(tuning, Arm("0.1", "0.003", "0.01", "0.001"), [double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity], 0, tried, 1).ShouldBeEmpty();
    }

    /// <summary>The order in which trials end, lost workers and new servers change neither decisions nor trials.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_order_and_every_restart_leads_to_the_same_decisions_and_trials(bool isPruned)
    {
        var expected = "";
        for (var seed = 0; seed < 25; seed++)
        {
            using var own = new TemporaryFolder();
            using var data = ResultsDatabase.Open(own.Path, time);
            await using var room = new StoreWriter(data);
            var stored = new ExperimentStore(room, time);
            var (random, scheduler) = (new Random(seed), Scheduler(stored));
            var id = await scheduler.Submit(isPruned ? StagedPlans.Halved() : StagedPlans.Tuned(), "text", "a.yaml");
            await Run(scheduler, id, random, stored);
            using var connection = data.Connect();
            var picture = string.Join('\n', Growth.Decisions(connection, id).Select(decision => $"{decision.Ordinal} {decision.Stage} {decision.Known} {decision.Decided} {decision.Why} {decision.Added}")
                .Concat(connection.Query("SELECT et.ordinal, et.condition, et.stage, et.point, t.hash, t.state FROM experiment_trial et JOIN trial t ON t.id = et.trial_id ORDER BY et.ordinal",
                    row => $"{row.Int("ordinal")} {row.Int("condition")} {row.TextOrNull("stage")} {row.IntOrNull("point")} {row.Text("hash")} {row.Text("state")}")));
            if (seed == 0) expected = picture;
            picture.ShouldBe(expected, $"simulation {seed}");
            connection.Scalar<string>("SELECT state FROM experiment").ShouldBe("finished");
        }
    }

    [Fact]
    public async Task A_decision_that_was_made_is_not_made_again()
    {
        StageState? seen = null;
        var scheduler = new Scheduler(new SchedulerOptions(), store, time, NullLogger<Scheduler>.Instance, state => StageRules.Next(seen = state));
        var id = await scheduler.Submit(StagedPlans.Tuned(), "text", "a.yaml");
        await Run(scheduler, id, new Random(1));

        (await store.Grow(id, 0, StageRules.Next(seen.ShouldNotBeNull()))).ShouldBeNull();
        (await store.Stage(id)).ShouldBeNull();
        using var connection = database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM decision").ShouldBe(1);
        connection.Scalar<long>("SELECT count(*) FROM experiment_trial").ShouldBe(28);
    }

    [Fact]
    public async Task A_failed_trial_holds_the_decision_back_until_it_is_tried_again()
    {
        var scheduler = Scheduler();
        var id = await scheduler.Submit(StagedPlans.Tuned(), "text", "a.yaml");
        var worker = new WorkerHello("w", "host", 1, 2, "{}");
        var failed = "";
        while (!scheduler.Progress(id)!.Finished)
        {
            foreach (var lease in await scheduler.Acquire(worker, 2, TimeSpan.Zero, TestContext.Current.CancellationToken))
            {
                if (failed.Length == 0) failed = lease.Attempt.Trial;
                var ended = lease.Attempt.Trial == failed ? new AttemptCompletion(lease.Attempt, AttemptEnd.UserError, null, "no", 1, null) : End(lease);
                await scheduler.Complete(ended);
            }
        }

        using var connection = database.Connect();
        Growth.Decisions(connection, id).ShouldBeEmpty();
        (await scheduler.Retry(id)).ShouldBe(1);
        await Run(scheduler, id, new Random(1));
        Growth.Decisions(connection, id).Count.ShouldBe(1);
        connection.Scalar<string>("SELECT state FROM experiment").ShouldBe("finished");
    }

    [Fact]
    public async Task A_rule_that_fails_stops_its_own_experiment_and_says_why()
    {
        var scheduler = new Scheduler(new SchedulerOptions(), store, time, NullLogger<Scheduler>.Instance, _ => throw new InvalidOperationException("the moon is full"));
        var id = await scheduler.Submit(StagedPlans.Tuned(), "text", "a.yaml");
        var other = await scheduler.Submit(ExperimentPlanner.Plan(Experiments.SpecText.Spec(Experiments.SpecText.Small)), "text", "b.yaml");
        var worker = new WorkerHello("w", "host", 1, 2, "{}");
        while (!scheduler.Progress(id)!.IsStuck || !scheduler.Progress(other)!.Finished)
            foreach (var lease in await scheduler.Acquire(worker, 2, TimeSpan.Zero, TestContext.Current.CancellationToken)) await scheduler.Complete(End(lease));

        scheduler.Reasons(id).ShouldContain(reason => reason.Sentence == "the stage after tuning could not be decided: the moon is full" && !reason.CanEnd);
        // The next server has a rule that works, and resumes.
        var next = Scheduler();
        await next.Recover();
        await Run(next, id, new Random(1));
    }

    [Fact]
    public async Task Cancelling_while_a_stage_is_decided_leaves_nothing_to_train()
    {
        using var gate = new ManualResetEventSlim();
        var scheduler = new Scheduler(new SchedulerOptions(), store, time, NullLogger<Scheduler>.Instance, state =>
        {
            gate.Wait(TestContext.Current.CancellationToken);
            return StageRules.Next(state);
        });
        var id = await scheduler.Submit(StagedPlans.Tuned(), "text", "a.yaml");
        var worker = new WorkerHello("w", "host", 1, 2, "{}");
        while (await scheduler.Acquire(worker, 2, TimeSpan.Zero, TestContext.Current.CancellationToken) is { Count: > 0 } leases)
            foreach (var lease in leases) await scheduler.Complete(End(lease));
        (await scheduler.Cancel(id)).ShouldBeTrue();
        gate.Set();

        await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, TestContext.Current.CancellationToken);
        (await scheduler.Acquire(worker, 2, TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        scheduler.Progress(id)!.State.ShouldBe(ExperimentState.Cancelled);
        using var connection = database.Connect();
        connection.Scalar<long>("SELECT count(*) FROM trial WHERE state = 'pending'").ShouldBe(0);
    }

    private Scheduler Scheduler(ExperimentStore? on = null) => new(new SchedulerOptions(), on ?? store, time, NullLogger<Scheduler>.Instance);

    /// <summary>Trains to the end, in random order; with a store for <paramref name="restarts"/> servers and workers are replaced at random.</summary>
    private async Task Run(Scheduler scheduler, long id, Random random, ExperimentStore? restarts = null)
    {
        var (worker, number, held) = (new WorkerHello("w0", "host", 1, 3, "{}"), 0, new List<Lease>());
        var begun = TimeProvider.System.GetTimestamp();
        while (!scheduler.Progress(id)!.Finished)
        {
            TimeProvider.System.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromMinutes(1), "the experiment does not end");
            if (restarts is not null && random.Next(12) == 0)
            {
                scheduler = Scheduler(restarts);
                await scheduler.Recover();
            }

            if (restarts is not null && random.Next(15) == 0)
            {
                await scheduler.LoseWorker(worker.Worker, "killed");
                worker = worker with { Worker = $"w{++number}" };
                held.Clear();
            }

            held.AddRange(await scheduler.Acquire(worker, 3 - held.Count, TimeSpan.Zero, TestContext.Current.CancellationToken));
            if (held.Count == 0)
            {
                await Task.Yield();
                time.Advance(TimeSpan.FromSeconds(1));
                await scheduler.Expire();
                continue;
            }

            var lease = held[random.Next(held.Count)];
            held.Remove(lease);
            await scheduler.Complete(End(lease));
        }
    }

    private static AttemptCompletion End(Lease lease)
    {
        var outcome = StagedPlans.OutcomeOf(JsonSerializer.Deserialize(lease.Spec, HarnessJson.Default.TrialSpec)!);
        return new AttemptCompletion(lease.Attempt, outcome.Kind == OutcomeKind.Diverged ? AttemptEnd.Diverged : AttemptEnd.Completed, JsonSerializer.Serialize(outcome, HarnessJson.Default.TrialOutcome), null, null, null);
    }
}
