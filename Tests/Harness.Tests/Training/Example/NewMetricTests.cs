using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Tests.Reports;

namespace Harness.Tests.Training.Example;

/// <summary>The metric of CONTRIBUTING.md is compiled, and a claim about it is decided and put into words here.</summary>
public sealed class NewMetricTests : IDisposable
{
    private readonly IDisposable descriptor = MetricCatalog.Admit(RegretMetric.Descriptor);

    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("RegretMetric.cs");

    [Theory]
    [InlineData("en", "final over best evaluation loss")]
    [InlineData("zh", "最终评估损失与最佳评估损失之比")]
    public void A_claim_on_it_is_decided_and_worded(string language, string words)
    {
        var claim = new ComparisonClaim("steady", "lstm", "rnn", RegretMetric.Descriptor.Name, null, null);
        var conditions = new[] { Regretting("rnn", 1.5), Regretting("lstm", 1.1) };
        ClaimArms.Decide(claim, conditions).Kind.ShouldBe(VerdictKind.Supported);
        var results = ResultsFixture.Typical with { Claims = [claim], Conditions = [.. conditions.Select((condition, place) => condition with { Ordinal = place })] };
        var card = ReportModelBuilder.Build(results, ReportOptions.Default with { Language = language }).Verdicts!.Cards.ShouldHaveSingleItem();
        string.Join(' ', [card.Statement, .. card.Findings]).ShouldContain(words);
    }

    public void Dispose() => descriptor.Dispose();

    private static ConditionResults Regretting(string cell, double ratio)
    {
        var arm = ClaimArms.Arm(cell, ClaimArms.Losses(8, 0.02));
        return arm with { Trials = [.. arm.Trials.Select((trial, place) => trial with { Outcome = trial.Outcome! with { BestLoss = trial.Outcome.FinalLoss / (ratio * (1 + 0.01 * place)) } })] };
    }
}
