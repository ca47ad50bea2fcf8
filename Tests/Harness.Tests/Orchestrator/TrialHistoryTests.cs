using Harness.Experiments.Planning;
using Harness.Experiments.Results;
using Harness.Orchestrator.Store;
using Harness.Tests.EndToEnd;
using Harness.Tests.Experiments;

namespace Harness.Tests.Orchestrator;

public sealed class TrialHistoryTests
{
    [Fact]
    public void Without_a_database_there_is_no_history_and_no_estimate()
    {
        using var folder = new TemporaryFolder();
        var history = TrialHistory.Read(folder.Path);
        history.States.ShouldBeEmpty();
        history.Estimate(ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small)), 2).ShouldBeNull();
    }

    [Fact]
    public async Task Earlier_trials_of_the_same_shape_and_of_other_sizes_give_an_estimate_with_its_basis()
    {
        using var tiny = new TinyExperiment();
        (await tiny.Run()).ExitCode.ShouldBe(0);
        var history = TrialHistory.Read(tiny.Data());
        history.States.Count.ShouldBe(6);
        history.States.Values.ShouldAllBe(state => state == TrialState.Completed);

        var text = await File.ReadAllTextAsync(tiny.File, TestContext.Current.CancellationToken);
        history.Estimate(ExperimentPlanner.Plan(SpecText.Spec(text)), 2).ShouldBeNull("everything is done");
        var more = history.Estimate(ExperimentPlanner.Plan(SpecText.Spec(text, "seeds.count=3")), 1)!;
        more.Basis.ShouldBe("6 earlier trials of the same shape");
        history.Estimate(ExperimentPlanner.Plan(SpecText.Spec(text, "seeds.count=3")), 2)!.Seconds.ShouldBe(more.Seconds / 2);
        history.Estimate(ExperimentPlanner.Plan(SpecText.Spec(text, "model.hidden=16")), 1)!.Basis.ShouldBe("6 earlier trials of other sizes, scaled");
    }
}
