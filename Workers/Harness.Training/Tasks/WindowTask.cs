using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Sequences that are cut from a file, window by window or series by series. Training sequences are drawn from the training part, each
/// equally likely. Evaluation sequence i is sequence i·s mod N of the validation part's N (see <see cref="SequenceSet.Spread"/>), so that
/// any number of them is spread evenly, none comes twice, and every seed is evaluated on the same ones; so are the test part's.
/// </summary>
/// <param name="isFitted">Whether the file is read for a trained model: then all its sequences are evaluation sequences, and baselines are fitted to another file.</param>
internal abstract class WindowTask(SequenceSets sets, bool isFitted = false) : SequenceTask
{
    private readonly Dictionary<int, IReadOnlyList<BaselineScore>> baselines = [];

    /// <summary>Held while baselines predict: they are fitted once and share their working memory.</summary>
    protected object BaselineLock => baselines;

    public override int EvaluationSequences => sets.Validation.Count;

    public override int TestSequences => sets.Test.Count;

    protected SequenceSets Sets => sets;

    public override void Generate(RandomStream random, SequenceSlot slot) => Write(sets.Train[random.NextInt32(sets.Train.Count)], slot);

    /// <summary>The baselines on the first sequences of validation and test; the same for every seed.</summary>
    public override IReadOnlyList<BaselineScore> Baselines(int count)
    {
        lock (baselines)
        {
            if (baselines.TryGetValue(count, out var known)) return known;
            var (validation, test) = (Math.Min(count, sets.Validation.Count), Math.Min(count, sets.Test.Count));
            return baselines[count] = Evaluate([.. Enumerable.Range(0, validation).Select(sets.Validation.Spread)], [.. Enumerable.Range(0, test).Select(sets.Test.Spread)]);
        }
    }

    /// <summary>Loss of the best of the baselines on the validation part.</summary>
    public override double EvaluationBaseline(long seed, int count) => isFitted ? FittedBaseline(count) : Baselines(count).Min(baseline => baseline.Loss);

    /// <summary>What the baselines take from the training part.</summary>
    public abstract FittedBaselines FitBaselines();

    /// <summary>Mean absolute error of a baseline on sequences, in the target's unit; null for classes and texts.</summary>
    public virtual double? BaselineMeanAbsolute(string name, int[] starts) => null;

    /// <summary>The first evaluation sequences, by the numbers that <see cref="Sequences"/> takes.</summary>
    public int[] Evaluated(int count) => [.. Enumerable.Range(0, Math.Min(count, sets.Validation.Count)).Select(sets.Validation.Spread)];

    /// <summary>Evaluation sequences in the order of the file.</summary>
    public SequenceBatch InOrder(int first, int count) => Batch(Math.Min(count, EvaluationSequences - first), (batch, index) => Write(sets.Validation[first + index], new SequenceSlot(batch, index)));

    /// <summary>Where the evaluation sequence at a place in that order lies in the file, with the row of one of its answers.</summary>
    public SequencePlace PlaceOf(int index, int answer = 0) => Place(sets.Validation[index], answer);

    /// <summary>The first sequences of the test set, by the numbers that <see cref="Sequences"/> takes: those that <see cref="SequenceTask.Test"/> writes.</summary>
    public int[] EvaluatedTest(int count) => [.. Enumerable.Range(0, Math.Min(count, sets.Test.Count)).Select(sets.Test.Spread)];

    /// <summary>The first sequences of the test part, one after another.</summary>
    public int[] TestStretch(int count) => [.. Enumerable.Range(0, Math.Min(count, sets.Test.Count)).Select(index => sets.Test[index])];

    /// <summary>Sequences by their numbers.</summary>
    public SequenceBatch Sequences(int[] starts) => Batch(starts.Length, (batch, index) => Write(starts[index], new SequenceSlot(batch, index)));

    /// <summary>What is known about the right answers of sequences and about the baseline's, sequence by sequence; null where answers are not stored, as those of texts.</summary>
    /// <param name="count">The evaluated sequences, by which the baseline is chosen.</param>
    public virtual TestKey? KeyOf(int[] starts, int count) => null;

    /// <summary>The column, or the columns, with the times of rows beyond the end; null where these are not known, or not asked for.</summary>
    public virtual string? TimeColumn => null;

    /// <summary>Whether every series is one sequence with one answer.</summary>
    public virtual bool HasWholeSeries => false;

    /// <summary>The scale of MASE; null where there is none.</summary>
    public virtual double? NaiveScale => null;

    /// <param name="answer">Which of the sequence's answers the place is to name.</param>
    protected abstract SequencePlace Place(int start, int answer);

    /// <summary>Loss of the best baseline that needs no training part.</summary>
    protected virtual double FittedBaseline(int count) => BaselineLoss(Evaluation(0, 0, count));

    protected override void WriteEvaluation(long seed, int sequence, SequenceBatch batch, int index) => Write(sets.Validation.Spread(sequence), new SequenceSlot(batch, index));

    protected override void WriteTest(int sequence, SequenceBatch batch, int index) => Write(sets.Test.Spread(sequence), new SequenceSlot(batch, index));

    /// <summary>Writes a sequence: the window whose first row is <paramref name="start"/>, or the series of that number.</summary>
    protected abstract void Write(int start, SequenceSlot slot);

    /// <summary>The baselines on these sequences.</summary>
    protected abstract IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test);

    /// <exception cref="TrialRejectedException">A part that is needed holds no sequence.</exception>
    protected void RequireWindows(TaskSpec spec, int rows, int horizon)
    {
        if (isFitted)
        {
            if (sets.Validation.Count == 0)
                throw new TrialRejectedException($"The file holds {rows} rows, which is too few: a window takes {spec.Length} rows of one series{(horizon > 0 ? $", and its answer lies {horizon} further" : "")}.");
        }
        else if (sets.Train.Count == 0 || sets.Validation.Count == 0)
            throw new TrialRejectedException($"The data file holds {rows} rows, which is too few for windows of length {spec.Length} with horizon {horizon} and split {spec.Parameters.Text("split")}.");
    }
}

/// <summary>The right answers of sequences, with where they lie.</summary>
/// <param name="Order">The answer's place in the order of series and time.</param>
/// <param name="Truth">Numbers in the target's unit, or the numbers of classes.</param>
/// <param name="Baseline">The baseline that is best on the validation part.</param>
/// <param name="Predicted">Its answers.</param>
/// <remarks>Where a range of rows is asked for, the answers of a sequence follow each other.</remarks>
internal sealed record TestKey(int[] Order, SequencePlace[] Places, double[] Truth, string Baseline, double[] Predicted)
{
    /// <summary>Rows ahead of each answer; null where a sequence has one.</summary>
    public int[]? Steps { get; init; }
}

/// <summary>Where a sequence lies in a file. Rows, or characters, count from 0 without the header.</summary>
/// <param name="Series">The series that it belongs to; null where the file is one series.</param>
/// <param name="LastRow">The last row that it shows.</param>
/// <param name="AnswerRow">The row that is asked for; null where that is none of the file.</param>
internal readonly record struct SequencePlace(string? Series, int LastRow, int? AnswerRow)
{
    /// <summary>The time of that row, where it lies beyond the end of the file and its time follows from those before.</summary>
    public string? Time { get; init; }
}
