using Harness.Abstractions.Results;
using Harness.Tests.Reports;

namespace Harness.Tests.Training.Example;

/// <summary>The column of CONTRIBUTING.md is compiled and read here.</summary>
public sealed class NewColumnTests
{
    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("ClippedStepsColumn.cs");

    [Fact]
    public void A_column_reads_its_number_from_an_outcome()
    {
        var outcome = ResultsFixture.Typical.Conditions.SelectMany(condition => condition.Trials).First(trial => trial.Outcome is { Steps: > 0 }).Outcome!;
        ClippedStepsColumn.Column.Value(outcome with { Steps = 200, ClippedShare = 0.25 }).ShouldBe(50);
        OutcomeColumn.All.Select(column => column.Name).ShouldNotContain(name => name == ClippedStepsColumn.Column.Name);
    }
}
