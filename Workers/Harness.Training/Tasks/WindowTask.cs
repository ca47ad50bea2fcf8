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
internal abstract class WindowTask(SequenceSets sets) : SequenceTask
{
    private readonly Dictionary<int, IReadOnlyList<BaselineScore>> baselines = [];

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
    public override double EvaluationBaseline(long seed, int count) => Baselines(count).Min(baseline => baseline.Loss);

    protected override void WriteEvaluation(long seed, int sequence, SequenceBatch batch, int index) => Write(sets.Validation.Spread(sequence), new SequenceSlot(batch, index));

    protected override void WriteTest(int sequence, SequenceBatch batch, int index) => Write(sets.Test.Spread(sequence), new SequenceSlot(batch, index));

    /// <summary>Writes a sequence: the window whose first row is <paramref name="start"/>, or the series of that number.</summary>
    protected abstract void Write(int start, SequenceSlot slot);

    /// <summary>The baselines on these sequences.</summary>
    protected abstract IReadOnlyList<BaselineScore> Evaluate(int[] validation, int[] test);

    /// <exception cref="TrialRejectedException">A part that is needed holds no sequence.</exception>
    protected void RequireWindows(TaskSpec spec, int rows, int horizon)
    {
        if (sets.Train.Count == 0 || sets.Validation.Count == 0)
            throw new TrialRejectedException($"The data file holds {rows} rows, which is too few for windows of length {spec.Length} with horizon {horizon} and split {spec.Parameters.Text("split")}.");
    }
}
