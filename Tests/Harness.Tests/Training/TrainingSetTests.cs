using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>Training sets that are fixed beforehand, and wrong answers among the right ones.</summary>
public sealed class TrainingSetTests
{
    private static TrainingSet Create(string kind, int batch, int? sequences = null, double? noise = null, long seed = 3, int length = 12) =>
        new(SequenceTask.Create(Trials.Task(kind, length))!, new(100, batch, new(OptimizerKind.Adam, 0.01), null, Sequences: sequences, LabelNoise: noise), seed);

    private static string[] Sequences(SequenceBatch batch) =>
        [.. Enumerable.Range(0, batch.Count).Select(b => string.Join(' ', Enumerable.Range(0, batch.Shape.Steps * batch.Shape.InputSize).Select(i => batch.Inputs[(i / batch.Shape.InputSize * batch.Count + b) * batch.Shape.InputSize + i % batch.Shape.InputSize])))];

    [Fact]
    public void Without_a_size_every_step_draws_the_tasks_own_fresh_batch()
    {
        var task = SequenceTask.Create(Trials.Task("adding", 12))!;
        for (var step = 1; step < 5; step++) Create("adding", 4).Batch(step).Inputs.ShouldBe(task.TrainingBatch(3, step, 4).Inputs);
    }

    [Theory]
    [InlineData(10, 4)]
    [InlineData(7, 20)]
    [InlineData(1, 3)]
    public void Every_epoch_goes_once_through_all_fixed_sequences_in_an_order_of_its_own(int count, int batch)
    {
        var set = Create("adding", batch, count);
        var all = Sequences(set.FixedSequences(0, count));
        all.Distinct(StringComparer.Ordinal).Count().ShouldBe(count);
        var walked = Enumerable.Range(1, 12).SelectMany(step => Sequences(set.Batch(step))).ToArray();
        var epochs = walked.Chunk(count).Where(epoch => epoch.Length == count).ToArray();
        foreach (var epoch in epochs) epoch.Order(StringComparer.Ordinal).ShouldBe(all.Order(StringComparer.Ordinal));
        if (count > 3) epochs.Select(epoch => string.Join('|', epoch)).Distinct(StringComparer.Ordinal).Count().ShouldBeGreaterThan(1);
    }

    [Fact]
    public void Batches_of_a_fixed_set_are_pure_functions_of_seed_and_step()
    {
        var direct = Create("latch", 8, 30, 0.3).Batch(40);
        var walking = Create("latch", 8, 30, 0.3);
        for (var step = 1; step < 40; step++) walking.Batch(step);
        walking.Batch(40).Inputs.ShouldBe(direct.Inputs);
        walking.Batch(40).Classes.ShouldBe(direct.Classes);
        Create("latch", 8, 30, 0.3, seed: 4).Batch(40).Inputs.ShouldNotBe(direct.Inputs);
        Create("latch", 8, 30).FixedSequences(10, 50).Count.ShouldBe(20);
        Sequences(Create("latch", 8, 30).FixedSequences(10, 5)).ShouldBe(Sequences(Create("latch", 8, 30).FixedSequences(0, 30))[10..15]);
    }

    [Theory]
    [InlineData("latch", 0.25)]
    [InlineData("parity", 0.5)]
    [InlineData("copy-memory", 0.1)]
    public void The_asked_share_of_the_classes_is_replaced_by_other_classes_and_no_input_changes(string kind, double share)
    {
        var (right, noisy) = (Create(kind, 4000).Batch(1), Create(kind, 4000, noise: share).Batch(1));
        noisy.Inputs.ShouldBe(right.Inputs);
        var asked = right.Classes.Length;
        var replaced = right.Classes.Zip(noisy.Classes).Count(pair => pair.First != pair.Second);
        ((double)replaced / asked).ShouldBe(share, 4 * Math.Sqrt(share * (1 - share) / asked));
        noisy.Classes.ShouldAllBe(answer => answer >= 0 && answer < right.Shape.OutputSize);
    }

    [Fact]
    public void Where_nothing_is_asked_nothing_is_replaced()
    {
        var (right, noisy) = (Create("anbn", 500).Batch(1), Create("anbn", 500, noise: 1).Batch(1));
        right.Classes.Zip(noisy.Classes).ShouldAllBe(pair => pair.First == SequenceBatch.Ignored ? pair.Second == SequenceBatch.Ignored : pair.Second != pair.First);
    }

    [Fact]
    public void Numbers_are_replaced_by_another_sequences_answer()
    {
        var (right, noisy) = (Create("adding", 4000).Batch(1), Create("adding", 4000, noise: 0.3).Batch(1));
        right.Values.Zip(noisy.Values).Count(pair => pair.First != pair.Second).ShouldBeInRange(1080, 1320);
        // Sums of two numbers, independent of the right ones: their mean is the same, their covariance gone.
        var wrong = right.Values.Zip(noisy.Values).Where(pair => pair.First != pair.Second).ToArray();
        wrong.Average(pair => pair.Second).ShouldBe(1, 0.06);
        wrong.Average(pair => (pair.First - 1) * (pair.Second - 1)).ShouldBe(0, 0.02);
    }

    [Fact]
    public void Evaluations_see_right_answers_and_the_set_loss_the_trained_ones()
    {
        var spec = Trials.Spec(task: "latch", steps: 4);
        float Last(TrialSpec trial, string metric) => Trials.Curve(Trials.Run(trial).Frames, metric).Values.Last();
        TrialSpec With(double? noise) => spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Sgd, 1e-12), Sequences = 40, LabelNoise = noise } };

        // Weights that hardly move make the two trials differ in their answers only.
        Last(With(1), "eval.loss").ShouldBe(Last(With(null), "eval.loss"), 1e-6);
        Math.Abs(Last(With(1), "train.set_loss") - Last(With(null), "train.set_loss")).ShouldBeGreaterThan(1e-4f);
    }

    [Fact]
    public void The_gap_is_in_baselines_and_a_diverged_trial_has_none()
    {
        var outcome = new TrialOutcome { Kind = OutcomeKind.Completed, Steps = 10, FinalLoss = 0.5, BestLoss = 0.5, BaselineLoss = 1.5, Solved = false, Parameters = 1, ParametersTotal = 1, TrainSeconds = 0, EvaluationSeconds = 0, ProbeSeconds = 0 };
        var metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { ["train.set_loss"] = new([10], [0.125f]), ["test.loss"] = new([10], [0.75f]) };
        var trial = new TrialResult("a", 1, TrialState.Completed, outcome, 1, null, null, null, metrics, []);
        TrialMetrics.ValueOf(trial, "generalization_gap").ShouldNotBeNull().ShouldBe(0.25, 1e-12);
        TrialMetrics.ValueOf(trial, "train.set_loss").ShouldBe(0.125);
        TrialMetrics.ValueOf(trial, "test.loss").ShouldBe(0.75);
        TrialMetrics.ValueOf(trial with { Metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) }, "generalization_gap").ShouldBeNull();
        TrialMetrics.ValueOf(trial with { State = TrialState.Diverged }, "generalization_gap").ShouldBeNull();
        TrialMetrics.ValueOf(trial with { State = TrialState.Diverged }, "test.loss").ShouldBe(double.PositiveInfinity);
    }
}
