using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Comparison;
using Harness.Reports.Conditions;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

/// <summary>Experiments that were run apart, side by side.</summary>
public sealed class ComparisonTests
{
    private static readonly ExperimentResults Gated = Named("gated", ResultsFixture.Make(["lstm", "gru"], [20, 50], 5));
    private static readonly ExperimentResults Plain = Named("plain", ResultsFixture.Make(["rnn", "lstm"], [20, 50], 4));

    [Fact]
    public void Trials_that_both_asked_for_count_once()
    {
        var together = Combine(Gated, Plain);
        together.Conditions.Select(condition => condition.Label).ShouldBe(["lstm T=20", "gru T=20", "lstm T=50", "gru T=50", "rnn T=20", "rnn T=50"]);
        together.Conditions.Single(condition => condition.Label == "lstm T=20").Trials.Select(trial => trial.Seed).ShouldBe([1, 2, 3, 4, 5]);
        together.Comparison.ShouldNotBeNull().SharedTrials.ShouldBe(8);
        together.Conditions.SelectMany(condition => condition.Trials).Select(trial => trial.Id).Distinct(StringComparer.Ordinal).Count().ShouldBe(4 * 5 + 2 * 4);
        ConditionGrid.From(together.Conditions).Select(facet => (facet.Label, string.Join(' ', facet.Arms.Select(arm => arm.Label)))).ShouldBe([("length 20", "LSTM GRU RNN"), ("length 50", "LSTM GRU RNN")]);
    }

    [Fact]
    public void Models_and_optimizers_that_differ_become_factors()
    {
        var wide = Named("wide", Changed(Gated, spec => spec with { Model = spec.Model with { Hidden = 64 }, Train = spec.Train with { Optimizer = spec.Train.Optimizer with { LearningRate = 0.003 } } }));
        var together = Combine(Gated, wide);
        together.Conditions.Count.ShouldBe(8);
        together.Conditions[^1].Factors.Select(factor => $"{factor.Key}={factor.Value}").ShouldBe(["cell=gru", "length=50", "hidden=64", "lr=0.003"]);
        together.Conditions[^1].Label.ShouldBe("gru T=50 H=64 lr=0.003");
        together.Comparison.ShouldNotBeNull().SharedTrials.ShouldBe(0);
    }

    [Fact]
    public void Labels_keep_arms_apart()
    {
        var (one, two) = (Labelled(Gated, "tuned", 1), Labelled(Named("later", Gated), "tuned", 2));
        var together = Combine(one, two);
        together.Conditions.Select(condition => condition.Label).Distinct(StringComparer.Ordinal).Count().ShouldBe(together.Conditions.Count);
        ConditionGrid.From(together.Conditions).SelectMany(facet => facet.Arms).Select(arm => arm.Label).Distinct(StringComparer.Ordinal).ShouldBe(["LSTM", "GRU", "tuned (gated)", "tuned (later)"], ignoreOrder: true);
    }

    [Fact]
    public void Conditions_that_only_the_probes_tell_apart_carry_their_experiment()
    {
        var probed = Named("probed", Changed(Gated, spec => spec with { Probe = spec.Probe with { Sequences = 8 } }));
        Combine(Gated, probed).Conditions.Select(condition => condition.Label)
            .ShouldBe(["lstm T=20", "gru T=20", "lstm T=50", "gru T=50", "LSTM (probed) T=20", "GRU (probed) T=20", "LSTM (probed) T=50", "GRU (probed) T=50"]);
    }

    [Theory]
    [InlineData("train.steps", "1000", "2000")]
    [InlineData("task.kind", "adding", "latch")]
    [InlineData("evaluation.sequences", "500", "77")]
    [InlineData("target.below", "not set", "0.25")]
    public void What_asks_something_else_is_refused_with_the_setting_that_differs(string setting, string first, string second)
    {
        var other = Named("other", Changed(Gated, spec => setting switch
        {
            "train.steps" => spec with { Train = spec.Train with { Steps = 2000 } },
            "task.kind" => spec with { Task = spec.Task with { Kind = "latch" } },
            "evaluation.sequences" => spec with { Evaluation = spec.Evaluation with { Sequences = 77 } },
            _ => spec with { Target = new("eval.loss", 0.25, null) },
        }));
        var (together, obstacle) = ExperimentComparison.Combine([Gated, other]);
        together.ShouldBeNull();
        obstacle.ShouldNotBeNull().First.ShouldBe("gated");
        obstacle.Second.ShouldBe("other");
        obstacle.Settings.ShouldContain(new SettingDifference(setting, first, second));
    }

    [Fact]
    public void A_length_that_one_of_them_does_not_have_is_no_obstacle_as_long_as_one_is_shared()
    {
        Combine(Gated, Named("long", ResultsFixture.Make(["rnn"], [50, 80], 3))).Conditions.Count.ShouldBe(6);
        ExperimentComparison.Combine([Gated, Named("long", ResultsFixture.Make(["rnn"], [80], 3))]).Obstacle.ShouldNotBeNull()
            .Settings.ShouldBe([new("task.length", "20, 50", "80")]);
    }

    [Fact]
    public async Task The_page_says_what_it_is()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Combine(Gated, Plain), ReportOptions.Default));
        page.QuerySelector(".name")!.TextContent.ShouldBe("gated · plain");
        page.QuerySelector(".notices")!.TextContent.ShouldContain("8 trials belong to more than one of them and count once");
        page.QuerySelector(".command")!.TextContent.ShouldEndWith("./harness compare id-gated id-plain");
        page.QuerySelectorAll("#trials tbody tr").Length.ShouldBe(4 * 5 + 2 * 4);
    }

    private static ExperimentResults Combine(params ExperimentResults[] experiments) => ExperimentComparison.Combine(experiments).Together.ShouldNotBeNull();

    private static ExperimentResults Named(string name, ExperimentResults results) => results with { Id = $"id-{name}", Name = name };

    private static ExperimentResults Changed(ExperimentResults results, Func<TrialSpec, TrialSpec> change) => results with
    {
        Conditions = [.. results.Conditions.Select(condition => condition with
        {
            Trial = change(condition.Trial),
            Trials = [.. condition.Trials.Select(trial => trial with { Id = TrialIdentity.Of(change(condition.Trial) with { Seed = trial.Seed }) })],
        })],
    };

    /// <summary>With one more arm: an LSTM of another forget bias at the shortest length.</summary>
    private static ExperimentResults Labelled(ExperimentResults results, string label, double bias)
    {
        var arm = Changed(results with { Conditions = [results.Conditions[0]] }, spec => spec with { Model = spec.Model with { ForgetBias = bias } }).Conditions[0];
        return results with { Conditions = [.. results.Conditions, arm with { Ordinal = results.Conditions.Count, Label = $"{label} T=20", Factors = new Dictionary<string, string>(arm.Factors, StringComparer.Ordinal) { ["arm"] = label } }] };
    }
}
