using Harness.Abstractions.Catalog;
using Harness.Reports.Model;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

public sealed class TaskTests
{
    private static SequenceTask Create(string kind, int length, params (string Name, string Value)[] parameters) =>
        SequenceTask.Create(Trials.Task(kind, length, parameters))!;

    public static TheoryData<string> Kinds => [.. TaskCatalog.All.Where(task => !task.ReadsFile).Select(task => task.Kind)];

    [Fact]
    public void Every_task_of_the_catalogue_has_a_generator_and_the_other_way_round() =>
        Implementations<SequenceTask>.Names.Order(StringComparer.Ordinal).ShouldBe(TaskCatalog.All.Select(task => task.Kind).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Kinds))]
    public void A_batch_is_a_pure_function_of_seed_and_step_and_knows_no_history(string kind)
    {
        var direct = Create(kind, 20).TrainingBatch(5, 9, 4);
        var task = Create(kind, 20);
        for (var step = 1; step < 9; step++) task.TrainingBatch(5, step, 4);
        task.Evaluation(5, 0, 10);
        var later = task.TrainingBatch(5, 9, 4);

        later.Inputs.ShouldBe(direct.Inputs);
        later.Values.ShouldBe(direct.Values);
        later.Classes.ShouldBe(direct.Classes);
        task.TrainingBatch(5, 10, 4).Inputs.ShouldNotBe(direct.Inputs);
        task.TrainingBatch(6, 9, 4).Inputs.ShouldNotBe(direct.Inputs);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_sequence_does_not_depend_on_how_many_others_are_in_its_batch(string kind)
    {
        var task = Create(kind, 20);
        var small = task.TrainingBatch(5, 3, 2);
        var large = task.TrainingBatch(5, 3, 8);
        for (var step = 0; step < task.Shape.Steps; step++)
            for (var sequence = 0; sequence < 2; sequence++)
                for (var channel = 0; channel < task.Shape.InputSize; channel++)
                    small.Inputs[(step * 2 + sequence) * task.Shape.InputSize + channel].ShouldBe(large.Inputs[(step * 8 + sequence) * task.Shape.InputSize + channel]);
    }

    [Theory, MemberData(nameof(Kinds))]
    public void The_evaluation_set_is_the_same_in_pieces_and_shares_no_sequence_with_training(string kind)
    {
        var task = Create(kind, 20);
        var whole = task.Evaluation(5, 0, 6);
        var tail = task.Evaluation(5, 4, 2);
        var channels = task.Shape.InputSize;
        for (var step = 0; step < task.Shape.Steps; step++)
            for (var i = 0; i < 2 * channels; i++)
                tail.Inputs[step * 2 * channels + i].ShouldBe(whole.Inputs[(step * 6 + 4) * channels + i]);
        task.TrainingBatch(5, 1, 6).Inputs.ShouldNotBe(whole.Inputs);
    }

    [Theory]
    [InlineData("anywhere")]
    [InlineData("halves")]
    public void The_adding_problem_marks_two_steps_and_asks_for_their_sum(string markers)
    {
        const int Length = 11, Count = 200;
        var batch = Create("adding", Length, ("markers", markers)).TrainingBatch(1, 1, Count);
        for (var b = 0; b < Count; b++)
        {
            var marked = Enumerable.Range(0, Length).Where(t => batch.Inputs[(t * Count + b) * 2 + 1] == 1).ToArray();
            marked.Length.ShouldBe(2);
            batch.Values[b].ShouldBe(marked.Sum(t => batch.Inputs[(t * Count + b) * 2]), 1e-6);
            if (markers == "halves")
            {
                marked[0].ShouldBeLessThan(Length / 2);
                marked[1].ShouldBeGreaterThanOrEqualTo(Length / 2);
            }
        }
    }

    [Fact]
    public void Predicting_the_mean_of_the_adding_problem_costs_a_sixth()
    {
        // The standard error of this estimate over n sequences is 0.197/√n: 0.0014 here.
        var task = Create("adding", 10);
        task.BaselineLoss(task.Evaluation(1, 0, 20_000)).ShouldBe(1 / 6.0, 0.005);
    }

    [Theory]
    [InlineData("2", 4)]
    [InlineData("3", 8)]
    public void Temporal_order_classes_are_equally_frequent_and_cost_the_logarithm_of_their_number(string symbols, int classes)
    {
        var task = Create("temporal-order", 30, ("symbols", symbols));
        var set = task.Evaluation(1, 0, 8_000);
        task.Shape.OutputSize.ShouldBe(classes);
        for (var c = 0; c < classes; c++) ((double)set.Classes.Count(value => value == c)).ShouldBe(8_000.0 / classes, 800.0 / classes);
        task.BaselineLoss(set).ShouldBe(Math.Log(classes), 0.005);
    }

    [Theory]
    [InlineData("2", 100, new[] { 10, 50 }, new[] { 20, 60 })]
    [InlineData("3", 100, new[] { 10, 33, 66 }, new[] { 20, 43, 76 })]
    [InlineData("2", 10, new[] { 1, 5 }, new[] { 2, 6 })]
    [InlineData("3", 10, new[] { 1, 3, 6 }, new[] { 2, 4, 7 })]
    public void Temporal_order_shows_its_symbols_within_the_windows_and_asks_for_their_order(string symbols, int length, int[] from, int[] to)
    {
        const int Count = 300;
        var batch = Create("temporal-order", length, ("symbols", symbols)).TrainingBatch(1, 1, Count);
        var seen = from.Select(_ => new HashSet<int>()).ToArray();
        for (var b = 0; b < Count; b++)
        {
            int Symbol(int t) => Enumerable.Range(0, 6).Single(s => batch.Inputs[(t * Count + b) * 6 + s] == 1);
            var placed = Enumerable.Range(0, length).Where(t => Symbol(t) >= 4).ToArray();
            placed.Length.ShouldBe(from.Length);
            for (var i = 0; i < placed.Length; i++) seen[i].Add(placed[i]);
            batch.Classes[b].ShouldBe(placed.Aggregate(0, (order, t) => 2 * order + Symbol(t) - 4));
        }

        for (var i = 0; i < from.Length; i++) (seen[i].Min(), seen[i].Max()).ShouldBe((from[i], to[i]));
    }
}
