using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Sequences that are windows of a file cut by time. Training windows are drawn from the training part, each equally likely. Evaluation
/// sequence i is window i·s mod N of the validation part's N, with s coprime to N and near N/φ, so that any number of them is spread
/// evenly, none comes twice, and every seed is judged by the same ones; so are the test part's.
/// </summary>
/// <param name="fitted">The trained model that the file is read for: then all windows are evaluation sequences. Null for a file to learn from.</param>
internal abstract class WindowTask(TaskSpec spec, int rows, int horizon, FittedData? fitted = null) : SequenceTask
{
    private readonly (DataPart Train, DataPart Validation, DataPart Test) parts =
        fitted is null ? DataSplit.Parse(spec.Parameters.Text("split"))!.Of(rows) : (default, fitted.Part(rows), default);

    public override int EvaluationSequences => Windows(parts.Validation);

    public override int TestSequences => Windows(parts.Test);

    /// <summary>Evaluation windows in the order of their rows.</summary>
    public SequenceBatch InOrder(int first, int count) =>
        Batch(Math.Min(count, EvaluationSequences - first), (batch, index) => Write(parts.Validation.Start + first + index, new SequenceSlot(batch, index)));

    /// <summary>The last row, counted from 0, that the evaluation window at a place in that order shows.</summary>
    public int LastRow(int place) => parts.Validation.Start + place + spec.Length - 1;

    /// <summary>The last row, counted from 0, that a sequence of the test part shows.</summary>
    public int LastTestRow(int sequence) => Spread(parts.Test, sequence) + spec.Length - 1;

    /// <summary>The rows from which means, deviations and vocabularies may be taken.</summary>
    protected DataPart Train => parts.Train;

    public override void Generate(RandomStream random, SequenceSlot slot) => Write(parts.Train.Start + random.NextInt32(Windows(parts.Train)), slot);

    protected override void WriteEvaluation(long seed, int sequence, SequenceBatch batch, int index) => Write(EvaluationStart(sequence), new SequenceSlot(batch, index));

    protected override void WriteTest(int sequence, SequenceBatch batch, int index) => Write(Spread(parts.Test, sequence), new SequenceSlot(batch, index));

    /// <summary>The first row of an evaluation sequence.</summary>
    protected int EvaluationStart(int index) => Spread(parts.Validation, index);

    /// <summary>Writes the window whose first row is <paramref name="start"/>.</summary>
    protected abstract void Write(int start, SequenceSlot slot);

    /// <exception cref="TrialRejectedException">A part that is needed holds no window.</exception>
    protected void RequireWindows()
    {
        if (fitted is not null)
        {
            if (Windows(parts.Validation) == 0)
                throw new TrialRejectedException($"The rows to use are {parts.Validation.Count}, which is too few: one window takes {spec.Length}{(horizon > 0 ? $", and its answer lies {horizon} further on" : "")}.");
        }
        else if (Windows(parts.Train) == 0 || Windows(parts.Validation) == 0)
            throw new TrialRejectedException($"The data file holds {rows} rows, which is too few for windows of length {spec.Length} with horizon {horizon} and split {spec.Parameters.Text("split")}.");
    }

    private int Windows(DataPart part) => part.Windows(spec.Length, horizon);

    private int Spread(DataPart part, int index)
    {
        var windows = Windows(part);
        return part.Start + (int)((long)index * Stride(windows) % windows);
    }

    private static int Stride(int windows)
    {
        const double InverseGoldenRatio = 0.6180339887498949;
        var stride = Math.Max(1, (int)(windows * InverseGoldenRatio));
        while (GreatestCommonDivisor(stride, windows) != 1) stride++;
        return stride;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}
