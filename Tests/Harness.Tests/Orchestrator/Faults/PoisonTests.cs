using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Store;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>A write that the database will never take costs the attempt that asked for it, and nothing else.</summary>
public sealed class PoisonTests : IAsyncDisposable
{
    private readonly GuardedScheduler cluster = new();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task A_result_that_cannot_be_stored_fails_its_trial_when_its_retries_are_used_up()
    {
        var experiment = await cluster.Submit("run.trial_retries=1");
        // The third trial's result is poison, every time.
        var leases = await cluster.Acquire(6);
        await Poison(leases[2].Attempt.Trial);

        (await Should.ThrowAsync<MessageRefusedException>(cluster.Complete(leases[2]))).Message.ShouldContain("could not be stored");
        cluster.Scheduler.Failed.IsCompleted.ShouldBeFalse();
        foreach (var lease in leases.Where(lease => lease != leases[2])) (await cluster.Complete(lease)).ShouldBeTrue();
        var again = (await cluster.Acquire()).ShouldHaveSingleItem();
        again.Attempt.ShouldBe(leases[2].Attempt with { Number = 2 });
        await Should.ThrowAsync<MessageRefusedException>(cluster.Complete(again));

        (await cluster.Acquire()).ShouldBeEmpty();
        cluster.Scheduler.Progress(experiment)!.Finished.ShouldBeTrue();
        cluster.Rows("SELECT state, count(*) FROM trial GROUP BY 1 ORDER BY 1").ShouldBe(["completed|5", "failed|1"]);
        cluster.Rows("SELECT state, (SELECT failure LIKE 'The result could not be stored: %poison%' FROM trial WHERE state = 'failed') FROM experiment").ShouldBe(["finished|1"]);
        cluster.Rows("SELECT number, ending FROM attempt WHERE ending <> 'completed' ORDER BY number").ShouldBe(["1|user_error", "2|user_error"]);
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'experiment_finished'").ShouldBe(["1"]);
    }

    /// <summary>Between the refusal and the end that takes its place, the process may die at any moment.</summary>
    [Fact]
    public async Task A_restart_does_not_bring_the_same_poison_back_for_ever()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1", "run.trial_retries=1");
        await Poison(null);
        for (var life = 1; life <= 2; life++)
        {
            var lease = (await cluster.Acquire()).ShouldHaveSingleItem();
            lease.Attempt.Number.ShouldBe(life);
            await Should.ThrowAsync<MessageRefusedException>(cluster.Complete(lease));
            await cluster.Restart();
        }

        (await cluster.Acquire()).ShouldBeEmpty();
        cluster.Rows("SELECT state, trial_failures FROM trial").ShouldBe(["failed|2"]);
    }

    /// <summary>Later decisions relied on a refused one, in the same transaction or after it. They are made again.</summary>
    [Fact]
    public async Task Decisions_beside_a_refused_one_are_stored_all_the_same()
    {
        var experiment = await cluster.Submit("matrix.cell=[rnn]", "seeds.count=40", "run.trial_retries=0");
        var leases = await cluster.Acquire(40);
        var poisoned = leases.Where((_, i) => i % 4 == 0).ToArray();
        await cluster.Execute($"CREATE TRIGGER poison BEFORE UPDATE OF outcome ON trial WHEN NEW.outcome IS NOT NULL AND NEW.hash IN ({string.Join(", ", poisoned.Select(lease => $"'{lease.Attempt.Trial}'"))}) BEGIN SELECT RAISE(ABORT, 'poison'); END");
        // The writer is held up, so that all of them are in one group.
        var other = cluster.Submit("name=other", "matrix.cell=[gru]", "seeds.count=2");
        using var gate = new ManualResetEventSlim();
        var held = cluster.Writer.Enqueue(_ => gate.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        var ends = leases.Select(lease => Told(lease)).ToArray();
        gate.Set();
        (await held).ShouldBeTrue();
        await Task.WhenAll(ends);

        ends.Zip(leases).ShouldAllBe(end => end.First.Result == !poisoned.Contains(end.Second));
        cluster.Rows($"SELECT state, count(*) FROM trial t JOIN experiment_trial et ON et.trial_id = t.id WHERE experiment_id = {experiment} GROUP BY 1 ORDER BY 1").ShouldBe(["completed|30", "failed|10"]);
        foreach (var (state, count) in cluster.Scheduler.Counts(experiment)!) count.ShouldBe(state == TrialState.Failed ? 10 : 30);
        cluster.Scheduler.Progress(experiment)!.Finished.ShouldBeTrue();
        cluster.Scheduler.Progress(await other)!.Finished.ShouldBeFalse();
        foreach (var lease in await cluster.Acquire(2)) (await cluster.Complete(lease)).ShouldBeTrue();
        cluster.Rows("SELECT state, count(*) FROM experiment GROUP BY 1").ShouldBe(["finished|2"]);
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'worker_joined'").ShouldBe(["1"]);

        async Task<bool> Told(Lease lease)
        {
            try
            {
                return await cluster.Complete(lease);
            }
            catch (MessageRefusedException)
            {
                return false;
            }
        }
    }

    /// <summary>Nothing in such an end comes from a worker, so the database is at fault. Retrying would never stop.</summary>
    [Fact]
    public async Task A_database_that_takes_no_end_of_an_attempt_ends_the_scheduler()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=2");
        var leases = await cluster.Acquire(2);
        await cluster.Execute("CREATE TRIGGER broken BEFORE UPDATE ON attempt WHEN NEW.state = 'ended' BEGIN SELECT RAISE(ABORT, 'no more'); END");
        await Should.ThrowAsync<StoreException>(cluster.Complete(leases[0]));
        (await cluster.Scheduler.Failed.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)).Message.ShouldContain("no more");
        await Should.ThrowAsync<StoreException>(cluster.Complete(leases[1]));
    }

    [Fact]
    public async Task Memory_that_is_not_what_the_database_says_is_read_again()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1");
        await cluster.Execute("UPDATE trial SET attempts = 7");
        (await cluster.Acquire()).ShouldHaveSingleItem().Attempt.Number.ShouldBe(8);
    }

    [Fact]
    public async Task A_worker_that_cannot_be_stored_is_told_so_and_others_get_the_work()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1");
        await cluster.Execute("CREATE TRIGGER poison BEFORE INSERT ON worker WHEN NEW.id = 'odd' BEGIN SELECT RAISE(ABORT, 'poison'); END");
        await Should.ThrowAsync<WriteRefusedException>(cluster.Acquire(worker: "odd"));
        var lease = (await cluster.Acquire()).ShouldHaveSingleItem();
        lease.Attempt.ShouldBe(new AttemptKey(lease.Attempt.Trial, 1, "w"));
        (await cluster.Complete(lease)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_loss_that_is_not_a_number_ends_its_trial_like_any_other()
    {
        var experiment = await cluster.Submit("matrix.cell=[rnn]", "seeds.count=2");
        var leases = await cluster.Acquire(2);
        var outcome = JsonSerializer.Deserialize(GuardedScheduler.Outcome, HarnessJson.Default.TrialOutcome)! with { FinalLoss = double.NaN, BaselineLoss = double.PositiveInfinity };
        (await cluster.Complete(leases[0], Json(outcome))).ShouldBeTrue();
        var diverged = Json(outcome with { Kind = OutcomeKind.Diverged, DivergedAtStep = 7 });
        (await cluster.Door.Complete(new AttemptCompletion(leases[1].Attempt, AttemptEnd.Diverged, diverged, null, null, null), leases[1].Token!)).ShouldBeTrue();
        cluster.Scheduler.Progress(experiment)!.Finished.ShouldBeTrue();
        cluster.Rows("SELECT state, final_loss IS NULL, baseline_loss, outcome ->> '$.final_loss' FROM trial ORDER BY state").ShouldBe(["completed|1|Infinity|NaN", "diverged|1|Infinity|NaN"]);

        static string Json(TrialOutcome outcome) => JsonSerializer.Serialize(outcome, HarnessJson.Default.TrialOutcome);
    }

    /// <param name="trial">Null for every trial.</param>
    private Task Poison(string? trial) => cluster.Execute(
        $"CREATE TRIGGER poison BEFORE UPDATE OF outcome ON trial WHEN NEW.outcome IS NOT NULL {(trial is null ? "" : $"AND NEW.hash = '{trial}'")} BEGIN SELECT RAISE(ABORT, 'poison'); END");
}
