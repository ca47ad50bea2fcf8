using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Scheduling;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

public sealed partial class SchedulerCoreTests
{
    private static readonly SchedulerOptions Options = new();

    private readonly FakeTimeProvider time = new();
    private readonly SchedulerCore core;
    private readonly List<SchedulerChange> changes = [];

    public SchedulerCoreTests() => core = new SchedulerCore(time, Options);

    [Fact]
    public void Leases_follow_priority_then_the_older_experiment_then_the_plan()
    {
        core.Admit(Experiment(1, priority: 0, "a", "b"));
        core.Admit(Experiment(2, priority: 5, "c"));

        var leases = core.Acquire(Worker("w"), 10, changes);

        leases.Select(lease => lease.Attempt.Trial).ShouldBe(["c", "a", "b"]);
        leases.ShouldAllBe(lease => lease.Attempt.Number == 1);
    }

    [Fact]
    public void A_worker_gets_no_more_leases_than_it_has_free_slots()
    {
        core.Admit(Experiment(1, 0, "a", "b", "c"));
        core.Acquire(Worker("w"), 2, changes).Count.ShouldBe(2);
        core.Acquire(Worker("w"), 0, changes).ShouldBeEmpty();
    }

    [Fact]
    public void A_completed_trial_finishes_its_experiment()
    {
        core.Admit(Experiment(1, 0, "a"));
        var lease = core.Acquire(Worker("w"), 1, changes).Single();

        core.Complete(End(lease, AttemptEnd.Completed), changes).ShouldBeTrue();

        core.Progress(1)!.Finished.ShouldBeTrue();
        changes.OfType<ExperimentFinished>().Single().Experiment.ShouldBe(1);
    }

    [Fact]
    public void The_end_of_an_attempt_that_lost_its_lease_is_refused()
    {
        core.Admit(Experiment(1, 0, "a"));
        var late = core.Acquire(Worker("zombie"), 1, changes).Single();
        time.Advance(Options.Lease);
        core.Expire(changes);
        var current = core.Acquire(Worker("other"), 1, changes).Single();

        core.Complete(End(late, AttemptEnd.Completed), changes).ShouldBeFalse();
        core.Report(Report(late)).ShouldBeFalse();
        core.Heartbeat("zombie", [late.Attempt]).ShouldBe([late.Attempt]);

        current.Attempt.Number.ShouldBe(2);
        core.Complete(End(current, AttemptEnd.Completed), changes).ShouldBeTrue();
        changes.OfType<AttemptEnded>().Select(end => end.End).ShouldBe([AttemptEnd.LeaseLost, AttemptEnd.Completed]);
    }

    [Fact]
    public void Another_worker_cannot_speak_for_an_attempt()
    {
        core.Admit(Experiment(1, 0, "a"));
        var lease = core.Acquire(Worker("w"), 1, changes).Single();
        var forged = lease with { Attempt = lease.Attempt with { Worker = "other" } };
        core.Complete(End(forged, AttemptEnd.Completed), changes).ShouldBeFalse();
        core.Heartbeat("other", [lease.Attempt]).ShouldBe([lease.Attempt]);
    }

    [Fact]
    public void Heartbeats_and_reports_keep_a_lease_alive()
    {
        core.Admit(Experiment(1, 0, "a"));
        var lease = core.Acquire(Worker("w"), 1, changes).Single();
        for (var beat = 0; beat < 10; beat++)
        {
            time.Advance(Options.Lease / 2);
            if (beat % 2 == 0) core.Heartbeat("w", [lease.Attempt]).ShouldBeEmpty();
            else core.Report(Report(lease)).ShouldBeTrue();
            core.Expire(changes);
        }

        core.Progress(1)!.Running.Count.ShouldBe(1);
    }

    [Fact]
    public void A_trials_own_failure_is_retried_to_its_budget_and_then_it_has_failed()
    {
        core.Admit(Experiment(1, 0, "a", "b"));
        foreach (var attempt in new[] { 1, 2 })
        {
            var lease = core.Acquire(Worker("w"), 1, changes).Single();
            lease.Attempt.ShouldBe(new AttemptKey("a", attempt, "w"));
            core.Complete(End(lease, AttemptEnd.UserError, "no such thing"), changes);
        }

        core.Progress(1)!.Count(TrialState.Failed).ShouldBe(1);
        core.Acquire(Worker("w"), 1, changes).Single().Attempt.Trial.ShouldBe("b");
        changes.OfType<AttemptEnded>().Last().Failure.ShouldBe("no such thing");
    }

    [Fact]
    public void Divergence_is_a_result_and_never_retried()
    {
        core.Admit(Experiment(1, 0, "a"));
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.Diverged), changes);
        core.Progress(1)!.Count(TrialState.Diverged).ShouldBe(1);
        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
    }

    [Fact]
    public void The_first_loss_of_a_trainer_is_retried_at_once_and_later_ones_back_off()
    {
        core.Admit(Experiment(1, 0, "a"));
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.HostOutOfMemory), changes);
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.HostOutOfMemory), changes);

        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
        core.Progress(1)!.Count(TrialState.BackingOff).ShouldBe(1);
        time.Advance(Options.FirstBackoff * 1.25);
        core.Acquire(Worker("w"), 1, changes).Single().Attempt.Number.ShouldBe(3);
    }

    [Fact]
    public void Infrastructure_losses_end_at_their_own_budget()
    {
        core.Admit(Experiment(1, 0, "a") with { InfrastructureRetries = 4 });
        var attempts = 0;
        while (core.Acquire(Worker("w"), 1, changes) is [var lease])
        {
            attempts++;
            core.Complete(End(lease, AttemptEnd.NativeCrash), changes);
            time.Advance(Options.LongestBackoff * 2);
        }

        attempts.ShouldBe(5);
        core.Progress(1)!.Count(TrialState.Failed).ShouldBe(1);
    }

    [Fact]
    public void A_trial_that_takes_down_three_workers_is_quarantined()
    {
        core.Admit(Experiment(1, 0, "poison"));
        foreach (var worker in new[] { "w1", "w2", "w3" })
        {
            core.Acquire(Worker(worker), 1, changes).Count.ShouldBe(1);
            core.Leave(worker, inOrder: false, "gone", changes);
            time.Advance(Options.LongestBackoff * 2);
        }

        core.Acquire(Worker("w4"), 1, changes).ShouldBeEmpty();
        changes.OfType<AttemptEnded>().Last().Failure!.ShouldContain("Quarantined");
    }

    [Fact]
    public void A_trial_that_gets_further_on_every_worker_that_it_loses_is_not_suspect()
    {
        core.Admit(Experiment(1, 0, "unlucky"));
        for (var round = 1; round <= 6; round++)
        {
            var lease = core.Acquire(Worker($"w{round}"), 1, changes).Single();
            core.Report(new AttemptReport(lease.Attempt, [], [], 100 * round, 0.5, "cpu", Checkpoint: new CheckpointNews(null, 100 * round, []))).ShouldBeTrue();
            core.Leave($"w{round}", inOrder: false, "cut off", changes);
            time.Advance(Options.LongestBackoff * 2);
        }

        core.Acquire(Worker("w7"), 1, changes).Count.ShouldBe(1);
    }

    [Fact]
    public void Leaving_in_order_costs_no_retry()
    {
        core.Admit(Experiment(1, 0, "a") with { InfrastructureRetries = 0, TrialRetries = 0 });
        for (var round = 0; round < 20; round++)
        {
            core.Acquire(Worker($"w{round}"), 1, changes).Single().Attempt.Number.ShouldBe(round + 1);
            core.Leave($"w{round}", inOrder: true, "the worker left", changes);
        }

        core.Progress(1)!.Count(TrialState.Pending).ShouldBe(1);
    }

    [Fact]
    public void A_worker_that_is_gone_gets_nothing_ever_again()
    {
        core.Admit(Experiment(1, 0, "a"));
        core.Acquire(Worker("w"), 0, changes);
        core.Leave("w", inOrder: false, "gone", changes);
        Should.Throw<WorkerGoneException>(() => core.Acquire(Worker("w"), 1, changes));
    }

    [Fact]
    public void Two_experiments_that_ask_for_the_same_trial_share_one_training()
    {
        core.Admit(Experiment(1, 0, "a", "b"));
        core.Admit(Experiment(2, 0, "b"));
        var leases = core.Acquire(Worker("w"), 10, changes);
        leases.Select(lease => lease.Attempt.Trial).ShouldBe(["a", "b"]);

        core.Complete(End(leases[1], AttemptEnd.Completed), changes);

        core.Progress(2)!.Finished.ShouldBeTrue();
        core.Progress(1)!.Finished.ShouldBeFalse();
    }

    [Fact]
    public void An_experiment_whose_trials_are_all_done_is_finished_at_once()
    {
        var done = Experiment(1, 0, "a") with { Trials = [Trial(0, "a") with { State = TrialState.Completed, Attempts = 1 }] };
        core.Admit(done).OfType<ExperimentFinished>().Count().ShouldBe(1);
        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
    }

    [Fact]
    public void A_failed_trial_submitted_again_gets_fresh_budgets()
    {
        core.Admit(Experiment(1, 0, "a") with { TrialRetries = 0 });
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.UserError), changes);
        core.Progress(1)!.Finished.ShouldBeTrue();

        core.Admit(Experiment(1, 0, "a") with { TrialRetries = 0 });

        core.Acquire(Worker("w"), 1, changes).Single().Attempt.Number.ShouldBe(2);
        core.Progress(1)!.Finished.ShouldBeFalse();
    }

    [Fact]
    public void An_experiment_submitted_again_while_it_runs_is_not_finished_before_its_trials_are()
    {
        core.Admit(Experiment(1, 0, "a", "b"));
        var leases = core.Acquire(Worker("w"), 1, changes);

        core.Admit(Experiment(1, 0, "a", "b")).ShouldBeEmpty();

        core.Progress(1)!.Finished.ShouldBeFalse();
        core.Complete(End(leases.Single(), AttemptEnd.Completed), changes);
        core.Progress(1)!.Finished.ShouldBeFalse();
        core.Complete(End(core.Acquire(Worker("w"), 5, changes).Single(), AttemptEnd.Completed), changes);
        core.Progress(1)!.Finished.ShouldBeTrue();
    }

    [Fact]
    public void A_failed_trial_that_another_experiment_asks_for_again_reopens_the_first()
    {
        core.Admit(Experiment(1, 0, "a") with { TrialRetries = 0 });
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.UserError), changes);

        core.Admit(Experiment(2, 0, "a") with { TrialRetries = 0 });
        core.Progress(1)!.Finished.ShouldBeFalse();
        core.Complete(End(core.Acquire(Worker("w"), 1, changes).Single(), AttemptEnd.Completed), changes);

        core.Progress(1)!.Finished.ShouldBeTrue();
        core.Progress(2)!.Finished.ShouldBeTrue();
    }

    [Fact]
    public void A_paused_experiment_starts_nothing_and_what_runs_may_end()
    {
        core.Admit(Experiment(1, 0, "a", "b"));
        var lease = core.Acquire(Worker("w"), 1, changes).Single();

        core.Pause(1, changes).ShouldBeTrue();
        core.Pause(1, changes).ShouldBeFalse();
        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
        core.Complete(End(lease, AttemptEnd.Completed), changes).ShouldBeTrue();
        core.Reasons(1).ShouldBe([new WaitingReason(1, "the experiment is paused", CanEnd: false)]);

        core.Resume(1, changes).ShouldBeTrue();
        core.Acquire(Worker("w"), 1, changes).Single().Attempt.Trial.ShouldBe("b");
    }

    [Fact]
    public void Cancelling_gives_up_what_nobody_else_wants()
    {
        core.Admit(Experiment(1, 0, "a", "b", "c"));
        core.Admit(Experiment(2, 0, "c"));
        var lease = core.Acquire(Worker("w"), 1, changes).Single();

        core.Cancel(1, changes).ShouldBeTrue();

        core.Heartbeat("w", [lease.Attempt]).ShouldBe([lease.Attempt]);
        core.Progress(1)!.Count(TrialState.Cancelled).ShouldBe(2);
        core.Progress(1)!.Finished.ShouldBeTrue();
        core.Acquire(Worker("w"), 5, changes).Single().Attempt.Trial.ShouldBe("c");
        core.Retry(1, changes).ShouldBe(2);
        core.Acquire(Worker("w"), 5, changes).Select(again => again.Attempt.Number).ShouldBe([2, 1]);
    }

    [Fact]
    public void Only_what_has_ended_is_deleted_and_others_keep_what_they_share()
    {
        core.Admit(Experiment(1, 0, "a", "shared"));
        core.Admit(Experiment(2, 0, "shared", "b"));
        core.Delete(1, changes).ShouldBeFalse();
        core.Cancel(1, changes);
        core.Delete(1, changes).ShouldBeTrue();
        changes.ShouldContain(new ExperimentDeleted(1));
        core.Progress(1).ShouldBeNull();
        core.Acquire(Worker("w"), 3, changes).Select(lease => lease.Attempt.Trial).ShouldBe(["shared", "b"]);
        core.Progress(2)!.Running.Count.ShouldBe(2);
        core.Delete(7, changes).ShouldBeTrue("it ended before this scheduler began");
    }

    private static AdmittedExperiment Experiment(long id, int priority, params string[] trials) =>
        new(id, priority, TrialRetries: 1, InfrastructureRetries: 10, [.. trials.Select((trial, ordinal) => Trial(ordinal, trial))]);

    private static AdmittedTrial Trial(int ordinal, string trial) => new(ordinal, trial, "{}", trial, TrialState.Pending, 0, 0, 0, null);

    private static WorkerHello Worker(string id) => new(id, "host", 1, 4, "{}");

    private static AttemptCompletion End(Lease lease, AttemptEnd end, string? message = null) => new(lease.Attempt, end, null, message, null, null);

    private static AttemptReport Report(Lease lease) => new(lease.Attempt, [], [], 1, 0.5, "cpu");
}
