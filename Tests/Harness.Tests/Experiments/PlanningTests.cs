using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class PlanningTests
{
    [Fact]
    public void Trials_are_the_matrix_times_the_seeds_started_seed_by_seed()
    {
        var plan = Plan(SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm]\n  length: [20, 40]", StringComparison.Ordinal));

        plan.Conditions.Select(condition => condition.Label).ShouldBe(["rnn T=20", "rnn T=40", "lstm T=20", "lstm T=40"]);
        plan.Trials.Count.ShouldBe(8);
        plan.Trials.Select(trial => trial.Spec.Seed).ShouldBe([1, 1, 1, 1, 2, 2, 2, 2]);
        plan.Trials.Select(trial => trial.Condition).ShouldBe([0, 1, 2, 3, 0, 1, 2, 3]);
        plan.Trials.Select(trial => trial.Id).ShouldBeUnique(StringComparer.Ordinal);
        plan.Conditions[3].Factors.ShouldBe(new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "lstm", ["length"] = "40" });
    }

    [Theory]
    [InlineData("rnn", 1, false, 8 * (2 + 8 + 2), 8 + 1)]
    [InlineData("lstm", 1, false, 4 * 8 * (2 + 8 + 2), 8 + 1)]
    [InlineData("gru", 1, false, 3 * 8 * (2 + 8 + 2), 8 + 1)]
    [InlineData("gru", 2, false, 3 * 8 * (2 + 8 + 2 + 8 + 8 + 2), 8 + 1)]
    [InlineData("lstm", 1, true, 2 * 4 * 8 * (2 + 8 + 2), 16 + 1)]
    [InlineData("lstm", 3, true, 2 * 4 * 8 * (2 + 8 + 2 + (2 * (16 + 8 + 2))), 16 + 1)]
    public void Parameters_are_counted_exactly(string cell, int layers, bool bidirectional, long recurrent, long readOut)
    {
        var plan = Plan(SpecText.Small, $"cell={cell}", $"layers={layers}", $"bidirectional={(bidirectional ? "true" : "false")}");

        plan.Conditions.ShouldHaveSingleItem().Parameters.ShouldBe(recurrent);
        plan.Conditions[0].ParametersTotal.ShouldBe(recurrent + readOut);
    }

    [Fact]
    public void Key_order_comments_and_written_defaults_change_no_plan()
    {
        var rewritten = Plan("""
            # another order, other forms, defaults written out
            seeds: [1, 2]
            train:
              batch: 4.0
              steps: 1e2
              clip_norm: none
              optimizer:
                lr: 1e-3
                kind: "adam"
                schedule: { kind: constant, warm_up: 0 }
              clip_value: none
              early_stop: { on_target: false, patience: none }
            matrix:
              cell:
                - rnn    # first
                - 'lstm'
                - gru
            evaluation: { every: 5, sequences: 1000 }
            probe: { sequences: 32, gradients: [end, init, middle] }
            target: { metric: eval.loss, below: 0.01 }
            model: { kernel: auto, layers: 1, bidirectional: false, init: default, forget_bias: drawn, update_bias: drawn, activation: tanh, hidden: 8, match: hidden }
            dtype: float32
            device: cpu
            task: { markers: anywhere, length: 20, kind: adding }
            question: Does it work?
            name: small
            version: 1
            """);

        var plan = Plan(SpecText.Small);
        rewritten.Digest.ShouldBe(plan.Digest);
        rewritten.Trials.Select(trial => trial.Id).ShouldBe(plan.Trials.Select(trial => trial.Id));
    }

    [Theory]
    [InlineData("task.kind=temporal-order")]
    [InlineData("task.length=21")]
    [InlineData("task.markers=halves")]
    [InlineData("model.kernel=cell")]
    [InlineData("model.kernel=engine")]
    [InlineData("model.kernel=library")]
    [InlineData("model.hidden=9")]
    [InlineData("model.layers=2")]
    [InlineData("model.bidirectional=true")]
    [InlineData("train.steps=101")]
    [InlineData("train.batch=5")]
    [InlineData("train.optimizer.lr=0.002")]
    [InlineData("train.clip_norm=1")]
    [InlineData("train.clip_value=1")]
    [InlineData("model.init=orthogonal")]
    [InlineData("train.optimizer.kind=sgd")]
    [InlineData("train.optimizer.kind=adamw")]
    [InlineData("train.optimizer.kind=rmsprop")]
    [InlineData("train.optimizer={ kind: sgd, momentum: 0.5 }")]
    [InlineData("train.optimizer={ kind: adamw, weight_decay: 0.5 }")]
    [InlineData("schedule=cosine")]
    [InlineData("warm_up=10")]
    [InlineData("train.optimizer.schedule={ kind: cosine, floor: 0.5 }")]
    [InlineData("train.optimizer.schedule={ kind: step, every: 10, factor: 0.5 }")]
    [InlineData("evaluation.every=7")]
    [InlineData("evaluation.sequences=10")]
    [InlineData("probe.gradients=[init]")]
    [InlineData("probe.gradients=none")]
    [InlineData("probe.sequences=4")]
    [InlineData("probe.weights=[end]")]
    [InlineData("probe.gradients_every=10")]
    [InlineData("train.early_stop.on_target=true")]
    [InlineData("patience=3")]
    [InlineData("model={ hidden: 8, layers: 2, dropout: 0.2 }")]
    [InlineData("target={ metric: eval.loss, below: 0.02 }")]
    [InlineData("dtype=float64")]
    [InlineData("device=cuda")]
    [InlineData("seeds=[7, 8]")]
    public void Every_value_that_can_change_an_outcome_changes_every_identity(string change) =>
        Plan(SpecText.Small, change).Trials.Select(trial => trial.Id).Intersect(Plan(SpecText.Small).Trials.Select(trial => trial.Id), StringComparer.Ordinal).ShouldBeEmpty();

    [Theory]
    [InlineData("model.activation=relu", "rnn")]
    [InlineData("model.forget_bias=1", "lstm")]
    [InlineData("model.init={ rnn: identity, lstm: default, gru: default }", "rnn")]
    [InlineData("train.batch={ rnn: 4, lstm: 8, gru: 4 }", "lstm")]
    [InlineData("model.update_bias=1", "gru")]
    public void A_setting_of_one_cell_changes_the_identity_of_that_cell_only(string change, string cell)
    {
        var before = Plan(SpecText.Small).Trials.Select(trial => trial.Id).ToHashSet(StringComparer.Ordinal);

        Plan(SpecText.Small, change).Trials.Where(trial => !before.Contains(trial.Id)).Select(trial => trial.Spec.Model.Cell).Distinct(StringComparer.Ordinal).ShouldBe([cell]);
    }

    [Theory]
    [InlineData("run={ slots: 1, priority: 3, trial_retries: 0, infrastructure_retries: 2 }")]
    [InlineData("train.optimizer={ schedule: { kind: constant } }")]
    [InlineData("question=Something else?")]
    [InlineData("name=another")]
    public void What_changes_no_outcome_changes_no_identity(string change) =>
        Plan(SpecText.Small, change).Trials.Select(trial => trial.Id).ShouldBe(Plan(SpecText.Small).Trials.Select(trial => trial.Id));

    [Fact]
    public void A_plan_is_the_same_bytes_under_every_culture()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var texts = new[] { "", "ru-RU", "tr-TR" }.Select(culture =>
            {
                CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
                var plan = Plan(SpecText.Small, "train.optimizer.lr=1e-5", "train.clip_norm=0.5");
                return string.Join('\n', plan.Trials.Select(trial => $"{trial.Id} {Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(trial.Spec))}").Append(plan.Digest));
            }).ToArray();

            texts.Distinct(StringComparer.Ordinal).ShouldHaveSingleItem();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_spec_has_the_same_bytes_in_its_identity_as_on_the_wire()
    {
        var specs = Directory.EnumerateFiles(SpecText.Catalog, "*.yaml")
            .SelectMany(file => ExperimentPlanner.Plan(SpecReader.ReadFile(file, []).Spec.ShouldNotBeNull()).Trials.Select(trial => trial.Spec))
            .ToList();

        specs.Count.ShouldBeGreaterThan(50);
        foreach (var spec in specs) JsonSerializer.SerializeToUtf8Bytes(spec, HarnessJson.Default.TrialSpec).ShouldBe(TrialIdentity.CanonicalJson(spec));
    }

    [Fact]
    public void Values_can_be_given_per_cell()
    {
        var plan = Plan(SpecText.Small, "train.optimizer.lr={ rnn: 1e-3, lstm: 3e-3, gru: 2e-3 }");

        plan.Conditions.Select(condition => condition.Trial.Train.Optimizer.LearningRate).ShouldBe([1e-3, 3e-3, 2e-3]);
    }

    [Fact]
    public void A_cell_without_its_value_is_named() =>
        SpecText.Problems(SpecText.Small.Replace("batch: 4", "batch: { rnn: 4, lstm: 8 }", StringComparison.Ordinal)).ShouldBe(["9:29 HRN017 \"batch\" has no value for gru"]);

    [Fact]
    public void Too_many_trials_are_refused_with_the_product_before_anything_is_built() =>
        SpecText.Problems(SpecText.Small, "matrix.length={ from: 10, to: 1009, steps: 1000 }", "seeds=1000").ShouldBe(
            ["7:3 HRN020 cell (3) × length (1000) × seeds (1000) = 3,000,000 trials"]);

    [Fact]
    public void Overrides_count_instead_of_the_file_and_of_the_matrix()
    {
        var plan = Plan(SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm]\n  task.length: [20, 40]", StringComparison.Ordinal), "length=30", "steps=7", "seeds.count=1");

        plan.Trials.Count.ShouldBe(2);
        plan.Trials.ShouldAllBe(trial => trial.Spec.Task.Length == 30 && trial.Spec.Train.Steps == 7);
        plan.Overrides.ShouldBe(["length=30", "steps=7", "seeds.count=1"]);
    }

    [Theory]
    [InlineData("", "lr.lstm=0.5")]
    [InlineData("optimizer: { lr: 0.001 }", "train.optimizer.lr.lstm=0.5")]
    [InlineData("optimizer: { lr: { rnn: 0.001, lstm: 0.1, gru: 0.001 } }", "lr.lstm=0.5")]
    public void One_cells_value_can_be_set(string optimizer, string change)
    {
        var yaml = SpecText.Small.Replace("batch: 4 }", $"batch: 4{(optimizer.Length > 0 ? ", " : "")}{optimizer} }}", StringComparison.Ordinal);

        Plan(yaml, change).Conditions.Select(condition => condition.Trial.Train.Optimizer.LearningRate).ShouldBe([0.001, 0.5, 0.001]);
    }

    [Theory]
    [InlineData("train.optimizer.lr.lstn=1", "1:1 HRN012 unknown cell \"lstn\"")]
    [InlineData("steps", "1:1 HRN024 \"steps\" changes nothing")]
    [InlineData("train.stepps=3", "1:1 HRN024 there is no setting \"train.stepps\"")]
    [InlineData("train.steps=x", "1:13 HRN011 steps: \"x\" is not a whole number")]
    [InlineData("matrix.cell=[rnn, lstn]", "1:19 HRN012 unknown cell \"lstn\"")]
    [InlineData("matrix.cell=[rnn", "1:13 HRN002 this \"[\" is never closed")]
    public void A_wrong_override_is_reported_with_its_own_place(string change, string problem)
    {
        var diagnostic = SpecText.Read(SpecText.Small, change).Diagnostics.ShouldHaveSingleItem();

        diagnostic.File.ShouldBe("--set");
        diagnostic.SourceLine.ShouldBe(change);
        SpecText.Problems(SpecText.Small, change).ShouldBe([problem]);
    }

    [Fact]
    public void Every_catalog_file_is_right_and_small_enough_to_be_run()
    {
        var files = Directory.GetFiles(SpecText.Catalog, "*.yaml");

        files.ShouldNotBeEmpty();
        foreach (var file in files)
        {
            var reading = SpecReader.ReadFile(file, []);
            reading.Diagnostics.ShouldBeEmpty(DiagnosticText.Human(reading));
            ExperimentPlanner.Plan(reading.Spec!).Name.ShouldBe(Path.GetFileNameWithoutExtension(file));
            File.ReadLines(file).First().ShouldBe("# yaml-language-server: $schema=../experiment.schema.json");
        }
    }

    private static ExperimentPlan Plan(string yaml, params string[] overrides) => ExperimentPlanner.Plan(SpecText.Spec(yaml, overrides));
}
