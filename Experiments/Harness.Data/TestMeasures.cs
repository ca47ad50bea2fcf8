using Harness.Abstractions.Metrics;

namespace Harness.Data;

/// <summary>The measures of <see cref="MetricCatalog.TestMeasures"/>, from answers and predictions.</summary>
public static class TestMeasures
{
    /// <summary>Errors of forecasts, in the target's own unit where they have one.</summary>
    /// <param name="truth">The right answers.</param>
    /// <param name="predicted">One for each of them.</param>
    /// <param name="scale">What <see cref="NaiveScale"/> returns; null leaves MASE out.</param>
    public static IReadOnlyList<(string Metric, double Value)> OfNumbers(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted, double? scale)
    {
        if (truth.IsEmpty) return [];
        double square = 0, absolute = 0, percent = 0;
        for (var i = 0; i < truth.Length; i++)
        {
            var miss = Math.Abs(truth[i] - predicted[i]);
            square += miss * miss;
            absolute += miss;
            if (miss > 0) percent += 2 * miss / (Math.Abs(truth[i]) + Math.Abs(predicted[i]));
        }

        var mean = absolute / truth.Length;
        List<(string, double)> found = [(MetricCatalog.TestRootMeanSquare, Math.Sqrt(square / truth.Length)), (MetricCatalog.TestMeanAbsolute, mean)];
        if (scale > 0) found.Add((MetricCatalog.TestScaledError, mean / scale.Value));
        found.Add((MetricCatalog.TestPercentError, percent / truth.Length));
        return found;
    }

    /// <summary>Root mean square and mean absolute error by the place of an answer in its sequence.</summary>
    /// <param name="answers">Answers of a sequence; both spans hold one sequence after another.</param>
    public static (double[] RootMeanSquares, double[] MeanAbsolutes) OfSteps(ReadOnlySpan<double> truth, ReadOnlySpan<double> predicted, int answers)
    {
        var (squares, absolutes) = (new double[answers], new double[answers]);
        for (var i = 0; i < truth.Length; i++)
        {
            var miss = Math.Abs(truth[i] - predicted[i]);
            squares[i % answers] += miss * miss;
            absolutes[i % answers] += miss;
        }

        double count = truth.Length / answers;
        return (Array.ConvertAll(squares, square => Math.Sqrt(square / count)), Array.ConvertAll(absolutes, absolute => absolute / count));
    }

    /// <summary>Measures in which every class counts the same.</summary>
    /// <param name="confusion">[right class][answered class], row by row.</param>
    public static IReadOnlyList<(string Metric, double Value)> OfClasses(ReadOnlySpan<int> confusion, int classes)
    {
        var (asked, answered) = (new long[classes], new long[classes]);
        for (var right = 0; right < classes; right++)
        {
            for (var answer = 0; answer < classes; answer++)
            {
                asked[right] += confusion[right * classes + answer];
                answered[answer] += confusion[right * classes + answer];
            }
        }

        var (recalls, scores) = (new List<double>(), new List<double>());
        for (var each = 0; each < classes; each++)
        {
            double right = confusion[each * classes + each];
            if (asked[each] > 0) recalls.Add(right / asked[each]);
            if (asked[each] + answered[each] > 0) scores.Add(2 * right / (asked[each] + answered[each]));
        }

        return recalls.Count == 0 ? [] : [(MetricCatalog.TestBalancedAccuracy, recalls.Average()), (MetricCatalog.TestMacroF1, scores.Average())];
    }

    /// <param name="loss">Mean cross-entropy of a character, in nats.</param>
    public static IReadOnlyList<(string Metric, double Value)> OfText(double loss) => [(MetricCatalog.TestBits, loss / Math.Log(2)), (MetricCatalog.TestPerplexity, Math.Exp(loss))];

    /// <summary>How often each class was answered for each right one: [right class][answered class], row by row.</summary>
    public static int[] Confusion(ReadOnlySpan<int> truth, ReadOnlySpan<int> answered, int classes)
    {
        var counts = new int[classes * classes];
        for (var i = 0; i < truth.Length; i++) counts[truth[i] * classes + answered[i]]++;
        return counts;
    }

    /// <summary>
    /// The scale of MASE: the mean absolute change over one season within the training rows of each series, over one row where the data have no season; null where it is 0 or unknown.
    /// </summary>
    public static double? NaiveScale(CsvSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Selection.IsClassification || series.Selection.IsWhole) return null;
        var lag = SeriesBaselines.SeasonOf(series) ?? 1;
        var (sum, count) = (0.0, 0);
        foreach (var group in series.Groups)
        {
            for (var row = group.Start + lag; row < group.End; row++)
            {
                var change = Math.Abs(series.Target[row] - series.Target[row - lag]);
                if (series.Parts[row] != RowPart.Train || series.Parts[row - lag] != RowPart.Train || double.IsNaN(change)) continue;
                sum += change;
                count++;
            }
        }

        return sum > 0 ? sum / count : null;
    }
}
