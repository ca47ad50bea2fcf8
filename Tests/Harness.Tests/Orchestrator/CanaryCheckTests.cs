using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Store;

namespace Harness.Tests.Orchestrator;

public sealed class CanaryCheckTests
{
    private static readonly CanaryResult canary = new("aa", 2);

    [Fact]
    public void The_first_worker_and_one_like_the_others_are_not_set_apart()
    {
        CanaryCheck.Of(canary, []).ShouldBeEmpty();
        CanaryCheck.Of(canary, [("a", canary), ("b", canary with { MillisecondsPerStep = 3.9 })]).ShouldBeEmpty();
    }

    [Fact]
    public void Other_losses_name_the_machines_that_computed_otherwise()
    {
        var other = canary with { Digest = "bb" };
        CanaryCheck.Of(canary, [("zeus", other), ("apollo", other), ("hera", canary)]).ShouldHaveSingleItem().ShouldContain("of apollo, zeus:");
    }

    [Theory]
    [InlineData(8, "4.0 times")]
    [InlineData(0.5, "0.3 times")]
    public void A_time_that_is_far_from_the_median_is_told_as_a_ratio(double milliseconds, string ratio) =>
        CanaryCheck.Of(canary with { MillisecondsPerStep = milliseconds }, [("a", canary), ("b", canary), ("c", canary with { MillisecondsPerStep = 100 })])
            .ShouldHaveSingleItem().ShouldContain(ratio);
}
