using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>Baselines of a series: fitted on the training part, evaluated on the sequences on which networks are.</summary>
/// <param name="inputs">Standardised, [input][row].</param>
/// <param name="target">Standardised, or the number of the class, by row; NaN for a missing one.</param>
/// <param name="unit">How the target is standardised; ignored for classes.</param>
/// <param name="fitted">What they took from the training part of another file; null fits them to this one's.</param>
public sealed class SeriesBaselines(CsvSeries series, SequenceSets sets, int length, HorizonRange horizon, float[][] inputs, float[] target, ScaledColumn unit, FittedBaselines? fitted = null)
{
    /// <summary>Values of its own past that the linear regression reads at most.</summary>
    public const int MostFeatures = 256;

    private const int MostFitted = 20_000;

    private List<(string Name, Func<int, int, double> Predict)>? numbers;
    private List<(string Name, Func<int, double[]> Predict)>? weights;
    private (bool AllInputs, RidgeRegression Model)? linear;
    private (double[] Frequencies, double[][]? Following)? counted;

    /// <summary>The season of the longest series' training part, in rows; null where it shows none.</summary>
    public static int? SeasonOf(CsvSeries series)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Selection.IsClassification || series.Selection.IsWhole || series.Groups.Count == 0) return null;
        var group = series.Groups.MaxBy(group => group.Count);
        return Season.Of([.. Enumerable.Range(group.Start, group.Count).Where(row => series.Parts[row] == RowPart.Train).Select(row => series.Target[row])]);
    }

    /// <summary>What they take from the training part.</summary>
    public FittedBaselines Fit()
    {
        if (fitted is not null) return fitted;
        if (series.Selection.IsClassification) return new() { Frequencies = Counted().Frequencies, Following = Counted().Following };
        if (series.Selection.IsWhole) return new();
        return new() { Season = SeasonOf(series), Linear = HasLinear ? LinearModel().Model.Stored(LinearModel().AllInputs) : null };
    }

    /// <summary>Mean absolute error of a baseline, in the target's unit.</summary>
    /// <param name="name">One that <see cref="Evaluate"/> names.</param>
    public double MeanAbsolute(string name, int[] sequences)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        var predict = Predictor(name);
        return unit.Deviation * sequences.Average(sequence => Ahead.Average(ahead => Math.Abs(TruthOf(sequence, ahead) - predict(sequence, ahead))));
    }

    /// <summary>All that apply, in the order of the catalogue.</summary>
    /// <param name="validation">The sequences of the evaluation set.</param>
    /// <param name="test">The sequences of the test set; empty for none.</param>
    public IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test) => series.Selection.IsClassification
        ? [.. Classes().Select(each => ScoreClasses(each.Name, each.Predict, validation, test))]
        : [.. Numbers().Select(each => ScoreNumbers(each.Name, each.Predict, validation, test))];

    /// <summary>What a baseline predicts for a sequence, so many rows beyond its last: a standardised number, or the number of a class.</summary>
    /// <param name="name">One that <see cref="Evaluate"/> names.</param>
    public Func<int, int, double> Predictor(string name)
    {
        if (!series.Selection.IsClassification) return Numbers().Single(each => each.Name == name).Predict;
        var weigh = Classes().Single(each => each.Name == name).Predict;
        return (sequence, _) => Likeliest(weigh(sequence));
    }

    /// <summary>The right answers of sequences, as <see cref="Predictor"/> has them.</summary>
    public double TruthOf(int sequence, int ahead) => target[AnswerOf(sequence, ahead)];

    /// <summary>Predictors by sequence and rows ahead.</summary>
    private List<(string Name, Func<int, int, double> Predict)> Numbers()
    {
        if (numbers is not null) return numbers;
        var scores = numbers = [];
        if (series.Selection.IsWhole)
        {
            Add(BaselineCatalog.Mean, (_, _) => 0);
            return scores;
        }

        Add(BaselineCatalog.Last, (start, _) => Known(start + length - 1));
        if ((fitted is null ? SeasonOf(series) : fitted.Season) is { } season) Add(BaselineCatalog.Seasonal, (start, ahead) => SeasonBefore(start, ahead, season));
        if (length > 1) Add(BaselineCatalog.Drift, (start, ahead) => Known(start + length - 1) + ahead * (Known(start + length - 1) - Known(start)) / (length - 1));
        Add(BaselineCatalog.Mean, (_, _) => 0);
        if (HasLinear) Add(BaselineCatalog.Linear, Linear());
        return scores;

        void Add(string name, Func<int, int, double> predict) => scores.Add((name, predict));
    }

    private BaselineScore ScoreNumbers(string name, Func<int, int, double> predict, int[] validation, int[] test)
    {
        var loss = Error(validation, predict);
        if (test.Length == 0) return new(name, loss, null);
        double[] right = [.. test.SelectMany(sequence => Ahead.Select(ahead => unit.Restore(TruthOf(sequence, ahead))))];
        double[] predicted = [.. test.SelectMany(sequence => Ahead.Select(ahead => unit.Restore(predict(sequence, ahead))))];
        return new(name, loss, Error(test, predict)) { Measures = TestMeasures.OfNumbers(right, predicted, TestMeasures.NaiveScale(series)) };
    }

    private IEnumerable<int> Ahead => Enumerable.Range(horizon.First, horizon.Count);

    private int AnswerOf(int sequence, int ahead) => series.Selection.IsWhole ? series.Groups[sequence].Start : sequence + length - 1 + ahead;

    /// <summary>A value of the past; the training part's mean where it is missing.</summary>
    private double Known(int row) => float.IsNaN(target[row]) ? 0 : target[row];

    /// <summary>The mean over sequences and the rows that are asked for.</summary>
    private double Error(int[] sequences, Func<int, int, double> predict)
    {
        double sum = 0;
        foreach (var sequence in sequences)
        {
            for (var ahead = horizon.First; ahead <= horizon.Last; ahead++)
            {
                var miss = target[AnswerOf(sequence, ahead)] - predict(sequence, ahead);
                sum += miss * miss;
            }
        }

        return sum / ((long)sequences.Length * horizon.Count);
    }

    /// <summary>The value one season before the answer, or as many as it takes to know it already; the last value where the series does not reach so far back.</summary>
    private double SeasonBefore(int start, int ahead, int season)
    {
        var last = start + length - 1;
        var row = last + ahead - season * ((ahead + season - 1) / season);
        var group = GroupOf(start);
        return row >= group.Start && !float.IsNaN(target[row]) ? target[row] : Known(last);
    }

    private RowGroup GroupOf(int row)
    {
        var (low, high) = (0, series.Groups.Count - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (series.Groups[middle].Start <= row) low = middle;
            else high = middle - 1;
        }

        return series.Groups[low];
    }

    private bool HasLinear => fitted is null ? sets.Train.Count >= 8 : fitted.Linear is not null;

    /// <summary>On the target's own past, or on all inputs where that errs less on the last fifth of the training part.</summary>
    private (bool AllInputs, RidgeRegression Model) LinearModel()
    {
        if (linear is { } known) return known;
        if (fitted?.Linear is { } stored) return (linear = (stored.AllInputs, RidgeRegression.Of(stored))).Value;
        var past = Fit(Math.Min(length, MostFeatures), WriteOwn);
        var width = length * inputs.Length;
        if (width > MostFeatures || inputs.Length < 2) return (linear = (false, past)).Value;
        var window = Fit(width, WriteAll);
        return (linear = window.HeldOutError >= past.HeldOutError ? (false, past) : (true, window)).Value;
    }

    private Func<int, int, double> Linear()
    {
        var (allInputs, model) = LinearModel();
        var row = new double[allInputs ? length * inputs.Length : Math.Min(length, MostFeatures)];
        return (start, ahead) =>
        {
            if (allInputs) WriteAll(start, row);
            else WriteOwn(start, row);
            return model.Predict(row, ahead - horizon.First);
        };
    }

    private void WriteOwn(int start, double[] row)
    {
        for (var i = 0; i < row.Length; i++) row[i] = Known(start + length - row.Length + i);
    }

    private void WriteAll(int start, double[] row)
    {
        for (var step = 0; step < length; step++)
            for (var input = 0; input < inputs.Length; input++) row[step * inputs.Length + input] = inputs[input][start + step];
    }

    private RidgeRegression Fit(int width, Action<int, double[]> write)
    {
        var count = Math.Min(MostFitted, sets.Train.Count);
        return RidgeRegression.Fit(count, width, horizon.Count, (index, row, answers) =>
        {
            var start = sets.Train[(int)((long)index * sets.Train.Count / count)];
            write(start, row);
            for (var place = 0; place < answers.Length; place++) answers[place] = target[AnswerOf(start, horizon.First + place)];
        });
    }

    /// <summary>How often each class comes, and how often after each other one where a class comes before the answer.</summary>
    private (double[] Frequencies, double[][]? Following) Counted()
    {
        if (counted is { } known) return known;
        if (fitted?.Frequencies is { } stored) return (counted = ([.. stored], fitted.Following?.Select(row => row.ToArray()).ToArray())).Value;
        var classes = series.Classes.Count;
        // Half an observation each: a class that training lacks is improbable, not impossible.
        var frequencies = new double[classes];
        Array.Fill(frequencies, 0.5);
        var hasPrevious = !series.Selection.IsWhole && horizon.First > 0;
        var following = hasPrevious ? Enumerable.Range(0, classes).Select(_ => (double[])frequencies.Clone()).ToArray() : null;
        for (var i = 0; i < sets.Train.Count; i++)
        {
            var answer = (int)TruthOf(sets.Train[i], horizon.First);
            frequencies[answer]++;
            if (following is not null && PreviousOf(sets.Train[i]) is { } previous) following[previous][answer]++;
        }

        return (counted = (frequencies, following)).Value;
    }

    private int? PreviousOf(int start) => float.IsNaN(target[start + length - 1]) ? null : (int)target[start + length - 1];

    private List<(string Name, Func<int, double[]> Predict)> Classes()
    {
        if (weights is not null) return weights;
        var (frequencies, following) = Counted();
        weights = [];
        if (following is not null) weights.Add((BaselineCatalog.Previous, sequence => PreviousOf(sequence) is { } previous ? following[previous] : frequencies));
        weights.Add((BaselineCatalog.Frequencies, _ => frequencies));
        return weights;
    }

    private BaselineScore ScoreClasses(string name, Func<int, double[]> weigh, int[] validation, int[] test)
    {
        var (loss, accuracy) = Score(validation, weigh);
        if (test.Length == 0) return new(name, loss, null, accuracy);
        var (testLoss, testAccuracy) = Score(test, weigh);
        int[] right = [.. test.Select(sequence => (int)TruthOf(sequence, horizon.First))], answered = [.. test.Select(sequence => Likeliest(weigh(sequence)))];
        var classes = series.Classes.Count;
        return new(name, loss, testLoss, accuracy, testAccuracy) { Measures = TestMeasures.OfClasses(TestMeasures.Confusion(right, answered, classes), classes) };
    }

    private static int Likeliest(double[] weights) => Array.IndexOf(weights, weights.Max());

    private (double Loss, double Accuracy) Score(int[] sequences, Func<int, double[]> weigh)
    {
        double loss = 0, right = 0;
        foreach (var sequence in sequences)
        {
            var (weights, answer) = (weigh(sequence), (int)TruthOf(sequence, horizon.First));
            loss -= Math.Log(weights[answer] / weights.Sum());
            if (Likeliest(weights) == answer) right++;
        }

        return (loss / sequences.Length, right / sequences.Length);
    }
}
