using System.Text;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Reading;
using Harness.Reports.Summaries;
using Harness.Tests.Experiments;

namespace Harness.Tests.Reports;

/// <summary>Claims that hold a network against a baseline: what the file may say, and how the report decides it.</summary>
public sealed class BaselineClaimTests
{
    /// <summary>Test losses of 0.2 (rnn), 0.3 (lstm) and 0.4 (gru) on the average, beside baselines of 0.25 (linear) and 0.5 (last).</summary>
    private static ExperimentResults Results(params ClaimSpec[] claims)
    {
        var plain = ResultsFixture.Make(["rnn", "lstm", "gru"], [20], 10);
        return plain with
        {
            Claims = claims,
            Conditions = [.. plain.Conditions.Select((condition, place) => condition with
            {
                Trial = condition.Trial with { Task = new("csv", 20, new([new("columns", "[\"v\"]"), new("inputs", "1"), new("target", "v"), new("problem", "forecast"), new("split", "70/15/15"), new("separator", "comma"), new("horizon", "1")]), Data: new string('a', 64)) },
                Trials = [.. condition.Trials.Select(trial => trial with
                {
                    Metrics = new Dictionary<string, MetricSeries>(trial.Metrics, StringComparer.Ordinal)
                    {
                        ["test.loss"] = new([100], [0.2f + 0.1f * place + 0.002f * trial.Seed]),
                        ["baseline.last"] = new([0], [0.6f]), ["baseline.last.test"] = new([0], [0.5f]),
                        ["baseline.linear"] = new([0], [0.05f]), ["baseline.linear.test"] = new([0], [0.25f]),
                    },
                })],
            })],
        };
    }

    private static ClaimLine Line(ClaimSpec claim, string language = "en") => SummaryBuilder.Of(Results(claim), language).Claims.ShouldHaveSingleItem();

    [Fact]
    public void A_network_beats_a_weak_baseline_even_if_a_better_one_beats_it()
    {
        var line = Line(new ComparisonClaim("a", "gru", "last", "test.loss", null, null));
        line.Verdict.ShouldBe("supported");
        line.Statement.ShouldContain("the last value");
        var linear = Line(new ComparisonClaim("a", "gru", "linear", "test.loss", null, null));
        linear.Verdict.ShouldBe("contradicted");
        linear.Statement.ShouldContain("the linear regression");
        Line(new ComparisonClaim("a", "rnn", "linear", "test.loss", null, null)).Verdict.ShouldBe("supported");
        Line(new ComparisonClaim("a", "rnn", "linear", "test.loss", null, null), "zh").Statement.ShouldContain("线性回归");
    }

    [Fact]
    public void The_effect_is_the_ratio_to_the_baseline()
    {
        var setting = Line(new ComparisonClaim("a", "gru", "last", "test.loss", null, null)).Settings.ShouldHaveSingleItem();
        setting.Effect!.Value.ShouldBeInRange(0.5 / 0.43, 0.5 / 0.4);
        setting.Seeds.ShouldBe(10);
    }

    [Fact]
    public void A_baseline_without_a_value_decides_nothing() =>
        Line(new ComparisonClaim("a", "gru", "drift", "test.loss", null, null)).Verdict.ShouldBe("not_tested");

    private const string Series = "target: level, columns: [level, wind]";

    /// <summary>What is wrong with a file that makes a claim about the GRU, with enough seeds to decide it.</summary>
    private static string[] Problems(string claim, string? yaml = null)
    {
        var series = "level,wind\n" + string.Concat(Enumerable.Range(0, 120).Select(row => FormattableString.Invariant($"{row * row * 7919 % 101},{row % 5}\n")));
        var text = (yaml ?? SpecText.OverSeries(Series)).Replace("count: 2", "count: 10", StringComparison.Ordinal) + $"\nclaims:\n  - {{ id: a, that: gru, {claim} }}\n";
        return [.. SpecReader.Read(Encoding.UTF8.GetBytes(text), SpecText.FileName, [], new MemoryFiles(("series.csv", series))).Diagnostics.Where(diagnostic => diagnostic.Code != "HRN044").Select(diagnostic => $"{diagnostic.Line} {diagnostic.Message}")];
    }

    [Theory]
    [InlineData("beats: linear, on: test.loss")]
    [InlineData("beats: last, on: test.mae")]
    [InlineData("beats: drift, on: eval.loss, by: 1.5x")]
    [InlineData("equals: linear, on: test.rmse, within: 10%")]
    public void Files_may_name_a_baseline_as_the_rival(string claim) => Problems(claim).ShouldBeEmpty();

    [Theory]
    [InlineData("beats: previous, on: test.loss", "the baseline \"previous\" does not answer what this task asks")]
    [InlineData("beats: seasonal, on: test.loss", "the training part shows no season, so there is no seasonal value")]
    [InlineData("beats: linear, on: steps_to_target", "the baseline \"linear\" has no steps_to_target")]
    [InlineData("beats: linar, on: test.loss", "this experiment has no arm \"linar\"")]
    public void A_rival_that_cannot_decide_is_refused_at_its_line(string claim, string message) => Problems(claim).ShouldHaveSingleItem().ShouldContain(message);

    [Fact]
    public void Generated_tasks_have_no_baseline_to_beat() =>
        Problems("beats: last, on: eval.loss", SpecText.Small).ShouldHaveSingleItem().ShouldContain("adding is generated and has no baseline \"last\"");
}
