using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Scheduling;

namespace Harness.Tests.Orchestrator;

/// <remarks>Trials that share a slot.</remarks>
public sealed partial class SchedulerCoreTests
{
    [Fact]
    public void Trials_of_one_kind_share_slots_evenly_and_each_lease_is_its_own()
    {
        core.Admit(Packed(8, "a", "b", "c", "d", "e", "f"));

        // Of four slots two ask: the others get something too.
        var leases = core.Acquire(Worker("w"), 2, changes);

        leases.Select(lease => (lease.Attempt.Trial, lease.Pack)).ShouldBe([("a", "a#1"), ("b", "a#1"), ("c", null)]);
        core.Acquire(Worker("w"), 2, changes).Select(lease => lease.Attempt.Trial).ShouldBe(["d", "e"]);
        core.Complete(End(leases[0], AttemptEnd.Completed), changes).ShouldBeTrue();
        core.SpecOf(leases[0].Attempt).ShouldBeNull();
        core.SpecOf(leases[1].Attempt).ShouldNotBeNull();
    }

    [Theory]
    [InlineData(3, 0, 0, 3)]
    [InlineData(256, 0, 0, 6)]
    [InlineData(256, 1000, 2500, 2)]
    [InlineData(256, 1000, 500, 1)]
    public void A_pack_is_no_larger_than_it_may_be_and_the_slot_can_hold(int most, long bytes, long memory, int expected)
    {
        core.Admit(Packed(most, bytes, "a", "b", "c", "d", "e", "f"));
        core.Acquire(Worker("w") with { Slots = 1, SlotMemory = memory }, 1, changes).Count.ShouldBe(expected);
    }

    [Fact]
    public void On_a_GPU_its_memory_bounds_a_pack()
    {
        var packed = Packed(256, 1000, "a", "b", "c", "d");
        core.Admit(packed with { Trials = [.. packed.Trials.Select(trial => trial with { Needs = new TrialNeeds(Cuda: true) })] });
        core.Acquire(Worker("w") with { Slots = 1, SlotMemory = 1000, Cuda = true, CudaMemory = 3500 }, 1, changes).Count.ShouldBe(3);
    }

    [Theory]
    [InlineData(AttemptEnd.NativeCrash)]
    [InlineData(AttemptEnd.Hung)]
    [InlineData(AttemptEnd.GpuOutOfMemory)]
    [InlineData(AttemptEnd.UserError)]
    public void What_befell_a_pack_is_nobodys_own_failure_and_each_is_tried_again_alone(AttemptEnd end)
    {
        core.Admit(Packed(8, "a", "b", "c") with { TrialRetries = 0 });
        foreach (var lease in core.Acquire(Worker("w") with { Slots = 1 }, 1, changes))
            core.Complete(End(lease, end) with { Shared = true }, changes).ShouldBeTrue();

        var again = core.Acquire(Worker("w") with { Slots = 1 }, 3, changes);

        again.Select(lease => (lease.Attempt.Trial, lease.Pack)).ShouldBe([("a", null), ("b", null), ("c", null)]);
        core.Complete(End(again[1], AttemptEnd.GpuOutOfMemory), changes);
        core.Progress(1)!.Count(TrialState.Failed).ShouldBe(1);
    }

    [Fact]
    public void A_pack_counts_as_one_slot_among_experiments()
    {
        core.Admit(Packed(8, "a", "b", "c", "d"));
        core.Admit(Experiment(2, 0, "x", "y", "z"));
        var pack = core.Acquire(Worker("w") with { Slots = 1 }, 1, changes);
        pack.Count.ShouldBe(4);
        core.BusySlots.ShouldBe(1);
        core.Acquire(Worker("v"), 1, changes).Single().Attempt.Trial.ShouldBe("x");
        // One slot each; three of the pack end, and its slot still counts.
        foreach (var lease in pack.Take(3)) core.Complete(End(lease, AttemptEnd.Completed), changes);
        core.Admit(Experiment(3, 0, "later"));
        core.Acquire(Worker("v"), 1, changes).Single().Attempt.Trial.ShouldBe("later");
        core.Complete(End(pack[3], AttemptEnd.Completed), changes);
        core.Progress(1)!.Finished.ShouldBeTrue();
    }

    private static AdmittedExperiment Packed(int most, params string[] trials) => Packed(most, 0, trials);

    private static AdmittedExperiment Packed(int most, long bytes, params string[] trials) =>
        new(1, 0, TrialRetries: 1, InfrastructureRetries: 10, [.. trials.Select((trial, ordinal) => Trial(ordinal, trial) with { Pack = new("kind", most, bytes) })]);
}
