using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Copy memory (Hochreiter &amp; Schmidhuber 1997; in the layout of Arjovsky et al. 2016): S symbols of 1 … 8, T−1 blanks, a delimiter,
/// S blanks; the answer is blank for T+S steps, then the symbols. Channel 0 is the blank, 9 the delimiter. Answering blanks and then any
/// symbol costs S·ln 8/(T+2S) per step, and takes no memory.
/// </summary>
[CatalogName("copy-memory")]
internal sealed class CopyMemoryTask(TaskSpec spec) : SequenceTask
{
    private const int Alphabet = 8, Blank = 0, Delimiter = 9;

    private readonly int symbols = spec.Parameters.Integer("items");

    public override TaskShape Shape { get; } = TaskShape.AnsweredFrom(spec, 0);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var recall = Shape.Steps - symbols;
        for (var i = 0; i < symbols; i++)
        {
            var symbol = 1 + random.NextInt32(Alphabet);
            slot.Symbol(i, symbol);
            slot.Relevant(i);
            slot.Class(recall + i, symbol);
        }

        for (var step = symbols; step < Shape.Steps; step++) slot.Symbol(step, step == recall - 1 ? Delimiter : Blank);
    }

    /// <summary>The memoryless optimum: where symbols are due it knows that, but not which.</summary>
    public override double BaselineLoss(SequenceBatch set)
    {
        var due = new SequenceBatch(set.Shape, set.Count);
        for (var i = 0; i < set.Classes.Length; i++) due.Classes[i] = set.Classes[i] == Blank ? SequenceBatch.Ignored : set.Classes[i];
        return ConstantPredictors.ClassFrequencies(due) * symbols / (set.Lengths.Sum(length => (long)length) / (double)set.Count);
    }
}
