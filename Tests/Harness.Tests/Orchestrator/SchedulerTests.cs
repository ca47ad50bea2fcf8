using Harness.Experiments.Contracts;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;
using Harness.Orchestrator.Scheduling;
using Harness.Orchestrator.Store;
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
    public async Task A_full_disk_ends_the_scheduler_and_the_next_one_recovers_from_what_was_stored()
    {
        var plan = Plan();
        await scheduler.Submit(plan, "text", "a.yaml");
        var lease = (await Acquire()).Single();
        await writer.Enqueue(connection => connection.Execute("PRAGMA max_page_count = 1"));
        var flood = new AttemptReport(lease.Attempt, [.. Enumerable.Range(0, 200).Select(i => new MetricBatch("train.loss", 1 + 256 * i, 1, new float[256]))], [], 1, 0.5, "cpu");

        await Should.ThrowAsync<StoreException>(scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.Completed, null, null, null, flood)));

        (await scheduler.Failed).Message.ShouldContain("full");
        (await writer.Broken).Message.ShouldContain("run the same command again");
        await Should.ThrowAsync<StoreException>(Acquire());
        await Should.ThrowAsync<StoreException>(scheduler.Expire());
        await Should.ThrowAsync<StoreException>(store.Flush());
        Should.Throw<StoreException>(() => scheduler.Heartbeat("w", [lease.Attempt]));

        await using var room = new StoreWriter(database);
        var recovered = new ExperimentStore(room, time);
        (await recovered.CloseInterruptedAttempts()).ShouldBe(1);
        var next = new Scheduler(options, recovered, time, NullLogger<Scheduler>.Instance);
        await next.Submit(plan, "text", "a.yaml");
        var again = await next.Acquire(Worker with { Worker = "v" }, 1, TimeSpan.Zero, TestContext.Current.CancellationToken);
        again.Single().Attempt.ShouldBe(new AttemptKey(lease.Attempt.Trial, 2, "v"));
    }

    [Fact]
    public async Task A_decision_that_the_database_refuses_ends_the_scheduler()
    {
        await scheduler.Submit(Plan(), "text", "a.yaml");
        await writer.Enqueue(connection => connection.Execute("UPDATE trial SET attempts = 7"));
        await Should.ThrowAsync<StoreException>(Acquire());
        (await scheduler.Failed).Message.ShouldContain("refused");
        await Should.ThrowAsync<StoreException>(Acquire());
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

    private Task<IReadOnlyList<Lease>> Acquire() => scheduler.Acquire(Worker, 1, TimeSpan.Zero, TestContext.Current.CancellationToken);

    private static ExperimentPlan Plan() => ExperimentPlanner.Plan(SpecReader.Read(
        """
        version: 1
        name: one
        question: Does it hold?
        task: { kind: temporal-order, length: 12 }
        model: { hidden: 8, cell: rnn }
        seeds: { count: 1, base: 1 }
        train: { steps: 40, batch: 8, optimizer: { kind: adam, lr: 1e-3 } }
        """u8, "one.yaml", []).Spec!);
}
