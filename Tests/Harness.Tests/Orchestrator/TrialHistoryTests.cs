using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Reports.Model;
using Harness.Store;
using Harness.Tests.EndToEnd;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

public sealed class TrialHistoryTests
{
    [Fact]
    public void Without_a_database_the_estimate_is_another_machines()
    {
        using var folder = new TemporaryFolder();
        var history = TrialHistory.Read(folder.Path, ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small)));
        history.States.ShouldBeEmpty();
        history.Estimate(2)!.Basis.ShouldBe("times of another machine, as none are known of this one");
    }

    [Fact]
    public async Task Earlier_trials_of_the_same_shape_and_of_other_sizes_give_an_estimate_with_its_basis()
    {
        using var tiny = new TinyExperiment();
        (await tiny.Run()).ExitCode.ShouldBe(0);
        var text = await File.ReadAllTextAsync(tiny.File, TestContext.Current.CancellationToken);
        var known = Of();
        known.States.Count.ShouldBe(6);
        known.States.Values.ShouldAllBe(state => state == TrialState.Completed);
        known.Estimate(2).ShouldBeNull("everything is done");
        var more = Of("seeds.count=3").Estimate(1)!;
        more.Basis.ShouldBe("6 earlier trials of the same shape");
        Of("seeds.count=3").Estimate(2)!.Seconds.ShouldBeInRange(more.Seconds / 2, more.Seconds);
        // A run never takes less than its start.
        more.Seconds.ShouldBeGreaterThan(1);
        Of("model.hidden=16").States.ShouldBeEmpty();
        Of("model.hidden=16").Estimate(1)!.Basis.ShouldBe("6 earlier trials of other sizes, scaled");

        TrialHistory Of(params string[] changes) => TrialHistory.Read(tiny.Data(), ExperimentPlanner.Plan(SpecText.Spec(text, changes)));
    }
}
