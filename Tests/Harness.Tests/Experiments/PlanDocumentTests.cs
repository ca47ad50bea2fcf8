using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class PlanDocumentTests
{
    [Fact]
    public void The_document_prints_whole_parameter_counts_per_condition()
    {
        using var json = JsonDocument.Parse(Document().ToJson());

        json.RootElement.GetProperty("version").GetInt32().ShouldBe(1);
        var conditions = json.RootElement.GetProperty("conditions").EnumerateArray().ToArray();
        conditions.Select(condition => condition.GetProperty("label").GetString()).ShouldBe(["rnn", "lstm", "gru"]);
        conditions.Select(condition => condition.GetProperty("parameters").GetInt64()).ShouldBe([96, 384, 288]);
        conditions.Select(condition => condition.GetProperty("parameters_total").GetInt64()).ShouldBe([105, 393, 297]);
        conditions[0].GetProperty("parameters").GetRawText().ShouldBe("96");
        conditions[0].GetProperty("kernel").GetString().ShouldBe("engine");
        conditions[0].GetProperty("training_sequences").GetInt64().ShouldBe(400);
        json.RootElement.TryGetProperty("estimate", out _).ShouldBeFalse();
    }

    [Fact]
    public void Trials_that_have_a_result_are_counted_as_cached_and_failed_ones_are_run_again()
    {
        var plan = ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small));
        var known = new Dictionary<string, TrialState>(StringComparer.Ordinal)
        {
            [plan.Trials[0].Id] = TrialState.Completed,
            [plan.Trials[1].Id] = TrialState.Diverged,
            [plan.Trials[2].Id] = TrialState.Failed,
            [plan.Trials[3].Id] = TrialState.Running,
            ["of another experiment"] = TrialState.Completed,
        };

        var document = PlanDocument.Of(plan, known, new PlanEstimate(75, 60, 100, 2, "9 earlier trials of this machine"));

        document.Trials.ShouldBe(new TrialCounts(6, Cached: 2, ToRun: 4, FailedBefore: 1));
        document.Conditions[2].Trials.ShouldBe(new TrialCounts(2, Cached: 0, ToRun: 2, FailedBefore: 1));
        PlanText.Human(document).ShouldContain("to run 4, have a result already 2, failed before 1\n  takes about 1 min 15 s, 1 min 0 s to 1 min 40 s on 2 slots (9 earlier trials of this machine)");
    }

    [Fact]
    public void The_document_is_the_same_bytes_under_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var texts = new[] { "", "ru-RU", "ar-SA" }.Select(culture =>
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                var document = Document("model={ match: parameters, hidden: 100 }", "lr=1e-5");
                return document.ToJson() + PlanText.Human(document);
            });

            texts.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_plan_can_be_read_by_people() => PlanText.Human(Document("train.steps=2000")).ShouldBe("""
        small  cell (3) × seeds (2) = 6 trials
          Does it work?
          --set train.steps=2000

          condition  hidden  parameters  with output layer  MFLOP/step  steps  sequences
          rnn             8          96                105       0.038  2,000      8,000
          lstm            8         384                393       0.154  2,000      8,000
          gru             8         288                297       0.115  2,000      8,000

          to run 6

        """);

    private static PlanDocument Document(params string[] overrides) =>
        PlanDocument.Of(ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small, overrides)), new Dictionary<string, TrialState>(StringComparer.Ordinal), null);
}
