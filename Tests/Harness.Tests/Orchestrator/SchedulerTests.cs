using Harness.Abstractions.Contracts;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;
using Harness.Scheduling;
using Harness.Server.Grains;
using Harness.Store;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

/// <summary>The scheduler with a real database under it.</summary>
public sealed class SchedulerTests : IAsyncLifetime
{
    private static readonly WorkerHello Worker = new("w", "host", 1, 2, "{}");

    private readonly FakeTimeProvider time = new();
    private readonly TemporaryFolder folder = new();
    private readonly SchedulerOptions options = new();
    private readonly ResultsDatabase database;
    private readonly StoreWriter writer;
    private readonly ExperimentStore store;
    private readonly Scheduler scheduler;

    public SchedulerTests()
    {
        database = ResultsDatabase.Open(folder.Path, time);
        writer = new StoreWriter(database);
        store = new ExperimentStore(writer, time);
        scheduler = new Scheduler(options, store, time, NullLogger<Scheduler>.Instance);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync();
        database.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task A_full_disk_is_waited_out_and_nothing_is_lost()
    {
        var experiment = await scheduler.Submit(Plan(), "text", "a.yaml");
        var lease = (await Acquire()).Single();
        SqliteConnection? inside = null;
        await writer.Enqueue(connection =>
        {
            inside = connection;
            return connection.Execute("PRAGMA max_page_count = 1");
        });

        var completed = scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, Flood(lease)));
        await Until(() => writer.Trouble is not null);
        writer.Trouble!.ShouldContain("full");
        (await Acquire()).ShouldBeEmpty();
        completed.IsCompleted.ShouldBeFalse();

        inside!.Execute("PRAGMA max_page_count = 1000000");
        (await completed).ShouldBeTrue();
        writer.Trouble.ShouldBeNull();
        scheduler.Progress(experiment)!.Finished.ShouldBeTrue();
        using var reading = database.Connect();
        reading.Scalar<long>("SELECT count(*) FROM metric_chunk").ShouldBe(200);
        reading.Scalar<string>("SELECT state FROM experiment").ShouldBe("finished");
    }

    [SlowFact(Category.Runs)]
    public async Task A_database_that_another_program_holds_is_waited_for()
    {
        await scheduler.Submit(Plan(), "text", "a.yaml");
        var lease = (await Acquire()).Single();
        await writer.Enqueue(connection => connection.Execute("PRAGMA busy_timeout = 20"));
        using var foreign = database.Connect(SqliteOpenMode.ReadWrite);
        foreign.Execute("BEGIN IMMEDIATE");

        var reported = scheduler.Report(Flood(lease));
        await Until(() => writer.Trouble is not null);
        foreign.Execute("COMMIT");

        (await reported).ShouldBeTrue();
        writer.Trouble.ShouldBeNull();
    }

    [Fact]
    public async Task A_broken_disk_ends_the_scheduler_and_the_next_one_recovers_from_what_was_stored()
    {
        var plan = Plan();
        await scheduler.Submit(plan, "text", "a.yaml");
        var lease = (await Acquire()).Single();
        await Should.ThrowAsync<StoreException>(writer.Enqueue<bool>(_ => throw new SqliteException("disk I/O error", 10)));

        await Should.ThrowAsync<StoreException>(scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, Flood(lease))));
        (await scheduler.Failed).Message.ShouldContain("I/O");
        (await writer.Broken).Message.ShouldContain("run the same command again");
        await Should.ThrowAsync<StoreException>(Acquire());
        await Should.ThrowAsync<StoreException>(scheduler.Expire());
        await Should.ThrowAsync<StoreException>(store.Flush());
        Should.Throw<StoreException>(() => scheduler.Heartbeat("w", [lease.Attempt]));

        await using var room = new StoreWriter(database);
        var recovered = new ExperimentStore(room, time);
        (await recovered.CloseInterruptedAttempts((_, _) => true)).ShouldBe(1);
        var next = new Scheduler(options, recovered, time, NullLogger<Scheduler>.Instance);
        await next.Submit(plan, "text", "a.yaml");
        var again = await next.Acquire(Worker with { Worker = "v" }, 1, TimeSpan.Zero, TestContext.Current.CancellationToken);
        again.Single().Attempt.ShouldBe(new AttemptKey(lease.Attempt.Trial, 2, "v"));
    }

    [Fact]
    public async Task An_orchestrator_that_comes_back_leaves_its_workers_their_leases()
    {
        var experiment = await scheduler.Submit(Plan(), "text", "a.yaml");
        var lease = (await Acquire()).Single();

        var next = await Successor();

        next.Heartbeat("w", [lease.Attempt]).ShouldBeEmpty();
        next.Progress(experiment)!.Running.Single().Attempt.ShouldBe(1);
        (await next.Acquire(Worker, 1, TimeSpan.Zero, TestContext.Current.CancellationToken)).ShouldBeEmpty();
        (await next.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, null))).ShouldBeTrue();
        next.Progress(experiment)!.Finished.ShouldBeTrue();
    }

    /// <summary>It fell with the orchestrator that knew it, or before it could tell the next one that it is there.</summary>
    [Fact]
    public async Task A_worker_that_is_gone_before_the_next_orchestrator_hears_of_it_loses_its_leases_at_once()
    {
        var experiment = await scheduler.Submit(Plan(), "text", "a.yaml");
        var lease = (await Acquire()).Single();

        var next = await Successor();

        (await next.LoseWorker("another", "Its process is gone.")).ShouldBeFalse();
        next.Progress(experiment)!.Running.ShouldHaveSingleItem();
        (await next.LoseWorker("w", "Its process is gone.")).ShouldBeTrue();
        (await next.LoseWorker("w", "Its process is gone.")).ShouldBeFalse();
        var again = (await next.Acquire(Worker with { Worker = "v" }, 1, TimeSpan.Zero, TestContext.Current.CancellationToken)).Single();
        again.Attempt.ShouldBe(new AttemptKey(lease.Attempt.Trial, 2, "v"));
        (await next.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, null))).ShouldBeFalse();
        await Should.ThrowAsync<WorkerGoneException>(() => next.Acquire(Worker, 1, TimeSpan.Zero, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task An_end_that_is_told_twice_is_accepted_twice_and_stored_once()
    {
        await scheduler.Submit(Plan(), "text", "a.yaml");
        var end = new AttemptCompletion((await Acquire()).Single().Attempt, AttemptEnd.Completed, null, null, null, null);
        (await scheduler.Complete(end)).ShouldBeTrue();
        (await scheduler.Complete(end)).ShouldBeTrue();
        using var reading = database.Connect();
        reading.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'attempt_ended'").ShouldBe(1);
    }

    [Fact]
    public async Task Measurements_that_make_no_sense_cost_neither_the_attempt_nor_its_end()
    {
        await scheduler.Submit(Plan(), "text", "a.yaml");
        var lease = (await Acquire()).Single();
        var nonsense = Flood(lease) with { Gradients = ["{"] };
        (await scheduler.Report(nonsense)).ShouldBeTrue();
        (await scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, nonsense))).ShouldBeTrue();

        using var reading = database.Connect();
        reading.Scalar<long>("SELECT count(*) FROM event WHERE kind = 'measurements_refused'").ShouldBe(2);
        reading.Scalar<string>("SELECT state FROM trial").ShouldBe("completed");
        reading.Scalar<long>("SELECT count(*) FROM metric_chunk").ShouldBe(0);
    }

    [Fact]
    public async Task Pausing_cancelling_and_trying_again_are_on_disk()
    {
        var experiment = await scheduler.Submit(Plan(), "text", "a.yaml");
        (await scheduler.Pause(experiment)).ShouldBeTrue();
        State().ShouldBe("paused|pending");
        (await Acquire()).ShouldBeEmpty();
        scheduler.Reasons(experiment).Single().Sentence.ShouldContain("paused");
        (await scheduler.Resume(experiment)).ShouldBeTrue();
        (await scheduler.Cancel(experiment)).ShouldBeTrue();
        State().ShouldBe("cancelled|cancelled");
        (await scheduler.Retry(experiment)).ShouldBe(1);
        State().ShouldBe("running|pending");
        (await Acquire()).Count.ShouldBe(1);

        string State()
        {
            using var reading = database.Connect();
            return reading.Scalar<string>("SELECT e.state || '|' || t.state FROM experiment e, trial t")!;
        }
    }

    [Fact]
    public async Task A_failed_trial_that_another_experiment_tries_again_reopens_the_first_on_disk_too()
    {
        await scheduler.Submit(Plan("run.trial_retries=0"), "text", "a.yaml");
        await scheduler.Complete(new AttemptCompletion((await Acquire()).Single().Attempt, AttemptEnd.UserError, null, "no", null, null));

        // Another process: it knows of the first experiment by the database alone.
        var next = new Scheduler(options, store, time, NullLogger<Scheduler>.Instance);
        await next.Submit(Plan("name=other"), "text", "b.yaml");
        States().ShouldBe(["running", "running"]);
        var lease = (await next.Acquire(Worker with { Worker = "v" }, 1, TimeSpan.Zero, TestContext.Current.CancellationToken)).Single();
        await next.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, null));
        States().ShouldBe(["finished", "finished"]);

        List<string> States()
        {
            using var reading = database.Connect();
            return reading.Query("SELECT state FROM experiment ORDER BY id", row => row.GetString(0));
        }
    }

    [Fact]
    public async Task After_a_standstill_of_the_whole_process_nobody_loses_a_lease_for_it()
    {
        var experiment = await scheduler.Submit(Plan(), "text", "a.yaml");
        await Acquire();
        time.Advance(options.Lease * 4);

        await scheduler.Expire();
        scheduler.Progress(experiment)!.Running.Count.ShouldBe(1);

        for (var second = 0; second <= options.Lease.TotalSeconds; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await scheduler.Expire();
        }

        scheduler.Progress(experiment)!.Running.ShouldBeEmpty();
    }

    /// <summary>The orchestrator after this one, on the same database.</summary>
    private async Task<Scheduler> Successor()
    {
        var next = new Scheduler(options, store, time, NullLogger<Scheduler>.Instance);
        await next.Recover();
        return next;
    }

    private Task<IReadOnlyList<Lease>> Acquire() => scheduler.Acquire(Worker, 1, TimeSpan.Zero, TestContext.Current.CancellationToken);

    private static AttemptReport Flood(Lease lease) =>
        new(lease.Attempt, [.. Enumerable.Range(0, 200).Select(i => new MetricBatch("train.loss", 1 + 256 * i, 1, new float[256]))], [], 1, 0.5, "cpu");

    private static async Task Until(Func<bool> holds)
    {
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }

    private static ExperimentPlan Plan(params string[] changes) => ExperimentPlanner.Plan(SpecReader.Read(
        """
        version: 1
        name: one
        question: Does it hold?
        task: { kind: temporal-order, length: 12 }
        model: { hidden: 8, cell: rnn }
        seeds: { count: 1, base: 1 }
        train: { steps: 40, batch: 8, optimizer: { kind: adam, lr: 1e-3 } }
        """u8, "one.yaml", [.. changes.Select(change => new SettingOverride(change))]).Spec!);
}
