using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>Parity: bits as ±1; the class is the number of ones modulo 2. Shorter sequences begin with silent steps, so that the answer is always due at the end.</summary>
[CatalogName("parity")]
internal sealed class ParityTask(TaskSpec spec) : SequenceTask
{
    private readonly bool shorterToo = spec.Parameters.Text("curriculum") == "lengths";

    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var bits = shorterToo ? 1 + random.NextInt32(Shape.Steps) : Shape.Steps;
        var ones = 0;
        for (var step = Shape.Steps - bits; step < Shape.Steps; step++)
        {
            var bit = random.NextInt32(2);
            slot.Input(step, 0, 2 * bit - 1);
            slot.Relevant(step);
            ones += bit;
        }

        slot.Class(Shape.Steps - 1, ones % 2);
    }
}
