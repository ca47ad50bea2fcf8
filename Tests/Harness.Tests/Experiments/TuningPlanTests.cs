using System.Globalization;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Tuning;

namespace Harness.Tests.Experiments;

public sealed class TuningPlanTests
{
    private const string Tune = """

        tune:
          over: { lr: { log: [1e-4, 1e-1] }, clip_norm: [none, 1], forget_bias: { arms: lstm, values: [drawn, 1, 2] } }
          trials: 8
          seeds: 2
          studies: 3
        """;

    /// <summary>The points of Joe and Kuo's program for new-joe-kuo-6, without scrambling.</summary>
    [Fact]
    public void The_sequence_begins_with_the_published_points()
    {
        double[][] published =
        [
            [0, 0, 0, 0], [0.5, 0.5, 0.5, 0.5], [0.75, 0.25, 0.25, 0.25], [0.25, 0.75, 0.75, 0.75],
            [0.375, 0.375, 0.625, 0.875], [0.875, 0.875, 0.125, 0.375], [0.625, 0.125, 0.875, 0.625], [0.125, 0.625, 0.375, 0.125],
        ];
        for (var index = 0; index < published.Length; index++)
            Enumerable.Range(0, 4).Select(dimension => SobolSequence.Coordinate((uint)index, dimension) / 4294967296.0).ShouldBe(published[index]);
    }

    /// <summary>The first 2^k values of every coordinate lie in 2^k different intervals; in the first two, also all rectangles of that area. Scrambling keeps both.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Points_are_evenly_spread(bool isScrambled)
    {
        double At(int index, int dimension) => isScrambled ? PointSampler.Coordinate(PointSampler.Sobol, 99, index, dimension) : SobolSequence.Coordinate((uint)index, dimension) / 4294967296.0;
        for (var k = 1; k <= 8; k++)
        {
            var count = 1 << k;
            for (var dimension = 0; dimension < SobolSequence.MostDimensions; dimension++)
                Enumerable.Range(0, count).Select(index => (int)(At(index, dimension) * count)).Distinct().Count().ShouldBe(count, $"2^{k} in dimension {dimension}");
            for (var wide = 0; wide <= k; wide++)
                Enumerable.Range(0, count).Select(index => ((int)(At(index, 0) * (1 << wide)), (int)(At(index, 1) * (1 << (k - wide))))).Distinct().Count().ShouldBe(count);
        }
    }

    [Theory]
    [InlineData(PointSampler.Sobol)]
    [InlineData(PointSampler.Random)]
    public void Scrambled_coordinates_are_uniform(string sampler)
    {
        // Over scramblings, every point is uniform by itself.
        var values = Enumerable.Range(0, 4000).Select(study => PointSampler.Coordinate(sampler, PointSampler.SeedOf("x", study), 3, 1)).Order().ToArray();
        var distance = values.Select((value, i) => Math.Abs(value - ((i + 0.5) / values.Length))).Max();
        distance.ShouldBeLessThan(1.63 / Math.Sqrt(values.Length), "the 1 % bound of Kolmogorov and Smirnov");
    }

    [Fact]
    public void All_arms_get_the_same_points_and_one_setting_more_where_they_have_it()
    {
        var plan = Plan(SpecText.Small + Tune);
        var tuning = plan.Stages!.Tune!;
        tuning.Arms.Select(arm => arm.Label).ShouldBe(["rnn", "lstm", "gru"]);
        tuning.Arms.Select(arm => string.Join(' ', arm.Settings.Select(setting => setting.Name))).ShouldBe(["lr clip_norm", "lr clip_norm forget_bias", "lr clip_norm"]);
        tuning.Arms.ShouldAllBe(arm => arm.Points.Count == 24);
        tuning.Arms[1].Points.Select(point => string.Join(' ', point.Take(2))).ShouldBe(tuning.Arms[0].Points.Select(point => string.Join(' ', point)));
        tuning.Arms[0].Points.ShouldBe(tuning.Arms[2].Points, ignoreOrder: false);
        // Studies differ.
        tuning.Arms[0].Points.Take(8).Select(point => point[0]).ShouldNotBe(tuning.Arms[0].Points.Skip(8).Take(8).Select(point => point[0]));
        tuning.Arms[0].Points.Select(point => double.Parse(point[0], CultureInfo.InvariantCulture)).ShouldAllBe(rate => rate >= 1e-4 && rate <= 1e-1);
    }

    [Fact]
    public void Every_trial_tries_its_point_on_a_seed_of_its_study()
    {
        var plan = Plan(SpecText.Small + Tune);
        var tuning = plan.Stages!.Tune!;
        plan.Trials.Count.ShouldBe(3 * 8 * 2 * 3);
        plan.Trials.Select(trial => trial.Id).ShouldBeUnique(StringComparer.Ordinal);
        plan.Trials.ShouldAllBe(trial => trial.Stage == StageNames.Tuning && TrialIdentity.Of(trial.Spec) == trial.Id);
        foreach (var trial in plan.Trials)
        {
            var point = tuning.Arms[trial.Condition].Points[trial.Point!.Value];
            trial.Spec.Train.Optimizer.LearningRate.ShouldBe(double.Parse(point[0], CultureInfo.InvariantCulture));
            trial.Spec.Train.ClipNorm.ShouldBe(point[1] == "none" ? null : 1.0);
            trial.Spec.Model.ForgetBias.ShouldBe(trial.Condition != 1 || point[2] == "drawn" ? null : double.Parse(point[2], CultureInfo.InvariantCulture));
            tuning.SeedsOf(tuning.StudyOf(trial.Point.Value)).ShouldContain(trial.Spec.Seed);
            plan.Seeds.ShouldNotContain(trial.Spec.Seed);
            trial.Spec.Probe.Gradients.ShouldBeEmpty();
        }
    }

    [Fact]
    public void A_tuned_file_is_another_experiment_and_an_untuned_one_is_what_it_was()
    {
        var (tuned, untuned) = (Plan(SpecText.Small + Tune), Plan(SpecText.Small));
        string.Equals(tuned.Digest, untuned.Digest, StringComparison.Ordinal).ShouldBeFalse();
        string.Equals(Plan(SpecText.Small + Tune.Replace("studies: 3", "studies: 2", StringComparison.Ordinal)).Digest, tuned.Digest, StringComparison.Ordinal).ShouldBeFalse();
        untuned.Stages.ShouldBeNull();
        untuned.Trials.ShouldAllBe(trial => trial.Stage == null && trial.Point == null);
        // More seeds of verdicts leave the search as it is.
        var more = Plan(SpecText.Small.Replace("count: 2", "count: 5", StringComparison.Ordinal) + Tune);
        more.Trials.Select(trial => trial.Id).ShouldBe(tuned.Trials.Select(trial => trial.Id));
        string.Equals(more.Digest, tuned.Digest, StringComparison.Ordinal).ShouldBeFalse();
    }

    [Fact]
    public void Per_names_the_factors_that_are_tuned_by_themselves()
    {
        var yaml = SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm]\n  length: [10, 20]\n  hidden: [4, 8]", StringComparison.Ordinal) + "\ntune: { over: { lr: { log: [1e-4, 1e-1] } }, trials: 4";
        Plan(yaml + " }").Stages!.Tune!.Arms.Count.ShouldBe(8);
        var arms = Plan(yaml + ", per: [length] }").Stages!.Tune!.Arms;
        arms.Select(arm => arm.Label).Order(StringComparer.Ordinal).ShouldBe(["lstm T=10", "lstm T=20", "rnn T=10", "rnn T=20"]);
        arms.ShouldAllBe(arm => arm.Conditions.Count == 2);
        Plan(yaml + ", per: [cell] }").Stages!.Tune!.Arms.Select(arm => arm.Conditions.Count).ShouldBe([4, 4]);
    }

    [Fact]
    public void A_grid_has_every_combination()
    {
        var plan = Plan(SpecText.Small + "\ntune: { over: { lr: { log: [0.001, 0.1] }, clip_norm: [none, 1] }, sampler: grid, trials: 6, studies: 2 }");
        plan.Stages!.Tune!.Arms[0].Points.Take(6).Select(point => string.Join(' ', point)).ShouldBe(["0.001 none", "0.001 1", "0.01 none", "0.01 1", "0.1 none", "0.1 1"]);
        plan.Stages.Tune.Arms[0].Points.Skip(6).ShouldBe(plan.Stages.Tune.Arms[0].Points.Take(6));
    }

    /// <summary>Rungs of 1/4, 1/2 and all steps; each rung has half of the points of the one before.</summary>
    [Fact]
    public void Pruning_starts_with_all_points_for_a_part_of_the_steps()
    {
        var plan = Plan(SpecText.Small + Tune.Replace("studies: 3", "studies: 3\n  prune: halving", StringComparison.Ordinal));
        var tuning = plan.Stages!.Tune!;
        (tuning.Halving, tuning.Rungs).ShouldBe((new HalvingSpec(2, 3), 3));
        Enumerable.Range(0, 3).Select(tuning.TrialsOn).ShouldBe([144, 72, 36]);
        plan.Trials.Count.ShouldBe(144);
        plan.Trials.ShouldAllBe(trial => trial.Spec.Train.Steps == 25);
        plan.Conditions.ShouldAllBe(condition => condition.Trial.Train.Steps == 100);
        var document = PlanDocument.Of(plan, new Dictionary<string, Harness.Abstractions.Results.TrialState>(StringComparer.Ordinal), null);
        document.Stages!.Select(stage => (stage.Name, stage.Most)).ShouldBe([("tuning rung 1", 144), ("tuning rung 2", 72), ("tuning rung 3", 36), ("confirmation", 6)]);
        document.Trials.Total.ShouldBe(258);
        PlanText.Human(document).ShouldContain("pruned by halving: 8 points for 1/4 of the steps, 4 for 1/2, 2 in full");

        var warm = SpecText.Small.Replace("batch: 4", "batch: 4, optimizer: { schedule: { kind: cosine, warm_up: 30 } }", StringComparison.Ordinal);
        SpecText.Problems(warm + "\ntune: { over: { lr: { log: [1e-4, 1] } }, prune: halving }").ShouldHaveSingleItem()
            .ShouldEndWith("the first rung of rnn ends after 25 steps, before its learning rate has warmed up (30 steps)");

        var thirds = Plan(SpecText.Small + Tune.Replace("studies: 3", "prune: halving\n  eta: 3\n  rungs: 2", StringComparison.Ordinal)).Stages!.Tune!;
        (thirds.Halving!.PointsOf(1, 8), thirds.Halving.StepsOf(0, 100), thirds.Halving.StepsOf(1, 100)).ShouldBe((3, 34, 100));
    }

    [Fact]
    public void A_search_by_time_starts_with_two_points_and_keeps_the_others_ready()
    {
        var plan = Plan(SpecText.Small + Tune.Replace("trials: 8", "seconds: 60", StringComparison.Ordinal));
        var tuning = plan.Stages!.Tune!;
        (tuning.Seconds, tuning.Trials, tuning.CertainPoints).ShouldBe((60, 64, 2));
        plan.Trials.Count.ShouldBe(3 * 2 * 2 * 3);
        plan.Candidates.Count.ShouldBe(3 * 62 * 3);
        // The points are those that a search by number draws.
        var counted = Plan(SpecText.Small + Tune.Replace("trials: 8", "trials: 64", StringComparison.Ordinal));
        tuning.Arms[1].Points.ShouldBe(counted.Stages!.Tune!.Arms[1].Points);
        var document = PlanDocument.Of(plan, new Dictionary<string, Harness.Abstractions.Results.TrialState>(StringComparer.Ordinal), null);
        document.Stages!.Select(stage => (stage.Name, stage.Least, stage.Most)).ShouldBe([("tuning", 36, 1152), ("confirmation", 6, 6)]);
        PlanText.Human(document).ShouldContain("tuning: points (sobol) for 1 min 0 s of training of each condition in each of 3 studies");
    }

    [Theory]
    [InlineData("tune: { trials: 8 }", "1 HRN014 the search has no settings")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1e-1] } }, trials: { lstm: 16, gru: 8 } }", "1 HRN021 \"trials\" differs between arms: an arm that is searched longer finds better settings by luck alone")]
    [InlineData("tune: { over: { lr: { log: [1e-1, 1e-4] } } }", "1 HRN013 nothing lies evenly between 1e-1 and 1e-4")]
    [InlineData("tune: { over: { lr: { log: [0, 1] } } }", "1 HRN013 nothing lies evenly between 0 and 1")]
    [InlineData("tune: { over: { lr: { lin: [1, 2] } } }", "1 HRN003 unknown key \"lin\"")]
    [InlineData("tune: { over: { hidden: [8, 16] } }", "1 HRN016 \"hidden\" cannot be tuned: it is part of what is compared, or changes what a trial costs")]
    [InlineData("tune: { over: { lrr: [8, 16] } }", "1 HRN003 unknown key \"lrr\"")]
    [InlineData("tune: { over: { forget_bias: { arms: gru, values: [1, 2] }, lr: { log: [1e-4, 1] } } }", "1 HRN019 no arm that it is tuned for has \"forget_bias\"")]
    [InlineData("tune: { over: { lr: { arms: lstn, log: [1e-4, 1] } } }", "1 HRN025 there is no arm \"lstn\"")]
    [InlineData("tune: { over: { lr: { arms: lstm, log: [1e-4, 1] } } }", "1 HRN021 nothing is searched for rnn: it would be compared untuned with tuned arms")]
    [InlineData("tune: { over: { lr: [1e-3] } }", "1 HRN021 one value is no search")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, eta: 3 }", "1 HRN021 \"eta\" has no meaning unless points are pruned")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, prune: thirds }", "1 HRN012 unknown prune \"thirds\"")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, prune: halving, rungs: 5 }", "1 HRN021 the first rung of rnn has 7 of 100 steps: too few to tell points apart")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, prune: halving, trials: 2 }", "1 HRN021 2 points leave nothing to choose from after 2 rungs")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, seconds: 60, trials: 8 }", "1 HRN021 the budget of a search is either a number of points or a time")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, seconds: 60, prune: halving }", "1 HRN021 \"prune\" fixes the number of points, but the budget is a time")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, seconds: 60, sampler: grid }", "1 HRN021 \"sampler\" fixes the number of points, but the budget is a time")]
    [InlineData("tune: { over: { lr: [1e-4, 1] }, seconds: 60 }", "1 HRN021 rnn has only 2 different points: a search by time may need up to 64")]
    [InlineData("tune: { over: { lr: { log: [1e-4, 1] } }, seconds: 0 }", "1 HRN013 seconds: 0 is out of range")]
    [InlineData("tune: { over: { lr: [1e-3, 1e-2] }, trials: 16 }", "1 HRN021 rnn has only 2 different points: its budget would be smaller than that of other arms")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1e-2] }, clip_norm: [none, 1, 2] }, sampler: grid, trials: 16 }", "1 HRN021 a grid for rnn cannot have 16 points")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1e-2] } }, trials: 10000, seeds: 10 }", "1 HRN020 conditions (3) × studies (1) × points (10000) × seeds (10) + 6 to confirm = 300,006 trials")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1000] } } }", "1 HRN013 lr: 1000 is out of range")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1e-2], linear: [1, 2] } } }", "1 HRN021 \"lr\" has two searches")]
    [InlineData("tune: { over: { init: { log: [1, 2] } } }", "1 HRN011 \"init\" has no range")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1e-2] } }, select: train.loss }", "1 HRN012 unknown metric \"train.loss\"")]
    [InlineData("tune: { over: { lr: { log: [1e-3, 1e-2] } }, per: [lenght] }", "1 HRN003 unknown key \"lenght\"")]
    public void Wrong_searches_are_refused_where_they_stand(string tune, string problem) =>
        SpecText.Problems(tune + "\n" + SpecText.Small).Select(text => text[..text.IndexOf(':', StringComparison.Ordinal)] + text[text.IndexOf(' ', StringComparison.Ordinal)..]).ShouldBe([problem]);

    [Fact]
    public void What_is_compared_or_given_is_not_tuned()
    {
        var search = "\ntune: { over: { lr: { log: [1e-4, 1e-1] } } }";
        SpecText.Problems(SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm, gru]\n  lr: [0.1, 0.2]", StringComparison.Ordinal) + search).ShouldHaveSingleItem().ShouldContain("is a factor of the matrix and tuned");
        SpecText.Problems(SpecText.Small.Replace("batch: 4", "batch: 4, optimizer: { lr: 0.1 }", StringComparison.Ordinal) + search).ShouldHaveSingleItem().ShouldContain("\"lr\" is given and tuned");
        SpecText.Problems(SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm, gru]\n  include: [{ cell: lstm, lr: 0.1, label: quick }]", StringComparison.Ordinal) + search).ShouldHaveSingleItem().ShouldContain("the arm quick gives it");
        SpecText.Problems(SpecText.Small.Replace("{ count: 2, base: 1 }", "[1, 1000002]", StringComparison.Ordinal) + search).ShouldHaveSingleItem().ShouldContain("are those of tuning");
        SpecText.Problems(SpecText.Small + "\nspeed: { measure: true }\ntune: { over: { clip_norm: [1, 2] }, trials: 2 }").ShouldHaveSingleItem().ShouldContain("speed is measured while");
        Plan(SpecText.Small + "\nspeed: { measure: true }" + search).TimingTrials.ShouldNotBeEmpty();
    }

    [Fact]
    public void The_plan_shows_stages_and_what_is_searched()
    {
        var document = PlanDocument.Of(Plan(SpecText.Small + Tune), new Dictionary<string, Abstractions.Results.TrialState>(StringComparer.Ordinal), null);
        document.Stages!.ShouldBe([new PlanStage("tuning", 144, 144, 144), new PlanStage("confirmation", 6, 6, 6)]);
        document.Trials.Total.ShouldBe(150);
        var text = PlanText.Human(document);
        text.ShouldContain("small  tuning (144) + confirmation (6) = 150 trials");
        text.ShouldContain("tuning: 8 points (sobol) for each arm in each of 3 studies, each on 2 seeds (1000001 to 1000006), chosen by eval.loss");
        text.ShouldContain("rnn, gru: lr 0.0001 … 0.1 (log), clip_norm none | 1\n");
        text.ShouldContain("lstm: lr 0.0001 … 0.1 (log), clip_norm none | 1, forget_bias drawn | 1 | 2\n");
    }

    [Fact]
    public void A_hundred_thousand_trials_are_tuned_each_with_its_own_identity()
    {
        var yaml = SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm]\n  length: { from: 20, to: 39, steps: 20 }", StringComparison.Ordinal) + "\ntune: { over: { lr: { log: [1e-4, 1e-1] }, clip_norm: { log: [0.1, 10] } }, trials: 312, seeds: 2, studies: 4 }";
        var plan = Plan(yaml);
        plan.Trials.Count.ShouldBe(99_840);
        plan.Trials.Select(trial => trial.Id).ShouldBeUnique(StringComparer.Ordinal);
    }

    private static ExperimentPlan Plan(string yaml) => ExperimentPlanner.Plan(SpecText.Spec(yaml));
}
