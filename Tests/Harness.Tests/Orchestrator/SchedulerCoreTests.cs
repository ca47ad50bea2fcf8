using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Harness.Orchestrator.Scheduling;
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
    public void Experiments_of_one_priority_share_the_slots_evenly()
    {
        core.Admit(Experiment(1, 0, "a1", "a2", "a3", "a4"));
        core.Admit(Experiment(2, 0, "b1", "b2"));
        core.Acquire(Worker("w"), 4, changes).Select(lease => lease.Attempt.Trial).ShouldBe(["a1", "b1", "a2", "b2"]);
    }

    [Fact]
    public void A_trial_waits_for_a_worker_that_has_what_it_needs_and_says_so()
    {
        var demanding = Trial(0, "a") with { Needs = new TrialNeeds(Cuda: true, Memory: 12_000_000_000, Label: "fast", CudaMemory: 8_000_000_000) };
        core.Admit(Experiment(1, 0) with { Trials = [demanding, Trial(1, "b")] });
        core.Reasons(1).Select(reason => reason.Sentence).ShouldBe(["no worker is connected", "no worker is connected"]);

        core.Acquire(Worker("w"), 5, changes).Single().Attempt.Trial.ShouldBe("b");
        var reason = core.Reasons(1).Single();
        reason.Sentence.ShouldBe("needs a CUDA device with 8 GB per slot, 12 GB of main memory per slot, the label 'fast'; 0 of 1 workers has that");
        reason.CanEnd.ShouldBeFalse();
        core.Progress(1)!.IsStuck.ShouldBeFalse();

        var big = Worker("big") with { Cuda = true, SlotMemory = 16_000_000_000, Labels = ["fast"], CudaMemory = 4_000_000_000 };
        core.Acquire(big, 5, changes).ShouldBeEmpty();
        core.Acquire(big with { Worker = "bigger", CudaMemory = 8_000_000_000 }, 5, changes).Single().Attempt.Trial.ShouldBe("a");
    }

    [Fact]
    public void A_trial_that_needs_a_machine_to_itself_has_it_emptied_and_holds_it_alone()
    {
        core.Admit(Experiment(1, 0) with { Trials = [Trial(0, "a"), Trial(1, "alone") with { Needs = new TrialNeeds(Exclusive: true) }, Trial(2, "b")] });
        var first = core.Acquire(Worker("w1"), 2, changes).Single();
        core.Acquire(Worker("w2"), 2, changes).ShouldBeEmpty();
        core.Reasons(1).Select(reason => reason.Sentence).ShouldBe(
            ["needs a machine to itself; 'host' is being emptied for it; 1 trial still runs there", "every machine that could train it is held by, or being emptied for, a trial that needs it for itself"], ignoreOrder: true);

        core.Complete(End(first, AttemptEnd.Completed), changes);
        var alone = core.Acquire(Worker("w2"), 2, changes).Single();
        alone.Attempt.Trial.ShouldBe("alone");
        core.Acquire(Worker("w1"), 1, changes).ShouldBeEmpty();
        core.Acquire(Worker("elsewhere") with { Host = "other" }, 1, changes).Single().Attempt.Trial.ShouldBe("b");
        core.Complete(End(alone, AttemptEnd.Completed), changes);
        core.Progress(1)!.Count(TrialState.Completed).ShouldBe(2);
    }

    [Fact]
    public void What_needs_a_machine_to_itself_comes_when_the_trials_before_it_have_begun_and_holds_others_back_no_longer_than_it_takes()
    {
        core.Admit(Experiment(1, 0) with { Trials = [Trial(0, "a1"), Trial(1, "a2"), Trial(2, "timing") with { Needs = new TrialNeeds(Exclusive: true) }] });
        core.Admit(Experiment(2, 0, "b1", "b2", "b3", "b4"));
        List<string> started = [];
        List<Lease> running = [];
        while (core.Progress(1)!.Finished == false || core.Progress(2)!.Finished == false)
        {
            foreach (var lease in core.Acquire(Worker("w"), 2 - running.Count, changes))
            {
                started.Add(lease.Attempt.Trial);
                running.Add(lease);
            }

            running.Exists(lease => lease.Attempt.Trial == "timing" && running.Count > 1).ShouldBeFalse();
            started.Count.ShouldBeLessThanOrEqualTo(7);
            core.Complete(End(running[0], AttemptEnd.Completed), changes);
            running.RemoveAt(0);
        }

        started.Count.ShouldBe(7);
        started.IndexOf("timing").ShouldBeInRange(started.IndexOf("a2") + 1, 5);
    }

    [Fact]
    public void A_drained_worker_gets_nothing_more()
    {
        core.Admit(Experiment(1, 0, "a"));
        core.Drain("w", true, changes).ShouldBeFalse();
        core.Acquire(Worker("w"), 0, changes);
        core.Drain("w", true, changes).ShouldBeTrue();
        core.Drain("w", true, changes).ShouldBeFalse();
        changes.ShouldContain(new WorkerDrained("w", true));
        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
        core.Progress(1)!.IsStuck.ShouldBeTrue();
        core.Acquire(Worker("v"), 1, changes).Count.ShouldBe(1);
    }

    [Fact]
    public void A_drained_worker_is_put_to_work_again()
    {
        core.RecoverDrained(["w"]);
        core.Admit(Experiment(1, 0, "a"));
        core.Acquire(Worker("w"), 1, changes).ShouldBeEmpty();
        core.Drain("w", false, changes).ShouldBeTrue();
        changes.ShouldContain(new WorkerDrained("w", false));
        core.Acquire(Worker("w"), 1, changes).Count.ShouldBe(1);
    }

    [Fact]
    public void What_waits_follows_a_new_priority()
    {
        core.Admit(Experiment(1, 0, "a", "shared"));
        core.Admit(Experiment(2, 0, "shared", "b"));
        core.Prioritise(2, 5, changes).ShouldBeTrue();
        core.Prioritise(2, 5, changes).ShouldBeFalse();
        core.Prioritise(3, 5, changes).ShouldBeFalse();
        changes.ShouldContain(new ExperimentPrioritised(2, 5));
        core.Acquire(Worker("w"), 3, changes).Select(lease => lease.Attempt.Trial).ShouldBe(["shared", "b", "a"]);
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
