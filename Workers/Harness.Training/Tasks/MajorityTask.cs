using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>Majority: bits as ±1; the class is the sign of their sum. With an even length one step, anywhere, is silent: there are no ties.</summary>
[CatalogName("majority")]
internal sealed class MajorityTask(TaskSpec spec) : SequenceTask
{
    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var silent = Shape.Steps % 2 == 0 ? random.NextInt32(Shape.Steps) : -1;
        var sum = 0;
        for (var step = 0; step < Shape.Steps; step++)
        {
            if (step == silent) continue;
            var sign = 2 * random.NextInt32(2) - 1;
            slot.Input(step, 0, sign);
            slot.Relevant(step);
            sum += sign;
        }

        slot.Class(Shape.Steps - 1, sum > 0 ? 1 : 0);
    }
}
