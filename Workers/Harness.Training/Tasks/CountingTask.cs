using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// aⁿbⁿ (Gers &amp; Schmidhuber 2001): predict the next symbol of S aⁿ bⁿ, end. Only the predictions at b are determined, so only they carry
/// loss. Sequences end at the last step; shorter ones begin with silent steps. Channels: S, a, b. Classes: a, b, end.
/// </summary>
[CatalogName("anbn")]
internal sealed class CountingTask(TaskSpec spec) : SequenceTask
{
    private const int Start = 0, A = 1, B = 2;
    private const long NextB = 1, NextEnd = 2;

    public override TaskShape Shape { get; } = TaskShape.AnsweredFrom(spec, spec.Length - (spec.Length - 1) / 2);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var steps = Shape.Steps;
        var n = 1 + random.NextInt32((steps - 1) / 2);
        slot.Symbol(steps - 1 - 2 * n, Start);
        for (var i = 0; i < n; i++)
        {
            slot.Symbol(steps - 2 * n + i, A);
            slot.Relevant(steps - 2 * n + i);
            slot.Symbol(steps - n + i, B);
        }

        for (var step = Shape.FirstLossStep; step < steps; step++)
            slot.Class(step, step < steps - n ? SequenceBatch.Ignored : step < steps - 1 ? NextB : NextEnd);
    }
}
