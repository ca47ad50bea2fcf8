using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Summaries;

namespace Harness.Tests.Reports;

/// <summary>Claims over folds: a seed counts once, however many folds it was trained on.</summary>
public sealed class FoldClaimTests
{
    /// <summary>Two cells on three folds: the GRU's test loss is smaller by the given amount on each fold.</summary>
    private static ExperimentResults Results(double[] advantages, int seeds, Func<TrialResult, int, TrialResult>? change, params ClaimSpec[] claims)
    {
        var plain = ResultsFixture.Make(["rnn", "gru"], [20], seeds);
        return plain with
        {
            Claims = claims,
            Conditions = [.. plain.Conditions.SelectMany((condition, place) => advantages.Select((advantage, fold) => condition with
            {
                Ordinal = place * advantages.Length + fold,
                Label = $"{condition.Label} fold {fold + 1}/3",
                Factors = new Dictionary<string, string>(condition.Factors, StringComparer.Ordinal) { ["fold"] = $"{fold + 1}/3" },
                Trial = condition.Trial with { Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", "forecast"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1"), new("fold", $"{fold + 1}/3")]), Data: new string('a', 64)) },
                Trials = [.. condition.Trials.Select(trial => (change ?? ((same, _) => same))(trial with
                {
                    Id = $"{trial.Id}-{fold}",
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [(float)(0.5 - (place == 1 ? advantage : 0) + 0.01 * (trial.Seed * 7 % 5) * (place == 1 ? 1 : -1))]),
                        ["baseline.last"] = new([0], [0.9f]), ["baseline.last.test"] = new([0], [0.9f]),
                    },
                }, fold))],
            }))],
        };
    }

    private static ClaimLine Line(ExperimentResults results) => SummaryBuilder.Of(results).Claims.ShouldHaveSingleItem();

    private static readonly ComparisonClaim loss = new("a", "gru", "rnn", "test.loss", null, null);

    [Fact]
    public void A_seed_counts_once_with_its_mean_over_the_folds()
    {
        var line = Line(Results([0.3, 0.3, 0.3], 8, null, loss));
        line.Verdict.ShouldBe("supported");
        var setting = line.Settings.ShouldHaveSingleItem();
        setting.Seeds.ShouldBe(8);
        setting.Setting.ShouldNotContain("fold");
    }

    [Fact]
    public void Three_folds_of_three_seeds_are_not_nine_seeds() => Line(Results([0.3, 0.3, 0.3], 3, null, loss)).Verdict.ShouldBe("inconclusive");

    [Fact]
    public void Folds_that_disagree_are_averaged()
    {
        // −0.1, −0.1 and 0.35 are 0.05 on the average.
        var setting = Line(Results([-0.1, -0.1, 0.35], 8, null, loss)).Settings.ShouldHaveSingleItem();
        setting.Effect!.Value.ShouldBeGreaterThan(1);
    }

    [Fact]
    public void A_seed_that_failed_on_one_fold_is_left_out_and_counted() =>
        Line(Results([0.3, 0.3, 0.3], 10, (trial, fold) => fold == 1 && trial.Seed == 4 ? trial with { State = TrialState.Failed, Outcome = null } : trial, loss)).Settings.ShouldHaveSingleItem().Seeds.ShouldBe(9);

    [Fact]
    public void A_baseline_is_averaged_over_the_folds_too() =>
        Line(Results([0.1, 0.1, 0.1], 8, null, new ComparisonClaim("a", "gru", "last", "test.loss", null, null))).Verdict.ShouldBe("supported");

    [Fact]
    public void Shares_are_decided_fold_by_fold() =>
        Line(Results([0.3, 0.3, 0.3], 8, null, new ComparisonClaim("a", "gru", "rnn", "solved", null, null))).Settings.Count.ShouldBe(3);

    [Fact]
    public void A_claim_about_one_fold_looks_at_that_fold_alone()
    {
        var where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["fold"] = ["1/3"] };
        Line(Results([-0.3, 0.3, 0.3], 8, null, loss with { Where = where })).Verdict.ShouldBe("contradicted");
    }
}
