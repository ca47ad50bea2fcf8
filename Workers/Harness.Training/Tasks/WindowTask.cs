using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Sequences that are windows of a file cut by time. Training windows are drawn from the training part, each equally likely. Evaluation
/// sequence i is window i·s mod N of the validation part's N, with s coprime to N and near N/φ, so that any number of them is spread
/// evenly, none comes twice, and every seed is judged by the same ones; so are the test part's.
/// </summary>
internal abstract class WindowTask(TaskSpec spec, int rows, int horizon) : SequenceTask
{
    private readonly (DataPart Train, DataPart Validation, DataPart Test) parts = DataSplit.Parse(spec.Parameters.Text("split"))!.Of(rows);

    public override int EvaluationSequences => Windows(parts.Validation);

    public override int TestSequences => Windows(parts.Test);

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
        if (Windows(parts.Train) == 0 || Windows(parts.Validation) == 0)
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
