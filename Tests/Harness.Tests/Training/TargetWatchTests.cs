using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;

namespace Harness.Tests.Training;

public sealed class TargetWatchTests
{
    [Fact]
    public void One_lucky_evaluation_is_not_enough()
    {
        var watch = new TargetWatch(new("eval.loss", 0.1, null));
        watch.See(0, 0, new(0.5, null));
        watch.See(10, 1, new(0.05, null));
        watch.See(20, 2, new(0.2, null));
        watch.See(30, 3, new(0.09, null));
        watch.Reached.ShouldBeNull();
        watch.See(40, 4, new(0.08, null));
        watch.See(50, 5, new(0.9, null));
        watch.Reached.ShouldBe((30, 3.0));
    }

    [Fact]
    public void Accuracy_counts_upwards()
    {
        var watch = new TargetWatch(new("eval.accuracy", null, 0.9));
        watch.See(1, 1, new(9, 0.95));
        watch.See(2, 2, new(9, 0.95));
        watch.Reached.ShouldBe((1, 1.0));
    }

    [Fact]
    public void A_loss_that_is_no_number_reaches_nothing()
    {
        var watch = new TargetWatch(new("eval.loss", 0.1, null));
        watch.See(1, 1, new(double.NaN, null));
        watch.See(2, 2, new(double.NaN, null));
        watch.Reached.ShouldBeNull();
    }

    [Theory]
    [InlineData("adding", "eval.loss", 0.01, null)]
    [InlineData("temporal-order", "eval.accuracy", null, 0.99)]
    public void Without_a_target_the_tasks_own_criterion_counts(string task, string metric, double? below, double? above)
    {
        var spec = Trials.Spec(task: task);
        var own = TargetWatch.For(spec, baseline: 1);
        var explicitly = new TargetWatch(new TargetSpec(metric, below, above));
        foreach (var watch in (TargetWatch[])[own, explicitly])
        {
            watch.See(1, 1, new(0.02, 0.98));
            watch.See(2, 2, new(0.009, 0.995));
            watch.See(3, 3, new(0.009, 0.995));
            watch.Reached.ShouldBe((2, 2.0));
        }
    }
}
