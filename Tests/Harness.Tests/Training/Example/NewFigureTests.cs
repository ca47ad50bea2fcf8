using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Wording;
using Harness.Tests.Reports;

namespace Harness.Tests.Training.Example;

/// <summary>The figure of CONTRIBUTING.md is compiled and drawn here.</summary>
public sealed class NewFigureTests
{
    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("SeedsFigure.cs");

    [Theory]
    [InlineData("en", "The smallest final loss is of")]
    [InlineData("zh", "最小的最终损失属于")]
    public void It_draws_a_mark_for_every_seed(string language, string finding)
    {
        var results = ResultsFixture.Typical;
        var figure = SeedsFigure.Build(ConditionGrid.From(results.Conditions), Texts.In(language), 1).ShouldNotBeNull();
        figure.Caption.ShouldStartWith(finding);
        var seeds = results.Conditions.Sum(condition => condition.Trials.Count(trial => TrialStatistics.FinalLossOf(trial) is > 0 and < double.PositiveInfinity));
        figure.Table.Rows.Count.ShouldBe(seeds);
        figure.Panels.ShouldHaveSingleItem().Svg.ShouldStartWith("<svg");
    }

    [Fact]
    public void Without_results_there_is_no_figure() => SeedsFigure.Build([], Texts.In(null), 1).ShouldBeNull();
}
