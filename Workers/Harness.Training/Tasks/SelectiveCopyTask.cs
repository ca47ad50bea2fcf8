using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Selective copying (Jing et al. 2019; Gu &amp; Dao 2023): S symbols of 1 … 8 lie at random places among T blanks, then come S prompts, and the
/// answer to the k-th prompt is the k-th symbol. Channel 0 is the blank, 9 the prompt. Any symbol as the answer costs ln 8.
/// </summary>
/// <remarks>Copy memory with fixed places can be solved by waiting. Here a network must look at each input to decide whether to keep it.</remarks>
[CatalogName("selective-copy")]
internal sealed class SelectiveCopyTask(TaskSpec spec) : SequenceTask
{
    private const int Alphabet = 8, Blank = 0, Prompt = 9;

    private readonly int symbols = spec.Parameters.Integer("items");

    public override TaskShape Shape { get; } = TaskShape.AnsweredFrom(spec, spec.Length + spec.Parameters.Integer("items"));

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var asked = Shape.Steps - symbols;
        var placed = 0;
        for (var step = 0; step < asked; step++)
        {
            // Every choice of places is equally likely.
            if (random.NextInt32(asked - step) >= symbols - placed)
            {
                slot.Symbol(step, Blank);
                continue;
            }

            var symbol = random.NextInt32(Alphabet);
            slot.Symbol(step, 1 + symbol);
            slot.Relevant(step);
            slot.Class(asked + placed++, symbol);
        }

        for (var step = asked; step < Shape.Steps; step++) slot.Symbol(step, Prompt);
    }
}
