namespace Harness.Abstractions.Results;

/// <summary>What a trained network answered on the test part of a data file, and how much of the past it needed.</summary>
/// <param name="Windows">Sequences of the test part that were evaluated. All of them count in the measures and in the confusion matrix.</param>
public sealed record TestAnalysis(int Windows)
{
    /// <summary>Evaluated sequences whose answers are stored, at most.</summary>
    public const int MostStored = 2_000;

    /// <summary>Sequences from the start of the test part that are stored one after another, evaluated or not: a stretch to look at.</summary>
    public const int Stretch = 300;

    /// <summary>Answers that are stored of the evaluated sequences and of the stretch, at most, where a sequence has several. At least one sequence is.</summary>
    public const int MostAnswers = 10_000, StretchAnswers = 3_600;

    /// <summary>Classes of a confusion matrix, at most.</summary>
    public const int MostClasses = 64;

    /// <summary>Answers, sequence by sequence; null for texts.</summary>
    public PredictedAnswers? Answers { get; init; }

    /// <summary>How often each class was answered for each right one: [right class][answered class], row by row; null for numbers, texts and more than <see cref="MostClasses"/> classes.</summary>
    public int[]? Confusion { get; init; }

    /// <summary>The names of the classes by their number; null for numbers and texts.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The errors of all evaluated sequences by the rows ahead; null where one row is asked for.</summary>
    public StepErrors? BySteps { get; init; }

    /// <summary>The beginning of a text's test part that the network was given to continue; null for other data. It can hold any character.</summary>
    public string? Prompt { get; init; }

    /// <summary>Its continuations, by temperature; null for other data.</summary>
    public IReadOnlyList<GeneratedText>? Generated { get; init; }

    /// <summary>The loss by the part of the past that is shown; null where sequences are whole series, or have one step.</summary>
    public LookBackCurve? LookBack { get; init; }

    /// <summary>Whether its parts fit together.</summary>
    public bool IsWhole() => Windows > 0 && Answers?.IsWhole(Windows, Classes?.Count) != false && LookBack?.IsWhole() != false && (Generated is null) == (Prompt is null) && Generated?.All(text => text.IsWhole()) != false && BySteps?.IsWhole() != false
        && (Confusion is null || (Classes is { Count: <= MostClasses } classes && Confusion.Length == classes.Count * classes.Count && Confusion.All(count => count >= 0)));
}

/// <summary>Answers to sequences of the test part, in the order of series and time.</summary>
/// <param name="Places">The place of each answer in that order: neighbours that differ by 1 follow each other in one series.</param>
/// <param name="Rows">The row of the file that is asked for, or the last row of a whole series; from 0, without the header.</param>
/// <param name="Truth">The right answers: numbers in the target's unit, or the numbers of classes.</param>
/// <param name="Predicted">The network's answers, likewise.</param>
/// <param name="Baseline">The baseline that is best on the validation part.</param>
/// <param name="BaselinePredicted">Its answers, likewise.</param>
/// <param name="Evaluated">Whether each sequence counts in the measures. The others fill the stretch.</param>
/// <remarks>Where a range of rows is asked for, there is an answer for each sequence and row, and <see cref="Steps"/> says how far ahead it lies.</remarks>
public sealed record PredictedAnswers(int[] Places, int[] Rows, double[] Truth, float[] Predicted, string Baseline, float[] BaselinePredicted, bool[] Evaluated)
{
    /// <summary>The probability that the network gave to its answer; null for numbers.</summary>
    public float[]? Probabilities { get; init; }

    /// <summary>The series by their number in <see cref="SeriesOf"/>; null where the file is one series.</summary>
    public IReadOnlyList<string>? Series { get; init; }

    /// <summary>The series of each sequence.</summary>
    public int[]? SeriesOf { get; init; }

    /// <summary>How many rows beyond the window's last each answer lies; null where all lie equally far.</summary>
    public int[]? Steps { get; init; }

    /// <summary>The answers of each sequence, by their index, in the order of series and time.</summary>
    public IReadOnlyList<int[]> BySequence() => Steps is not { } steps
        ? [.. Enumerable.Range(0, Places.Length).Select(index => (int[])[index])]
        : [.. Enumerable.Range(0, Places.Length).GroupBy(index => Places[index] - steps[index]).OrderBy(group => group.Key).Select(group => (int[])[.. group.OrderBy(index => steps[index])])];

    /// <summary>Answers that follow each other with none twice: where a range of rows is asked for, those of every sequence that begins where the one before ended.</summary>
    public PredictedAnswers OneAfterAnother()
    {
        if (Steps is null) return this;
        var (kept, next) = (new List<int>(), int.MinValue);
        foreach (var sequence in BySequence())
        {
            if (Places[sequence[0]] < next) continue;
            kept.AddRange(sequence);
            next = Places[sequence[^1]] + 1;
        }

        return Only(kept);
    }

    /// <summary>The answers that lie least far ahead.</summary>
    public PredictedAnswers Nearest() => Steps is { Length: > 0 } steps ? Only([.. BySequence().Select(sequence => sequence[0]).Where(index => steps[index] == steps.Min())]) : this;

    private PredictedAnswers Only(List<int> kept)
    {
        return new(Of(Places), Of(Rows), Of(Truth), Of(Predicted), Baseline, Of(BaselinePredicted), Of(Evaluated))
        {
            Probabilities = Probabilities is { } probabilities ? Of(probabilities) : null,
            Series = Series,
            SeriesOf = SeriesOf is { } series ? Of(series) : null,
        };

        T[] Of<T>(T[] values) => [.. kept.Select(index => values[index])];
    }

    /// <summary>The longest run of sequences that follow each other, as its first index and its length.</summary>
    public (int First, int Count) LongestRun()
    {
        var (best, first) = ((First: 0, Count: 0), 0);
        for (var i = 1; i <= Places.Length; i++)
        {
            if (i < Places.Length && Places[i] == Places[i - 1] + 1 && SeriesOf?[i] == SeriesOf?[i - 1]) continue;
            if (i - first > best.Count) best = (first, i - first);
            first = i;
        }

        return best;
    }

    internal bool IsWhole(int windows, int? classes)
    {
        var count = Places.Length;
        return count > 0 && Evaluated.Count(each => each) <= (long)windows * (Steps?.Distinct().Count() ?? 1) && (Steps is null || (Steps.Length == count && Array.TrueForAll(Steps, step => step > 0)))
            && new[] { Rows.Length, Truth.Length, Predicted.Length, BaselinePredicted.Length, Evaluated.Length }.All(length => length == count)
            && (Probabilities is null || Probabilities.Length == count) && (SeriesOf is null) == (Series is null)
            && (SeriesOf is null || (SeriesOf.Length == count && SeriesOf.All(series => series >= 0 && series < Series!.Count)))
            && (classes is not { } most || (AreClasses(Truth, most) && AreClasses(Array.ConvertAll(Predicted, value => (double)value), most) && AreClasses(Array.ConvertAll(BaselinePredicted, value => (double)value), most)));
    }

    private static bool AreClasses(double[] values, int classes) => Array.TrueForAll(values, value => value >= 0 && value < classes && double.IsInteger(value));
}

/// <summary>Text that a network generated.</summary>
/// <param name="Temperature">Probabilities were raised to 1 ÷ temperature: below 1 likely characters become likelier.</param>
/// <param name="Text">Characters of the training part, drawn one after another. It can hold any of them.</param>
public sealed record GeneratedText(double Temperature, string Text)
{
    /// <summary>Texts are generated at each of these.</summary>
    public static IReadOnlyList<double> Temperatures { get; } = [0.5, 0.8, 1.0];

    private const int Longest = 1_000;

    internal bool IsWhole() => Temperature > 0 && Text is { Length: > 0 and <= Longest };
}

/// <summary>The errors of a network and of the baseline by the rows ahead, in the target's unit, over all evaluated sequences.</summary>
/// <param name="Steps">Rows beyond a window's last, ascending.</param>
/// <param name="RootMeanSquares">The network's root mean square error for each.</param>
/// <param name="MeanAbsolutes">Its mean absolute error.</param>
/// <param name="Baseline">The baseline that is best on the validation part over all rows.</param>
public sealed record StepErrors(int[] Steps, double[] RootMeanSquares, double[] MeanAbsolutes, string Baseline, double[] BaselineRootMeanSquares, double[] BaselineMeanAbsolutes)
{
    internal bool IsWhole() => Steps.Length > 1 && Steps[0] > 0 && Steps.Zip(Steps.Skip(1)).All(pair => pair.First < pair.Second)
        && new[] { RootMeanSquares, MeanAbsolutes, BaselineRootMeanSquares, BaselineMeanAbsolutes }.All(errors => errors.Length == Steps.Length);
}

/// <summary>The loss of the last answer when a window's older rows are replaced by those of another window.</summary>
/// <param name="Rows">How many of the newest rows are shown, ascending; the last is the whole window.</param>
/// <param name="Losses">The mean loss for each.</param>
/// <param name="Windows">Windows that it was measured on.</param>
public sealed record LookBackCurve(int[] Rows, double[] Losses, int Windows)
{
    /// <summary>Losses that differ by less than this share are the same; and the share of what the past gives that may be missing.</summary>
    public const double Tolerance = 0.05;

    /// <summary>The fewest rows from which on at least 95 % of what the past gives is there; 1 where it gives nothing, null where the whole window has no finite loss.</summary>
    public int? Needed()
    {
        if (Losses.Length == 0 || !double.IsFinite(Losses[^1])) return null;
        var (whole, worst) = (Losses[^1], Losses.Max());
        if (worst <= (1 + Tolerance) * whole) return Rows[0];
        var needed = Losses.Length - 1;
        while (needed > 0 && Losses[needed - 1] <= whole + Tolerance * (worst - whole)) needed--;
        return Rows[needed];
    }

    internal bool IsWhole() => Rows.Length > 0 && Rows.Length == Losses.Length && Windows > 0 && Rows[0] > 0 && Rows.Zip(Rows.Skip(1)).All(pair => pair.First < pair.Second);
}
