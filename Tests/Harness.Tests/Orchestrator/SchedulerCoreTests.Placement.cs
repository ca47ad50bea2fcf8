using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Scheduling;

namespace Harness.Tests.Orchestrator;

/// <remarks>Who gets which slot, and why a trial waits.</remarks>
public sealed partial class SchedulerCoreTests
{
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
}
