using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Tests.Orchestrator.Faults;

namespace Harness.Tests.Orchestrator;

/// <summary>A server that was restarted knows unfinished experiments only; people retry finished ones.</summary>
public sealed class RetryTests : IAsyncDisposable
{
    private readonly GuardedScheduler cluster = new();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task Failed_trials_are_retried_when_the_server_was_restarted_since()
    {
        var experiment = await cluster.Submit("matrix.cell=[rnn]", "seeds.count=3", "run.trial_retries=0");
        var leases = await cluster.Acquire(3);
        await cluster.Complete(leases[0]);
        foreach (var lease in leases.Skip(1)) await cluster.Scheduler.Complete(new AttemptCompletion(lease.Attempt, AttemptEnd.UserError, null, "broken", 2, null));
        cluster.Rows("SELECT state FROM experiment").ShouldBe(["finished"]);
        await cluster.Restart();

        (await cluster.Scheduler.Retry(experiment)).ShouldBe(2);
        cluster.Rows("SELECT state FROM experiment").ShouldBe(["running"]);
        foreach (var lease in await cluster.Acquire(5)) await cluster.Complete(lease);
        cluster.Rows("SELECT state, count(*), max(attempts) FROM trial GROUP BY 1").ShouldBe(["completed|3|2"]);
        cluster.Rows("SELECT state FROM experiment").ShouldBe(["finished"]);
        (await cluster.Scheduler.Retry(experiment)).ShouldBe(0);
        (await cluster.Scheduler.Retry(experiment + 1)).ShouldBe(0);
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'experiment_finished'").ShouldBe(["2"]);
    }

    [Fact]
    public async Task A_cancelled_experiment_is_retried_when_the_server_was_restarted_since()
    {
        var experiment = await cluster.Submit("matrix.cell=[rnn]", "seeds.count=3");
        await cluster.Scheduler.Cancel(experiment);
        await cluster.Restart();

        (await cluster.Scheduler.Retry(experiment)).ShouldBe(3);
        (await cluster.Acquire(5)).Count.ShouldBe(3);
    }
}
