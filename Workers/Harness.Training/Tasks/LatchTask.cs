using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>Latching (after Bengio, Simard &amp; Frasconi 1994, section II): the first symbol names the class; four noise symbols follow.</summary>
[CatalogName("latch")]
internal sealed class LatchTask(TaskSpec spec) : SequenceTask
{
    private const int Noise = 4;

    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var answer = random.NextInt32(Shape.OutputSize);
        slot.Symbol(0, Noise + answer);
        slot.Relevant(0);
        for (var step = 1; step < Shape.Steps; step++) slot.Symbol(step, random.NextInt32(Noise));
        slot.Class(Shape.Steps - 1, answer);
    }
}
