using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

/// <summary>What each further task shows and asks, against its definition.</summary>
public sealed class MoreTaskTests
{
    private static SequenceTask Create(string kind, int length, params (string Name, string Value)[] parameters) => SequenceTask.Create(Trials.Task(kind, length, parameters))!;

    /// <summary>The one-hot symbols of a sequence, −1 where a step is silent.</summary>
    private static int[] Symbols(SequenceBatch batch, int sequence)
    {
        var channels = batch.Shape.InputSize;
        return [.. Enumerable.Range(0, batch.Shape.Steps).Select(step => Array.IndexOf(batch.Inputs[((step * batch.Count + sequence) * channels)..((step * batch.Count + sequence + 1) * channels)], 1f))];
    }

    private static long[] Answers(SequenceBatch batch, int sequence) => [.. Enumerable.Range(0, batch.Shape.LossSteps).Select(step => batch.Classes[step * batch.Count + sequence])];

    [Fact]
    public void Every_task_has_a_sample_that_shows_what_is_asked()
    {
        foreach (var definition in TaskCatalog.All.Where(definition => !definition.ReadsFile))
        {
            var task = Create(definition.Kind, definition.MinimumLength + 20);
            var sample = TaskExample.Of(task, seed: 3);
            (sample.Length, sample.Steps, sample.InputSize).ShouldBe((task.Shape.Steps, task.Shape.Steps, task.Shape.InputSize), definition.Kind);
            sample.Inputs.ShouldBe(task.Evaluation(3, 0, 1).Inputs, definition.Kind);
            sample.AnswerSteps.Length.ShouldBeGreaterThan(0, definition.Kind);
            (sample.Classes?.Length ?? sample.Values!.Length).ShouldBe(sample.AnswerSteps.Length, definition.Kind);
        }

        var adding = TaskExample.Of(Create("adding", 30), seed: 1);
        adding.Values!.Single().ShouldBe(adding.RelevantSteps.Sum(step => adding.Inputs[2 * step]), 1e-6f);
        var copy = TaskExample.Of(Create("copy-memory", 700, ("items", "5")), seed: 1);
        (copy.Length, copy.Steps, copy.AnswerSteps.Length).ShouldBe((710, TaskSample.MostSteps, TaskSample.MostAnswers));
        var ragged = TaskExample.Of(SequenceTask.Create(Trials.Task("latch", 40) with { Shortest = 5 })!, seed: 1);
        (ragged.AnswerSteps.Single(), ragged.Inputs.Length).ShouldBe((ragged.Length - 1, ragged.Length * ragged.InputSize));
    }

    [Theory]
    [InlineData(20, 10)]
    [InlineData(50, 10)]
    [InlineData(1, 3)]
    public void Copy_memory_asks_for_its_symbols_after_the_delimiter(int delay, int symbols)
    {
        var task = Create("copy-memory", delay, ("items", symbols.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var batch = task.TrainingBatch(1, 1, 50);
        task.Shape.Steps.ShouldBe(delay + 2 * symbols);
        for (var b = 0; b < 50; b++)
        {
            var (shown, asked) = (Symbols(batch, b), Answers(batch, b));
            shown[..symbols].ShouldAllBe(symbol => symbol >= 1 && symbol <= 8);
            shown[symbols..].ShouldBe([.. Enumerable.Repeat(0, delay - 1), 9, .. Enumerable.Repeat(0, symbols)]);
            asked.ShouldBe([.. Enumerable.Repeat(0L, delay + symbols), .. shown[..symbols].Select(symbol => (long)symbol)]);
        }
    }

    [Theory]
    [InlineData(20, 4)]
    [InlineData(3, 10)]
    [InlineData(1, 1)]
    public void Selective_copying_asks_for_its_symbols_in_order_wherever_they_lay(int blanks, int symbols)
    {
        var task = Create("selective-copy", blanks, ("items", symbols.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var batch = task.TrainingBatch(1, 1, 400);
        var asked = blanks + symbols;
        task.Shape.Steps.ShouldBe(asked + symbols);
        var shares = new int[asked];
        for (var b = 0; b < 400; b++)
        {
            var shown = Symbols(batch, b);
            var kept = Enumerable.Range(0, asked).Where(step => shown[step] != 0).ToArray();
            kept.Length.ShouldBe(symbols);
            foreach (var step in kept) shares[step]++;
            shown[asked..].ShouldAllBe(symbol => symbol == 9);
            Answers(batch, b).ShouldBe([.. kept.Select(step => shown[step] - 1L)]);
        }

        // Every place is as likely as any other: within five standard errors.
        var share = symbols / (double)asked;
        shares.ShouldAllBe(count => Math.Abs(count / 400.0 - share) < 5 * Math.Sqrt(share * (1 - share) / 400) + 1e-9);
        task.BaselineLoss(task.Evaluation(1, 0, 400)).ShouldBe(Math.Log(8), 0.1);
    }

    [Theory]
    [InlineData(20, 0.5199)]
    [InlineData(50, 0.2971)]
    [InlineData(100, 0.1733)]
    [InlineData(1000, 0.02039)]
    public void Copy_memory_costs_ten_logarithms_of_eight_without_memory(int delay, double loss)
    {
        var task = Create("copy-memory", delay);
        task.BaselineLoss(task.Evaluation(1, 0, 1000)).ShouldBe(loss, loss * 0.002);
    }

    [Fact]
    public void Latch_asks_for_its_first_symbol_and_shows_it_only_once()
    {
        var batch = Create("latch", 15, ("classes", "3")).TrainingBatch(1, 1, 300);
        for (var b = 0; b < 300; b++)
        {
            var shown = Symbols(batch, b);
            batch.Classes[b].ShouldBe(shown[0] - 4);
            shown[1..].ShouldAllBe(symbol => symbol >= 0 && symbol < 4);
        }

        for (var c = 0; c < 3; c++) batch.Classes.Count(value => value == c).ShouldBeInRange(70, 130);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("lengths")]
    public void Parity_is_that_of_the_bits_shown(string curriculum)
    {
        var batch = Create("parity", 9, ("curriculum", curriculum)).TrainingBatch(1, 1, 400);
        var silent = new HashSet<int>();
        for (var b = 0; b < 400; b++)
        {
            var shown = Enumerable.Range(0, 9).Select(step => batch.Inputs[step * 400 + b]).ToArray();
            batch.Classes[b].ShouldBe(shown.Count(bit => bit == 1) % 2);
            var first = shown.TakeWhile(bit => bit == 0).Count();
            shown[first..].ShouldAllBe(bit => bit == 1 || bit == -1);
            silent.Add(first);
        }

        silent.Order().ShouldBe(curriculum == "none" ? [0] : Enumerable.Range(0, 9));
    }

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    public void Majority_is_the_sign_of_the_sum_and_there_are_no_ties(int length)
    {
        var task = Create("majority", length);
        var batch = task.TrainingBatch(1, 1, 400);
        for (var b = 0; b < 400; b++)
        {
            var sum = Enumerable.Range(0, length).Sum(step => batch.Inputs[step * 400 + b]);
            sum.ShouldNotBe(0);
            batch.Classes[b].ShouldBe(sum > 0 ? 1 : 0);
        }

        task.BaselineLoss(task.Evaluation(1, 0, 4000)).ShouldBe(Math.Log(2), 0.002);
    }

    [Fact]
    public void Counting_asks_at_every_b_for_the_next_symbol_and_ends_at_the_last_step()
    {
        const int Length = 12, Count = 400;
        var task = Create("anbn", Length);
        var batch = task.TrainingBatch(1, 1, Count);
        var seen = new HashSet<int>();
        for (var b = 0; b < Count; b++)
        {
            var shown = Symbols(batch, b);
            var n = shown.Count(symbol => symbol == 1);
            seen.Add(n);
            shown.ShouldBe([.. Enumerable.Repeat(-1, Length - 1 - 2 * n), 0, .. Enumerable.Repeat(1, n), .. Enumerable.Repeat(2, n)]);
            var asked = Answers(batch, b);
            asked[..^n].ShouldAllBe(answer => answer == SequenceBatch.Ignored);
            asked[^n..].ShouldBe([.. Enumerable.Repeat(1L, n - 1), 2]);
        }

        seen.Order().ShouldBe(Enumerable.Range(1, 5));
        batch.Classes.ShouldContain(answer => answer == SequenceBatch.Ignored);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("6")]
    public void Mackey_Glass_asks_for_its_own_future_and_follows_its_equation(string horizon)
    {
        var ahead = int.Parse(horizon, System.Globalization.CultureInfo.InvariantCulture);
        var batch = Create("mackey-glass", 200, ("horizon", horizon)).TrainingBatch(1, 1, 3);
        for (var b = 0; b < 3; b++)
        {
            var x = Enumerable.Range(0, 200).Select(step => (double)batch.Inputs[step * 3 + b]).ToArray();
            for (var step = 0; step + ahead < 200; step++) batch.Values[step * 3 + b].ShouldBe((float)x[step + ahead]);
            // Over two units the mean slope is the right-hand side in between, up to the third derivative.
            for (var t = 20; t < 199; t++)
            {
                var slope = 0.2 * x[t - 17] / (1 + Math.Pow(x[t - 17], 10)) - 0.1 * x[t];
                ((x[t + 1] - x[t - 1]) / 2).ShouldBe(slope, 0.01);
            }

            x.Min().ShouldBeInRange(0.2, 0.7);
            x.Max().ShouldBeInRange(1.0, 1.5);
        }
    }

    [Theory]
    [InlineData("1")]
    [InlineData("3")]
    public void No_predictor_of_the_Markov_language_can_do_better_than_its_entropy_rate(string order)
    {
        const int Length = 60, Count = 2000;
        var k = int.Parse(order, System.Globalization.CultureInfo.InvariantCulture);
        var task = Create("markov", Length, ("order", order));
        var set = task.Evaluation(1, 0, Count);
        task.Shape.FirstLossStep.ShouldBe(k - 1);

        var counts = new Dictionary<string, double[]>(StringComparer.Ordinal);
        for (var b = 0; b < Count; b++)
        {
            var (shown, asked) = (Symbols(set, b), Answers(set, b));
            for (var step = k - 1; step < Length; step++)
            {
                if (step + 1 < Length) asked[step - k + 1].ShouldBe(shown[step + 1]);
                var context = string.Concat(shown[(step - k + 1)..(step + 1)]);
                if (!counts.TryGetValue(context, out var next)) counts[context] = next = new double[4];
                next[asked[step - k + 1]]++;
            }
        }

        counts.Count.ShouldBe(1 << (2 * k));
        var total = counts.Values.Sum(next => next.Sum());
        var entropy = -counts.Values.Sum(next => next.Where(count => count > 0).Sum(count => count / total * Math.Log(count / next.Sum())));
        double[] shares = [27 / 40.0, 9 / 40.0, 3 / 40.0, 1 / 40.0];
        entropy.ShouldBe(-shares.Sum(share => share * Math.Log(share)), 0.01);
        task.BaselineLoss(set).ShouldBeGreaterThan(entropy + 0.1);
    }

    [Fact]
    public void The_Markov_language_is_the_same_for_every_seed_and_another_number_is_another_language()
    {
        var (a, b) = (Create("markov", 400, ("order", "1")).Evaluation(1, 0, 20), Create("markov", 400, ("order", "1")).Evaluation(2, 0, 20));
        var other = Create("markov", 400, ("order", "1"), ("language", "2")).Evaluation(1, 0, 20);
        Likely(a).ShouldBe(Likely(b));
        Likely(other).ShouldNotBe(Likely(a));

        static int[] Likely(SequenceBatch set)
        {
            var counts = new int[4, 4];
            for (var s = 0; s < set.Count; s++)
                foreach (var (x, y) in Symbols(set, s).Zip(Symbols(set, s).Skip(1))) counts[x, y]++;
            return [.. Enumerable.Range(0, 4).Select(x => Enumerable.Range(0, 4).MaxBy(y => counts[x, y]))];
        }
    }

    [Fact]
    public void Only_where_sequences_can_be_right_is_there_an_accuracy()
    {
        foreach (var kind in TaskCatalog.All.Where(task => !task.ReadsFile).Select(task => task.Kind))
            Create(kind, 20).Shape.Graded.ShouldBe(kind is not ("adding" or "mackey-glass" or "markov"), kind);
    }

    [Fact]
    public void Task_parameters_of_the_catalogue_accept_their_own_defaults()
    {
        foreach (var definition in TaskCatalog.All.Where(task => !task.ReadsFile))
            Harness.Training.TrialCheck.Refuse(Trials.Spec() with { Task = Trials.Task(definition.Kind, Math.Max(12, definition.MinimumLength)) });
    }
}
