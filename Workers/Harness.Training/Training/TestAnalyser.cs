using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Backends;
using Harness.Training.Tasks;

namespace Harness.Training;

/// <summary>Analyses the answers of a trained network to the test part of a data file.</summary>
/// <param name="count">Sequences that are evaluated: those of <c>test.loss</c>.</param>
/// <param name="spec">The trial: its seed and its size are those of generated text.</param>
internal sealed class TestAnalyser(WindowTask task, ModelAnswers model, int count, TrialSpec spec)
{
    /// <summary>Windows on which the look-back is measured, and how many of them at once.</summary>
    private const int LookBackWindows = 200, LookBackChunk = 50;

    /// <summary>Answers of one pass, at most: bounds memory where every step of a text has thousands of scores.</summary>
    private const int MostScores = 4_000_000;

    /// <summary>The measures of the test part, and what is stored beside them.</summary>
    /// <param name="loss">The test loss.</param>
    public (IReadOnlyList<(string Metric, double Value)> Measures, TestAnalysis Analysis) Analyse(double loss)
    {
        var evaluated = task.EvaluatedTest(count);
        var analysis = new TestAnalysis(evaluated.Length) { LookBack = LookBack(evaluated) };
        if (task is TextTask text)
        {
            var made = new TextGenerator(text, model, spec.Seed).Generate(spec.Model.Hidden, spec.Model.Layers);
            return (TestMeasures.OfText(loss), analysis with { Prompt = made?.Prompt, Generated = made?.Texts });
        }

        var answer = task.Describe().Answer;
        var size = answer.IsRange ? answer.Size : 1;
        var stretch = task.TestStretch(Math.Clamp(TestAnalysis.StretchAnswers / size, 1, TestAnalysis.Stretch));
        int[] starts = [.. evaluated, .. stretch.Except(evaluated)];
        // A task that asks at every step has nothing to store, and no measures beside its loss.
        if (task.KeyOf(starts, count) is not { } key) return ([], analysis);
        var (predicted, probabilities) = Predict(starts, answer);
        analysis = analysis with { Answers = Stored(starts, key, predicted, probabilities, evaluated.Length, [.. stretch]) };
        var (truth, given) = (key.Truth[..(evaluated.Length * size)], predicted[..(evaluated.Length * size)]);
        if (!answer.IsClass) return (TestMeasures.OfNumbers(truth, given, task.NaiveScale), key.Steps is null ? analysis : analysis with { BySteps = BySteps(key, truth, given, size) });

        var classes = task.Shape.OutputSize;
        var confusion = TestMeasures.Confusion(Array.ConvertAll(truth, value => (int)value), Array.ConvertAll(given, value => (int)value), classes);
        return (TestMeasures.OfClasses(confusion, classes), analysis with
        {
            Classes = [.. answer.Classes!.Select(name => ShortText.Of(name))],
            Confusion = classes <= TestAnalysis.MostClasses ? confusion : null,
        });
    }

    private static StepErrors BySteps(TestKey key, double[] truth, double[] given, int size)
    {
        var (own, rival) = (TestMeasures.OfSteps(truth, given, size), TestMeasures.OfSteps(truth, key.Predicted.AsSpan(0, truth.Length), size));
        return new(key.Steps![..size], own.RootMeanSquares, own.MeanAbsolutes, key.Baseline, rival.RootMeanSquares, rival.MeanAbsolutes);
    }

    /// <summary>Numbers in the target's unit, those of a sequence after each other; or the likeliest classes, with their probabilities.</summary>
    private (double[] Predicted, double[]? Probabilities) Predict(int[] starts, ModelAnswer answer)
    {
        var size = answer.IsRange ? answer.Size : 1;
        var predicted = new double[starts.Length * size];
        var probabilities = answer.IsClass ? new double[starts.Length] : null;
        for (var first = 0; first < starts.Length; first += EvaluationSet.Chunk)
        {
            var batch = task.Sequences(starts[first..Math.Min(first + EvaluationSet.Chunk, starts.Length)]);
            var answers = model.Of(batch);
            for (var index = 0; index < batch.Count; index++)
            {
                var scores = ModelAnswers.Last(batch, answers, index);
                if (probabilities is null)
                {
                    for (var place = 0; place < size; place++) predicted[(first + index) * size + place] = answer.Target!.Restore(scores[place]);
                    continue;
                }

                var shares = ModelAnswers.Probabilities(scores);
                var best = Array.IndexOf(shares, shares.Max());
                (predicted[first + index], probabilities[first + index]) = (best, shares[best]);
            }
        }

        return (predicted, probabilities);
    }

    /// <summary>The answers that are kept, in the order of series and time: of the evaluated ones the first, which are spread over the test part, and the stretch at its start.</summary>
    private static PredictedAnswers Stored(int[] starts, TestKey key, double[] predicted, double[]? probabilities, int evaluated, HashSet<int> stretch)
    {
        var size = predicted.Length / starts.Length;
        var most = Math.Clamp(TestAnalysis.MostAnswers / size, 1, TestAnalysis.MostStored);
        int[] kept = [.. Enumerable.Range(0, predicted.Length).Where(index => index / size < most || stretch.Contains(starts[index / size])).OrderBy(index => key.Order[index]).ThenBy(index => key.Steps?[index])];
        string[] names = [.. kept.Select(index => key.Places[index].Series).OfType<string>().Distinct(StringComparer.Ordinal)];
        var numbers = names.Index().ToDictionary(each => each.Item, each => each.Index, StringComparer.Ordinal);
        return new(
            [.. kept.Select(index => key.Order[index])], [.. kept.Select(index => key.Places[index].AnswerRow ?? key.Places[index].LastRow)],
            [.. kept.Select(index => key.Truth[index])], [.. kept.Select(index => (float)predicted[index])],
            key.Baseline, [.. kept.Select(index => (float)key.Predicted[index])], [.. kept.Select(index => index / size < evaluated)])
        {
            Probabilities = probabilities is null ? null : [.. kept.Select(index => (float)probabilities[index])],
            Steps = key.Steps is { } steps ? [.. kept.Select(index => steps[index])] : null,
            Series = names.Length == 0 ? null : [.. names.Select(name => ShortText.Of(name))],
            SeriesOf = names.Length == 0 ? null : [.. kept.Select(index => numbers[key.Places[index].Series!])],
        };
    }

    /// <summary>
    /// The loss of the last answer when only the newest rows of a window are its own and the older ones are those of another window of the test part (permutation, Breiman 2001): values
    /// stay such as training has seen, but say nothing about the answer.
    /// </summary>
    private LookBackCurve? LookBack(int[] evaluated)
    {
        var (steps, windows) = (task.Shape.Steps, Math.Min(LookBackWindows, evaluated.Length));
        if (task.HasWholeSeries || steps < 2 || windows < 2) return null;
        int[] shown = [.. Shown(steps)];
        var losses = new double[shown.Length];
        var chunk = (int)Math.Clamp(MostScores / ((long)task.Shape.LossSteps * task.Shape.OutputSize), 1, LookBackChunk);
        for (var first = 0; first < windows; first += chunk)
        {
            var end = Math.Min(first + chunk, windows);
            var batch = task.Sequences(evaluated[first..end]);
            var donors = task.Sequences([.. Enumerable.Range(first, end - first).Select(index => evaluated[DonorOf(index, windows)])]);
            var (row, own) = (batch.Count * batch.Shape.InputSize, steps);
            for (var place = shown.Length - 1; place >= 0; place--)
            {
                Array.Copy(donors.Inputs, (steps - own) * row, batch.Inputs, (steps - own) * row, (own - shown[place]) * row);
                own = shown[place];
                var answers = model.Of(batch);
                for (var index = 0; index < batch.Count; index++) losses[place] += LossOf(batch, answers, index);
            }
        }

        return new(shown, [.. losses.Select(loss => loss / windows)], windows);
    }

    private static double LossOf(SequenceBatch batch, double[] answers, int index)
    {
        var last = ModelAnswers.Last(batch, answers, index);
        var place = (batch.Shape.LossSteps - 1) * batch.Count + index;
        if (batch.Shape.Loss == LossKind.MeanSquaredError)
        {
            double squares = 0;
            for (var output = 0; output < last.Length; output++)
            {
                var miss = last[output] - batch.Values[place * last.Length + output];
                squares += miss * miss;
            }

            return squares / last.Length;
        }

        double largest = double.NegativeInfinity, sum = 0;
        foreach (var score in last) largest = Math.Max(largest, score);
        foreach (var score in last) sum += Math.Exp(score - largest);
        return largest + Math.Log(sum) - last[(int)batch.Classes[place]];
    }

    /// <summary>1, 2, 3, 4, 6, 8, 12, 16, 24 … and the whole window.</summary>
    private static IEnumerable<int> Shown(int steps)
    {
        yield return 1;
        for (var power = 2; power < steps; power *= 2)
        {
            yield return power;
            if (power / 2 * 3 < steps && power > 1) yield return power / 2 * 3;
        }

        yield return steps;
    }

    /// <summary>Another window, at no fixed distance: one season away it would tell what its own past tells.</summary>
    private static int DonorOf(int window, int windows)
    {
        var bits = (uint)(window + 1) * 2654435761u;
        bits = (bits ^ (bits >> 16)) * 2246822519u;
        bits = (bits ^ (bits >> 13)) * 3266489917u;
        return (window + 1 + (int)((bits ^ (bits >> 16)) % (uint)(windows - 1))) % windows;
    }
}
