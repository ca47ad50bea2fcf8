using System.Text;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class PlanningScaleTests
{
    [Fact]
    public void A_hundred_thousand_trials_are_planned_each_with_its_own_identity()
    {
        var yaml = Encoding.UTF8.GetBytes(SpecText.Small.Replace("cell: [rnn, lstm, gru]",
            "cell: [rnn, lstm]\n  length: { from: 20, to: 519, steps: 500 }\n  hidden: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n  lr: [0.001, 0.002, 0.003, 0.004, 0.005]", StringComparison.Ordinal));
        var plan = ExperimentPlanner.Plan(SpecReader.Read(yaml, SpecText.FileName, []).Spec!);
        plan.Trials.Count.ShouldBe(100_000);
        plan.Trials.Select(trial => trial.Id).ShouldBeUnique(StringComparer.Ordinal);
    }
}
