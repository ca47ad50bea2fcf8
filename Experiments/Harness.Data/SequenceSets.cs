using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>The sequences of one part: the first row of each window, or the number of each whole series, ascending.</summary>
public sealed class SequenceSet
{
    private readonly int first;
    private readonly int[]? starts;

    /// <summary>Every row from <paramref name="first"/> on starts a window, <paramref name="count"/> of them.</summary>
    public SequenceSet(int first, int count) => (this.first, Count) = (first, count);

    public SequenceSet(int[] starts)
    {
        ArgumentNullException.ThrowIfNull(starts);
        (this.starts, Count) = (starts, starts.Length);
    }

    public int Count { get; }

    public int this[int index] => starts is null ? first + index : starts[index];

    /// <summary>Sequence <paramref name="index"/> of an evaluation: number i·s mod N, with s coprime to N and near N/φ, so that any number of them is spread evenly and none comes twice.</summary>
    public int Spread(int index) => this[(int)((long)index * Stride(Count) % Count)];

    private static int Stride(int windows)
    {
        const double InverseGoldenRatio = 0.6180339887498949;
        var stride = Math.Max(1, (int)(windows * InverseGoldenRatio));
        while (GreatestCommonDivisor(stride, windows) != 1) stride++;
        return stride;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}

/// <summary>The sequences of the three parts of a data file.</summary>
/// <param name="Unit">Sequences that share no row count as independent: rows between two of them.</param>
public sealed record SequenceSets(SequenceSet Train, SequenceSet Validation, SequenceSet Test, int Unit)
{
    public DataWindows Counts => new(Train.Count, Validation.Count, Test.Count);

    /// <summary>How many sequences of each part share no row, at most.</summary>
    public DataWindows Independent => new(IndependentOf(Train), IndependentOf(Validation), IndependentOf(Test));

    private int IndependentOf(SequenceSet set)
    {
        var (count, next) = (0, int.MinValue);
        for (var i = 0; i < set.Count; i++)
        {
            if (set[i] < next) continue;
            count++;
            next = set[i] + Unit;
        }

        return count;
    }

    /// <summary>All sequences in one set, to evaluate a trained model on.</summary>
    public static SequenceSets Only(SequenceSet all) => new(new(0, 0), all, new(0, 0), 1);

    /// <summary>Every window of <paramref name="length"/> rows, or every whole series, whether or not an answer is known.</summary>
    /// <param name="onlyLast">Whether to take the window at the end of each series alone.</param>
    public static SequenceSet WithoutAnswers(CsvSeries series, int length, bool onlyLast = false)
    {
        ArgumentNullException.ThrowIfNull(series);
        if (series.Selection.IsWhole) return new(0, series.Groups.Count);
        List<int> starts = [];
        foreach (var group in series.Groups)
            for (var start = onlyLast ? Math.Max(group.Start, group.End - length) : group.Start; start + length <= group.End; start++)
                if (series.FilledFromLater is not { } later || !later[start + length - 1]) starts.Add(start);
        return new([.. starts]);
    }

    /// <summary>Windows of consecutive symbols, each part by itself; the answer lies one symbol beyond.</summary>
    public static SequenceSets OfText(int symbols, DataSplit split, int length)
    {
        ArgumentNullException.ThrowIfNull(split);
        var (train, validation, test) = split.Of(symbols);
        SequenceSet Of(DataPart part) => new(part.Start, part.Windows(length, 1));
        return new(Of(train), Of(validation), Of(test), length + 1);
    }

    /// <summary>
    /// The windows of <paramref name="length"/> rows within one series whose answers, <paramref name="horizon"/> rows beyond the last, lie in one
    /// part and have values; or the series themselves, each with its one answer.
    /// </summary>
    /// <param name="reachesBack">
    /// Whether windows of validation and test may begin in the part before, so that these parts have the same answers whatever the length; else no window crosses a cut.
    /// </param>
    public static SequenceSets Of(CsvSeries series, int length, HorizonRange horizon, bool reachesBack)
    {
        ArgumentNullException.ThrowIfNull(series);
        List<int>[] starts = [[], [], []];
        if (series.Selection.IsWhole)
        {
            for (var i = 0; i < series.Groups.Count; i++)
                if (series.Groups[i].Count > 0 && !double.IsNaN(series.Target[series.Groups[i].Start])) starts[(int)series.Parts[series.Groups[i].Start]].Add(i);
            return new(new([.. starts[0]]), new([.. starts[1]]), new([.. starts[2]]), 1);
        }

        foreach (var group in series.Groups)
        {
            // The first row of the run of rows of one part that the last answer belongs to, and the rows up to it that have values.
            var (run, known) = (group.Start, 0);
            for (var answer = group.Start; answer < group.End; answer++)
            {
                var part = series.Parts[answer];
                if (part == RowPart.Later) break;
                if (answer > group.Start && part != series.Parts[answer - 1]) run = answer;
                known = double.IsNaN(series.Target[answer]) ? 0 : known + 1;
                var start = answer - horizon.Last - (length - 1);
                if (start < (reachesBack && part != RowPart.Train ? group.Start : run) || answer - run < horizon.Count - 1 || known < horizon.Count) continue;
                if (series.FilledFromLater is { } later && later[start + length - 1]) continue;
                starts[(int)part].Add(start);
            }
        }

        return new(new([.. starts[0]]), new([.. starts[1]]), new([.. starts[2]]), length + horizon.Last);
    }
}
