using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// A language whose smallest possible loss is known: after every context of k letters the four letters come with probabilities
/// 27/40, 9/40, 3/40 and 1/40, in an order that the context decides. The entropy rate is that of these four numbers, whatever the
/// contexts' frequencies: 0.8874 nats per letter.
/// </summary>
[CatalogName("markov")]
internal sealed class MarkovTask : SequenceTask
{
    private const int Letters = 4;
    private readonly int order;
    private readonly byte[] ranked;      // [context][rank]: the letter with that rank of probability

    public MarkovTask(TaskSpec spec)
    {
        order = spec.Parameters.Integer("order");
        Shape = TaskShape.AnsweredFrom(spec, order - 1);
        var contexts = 1 << (2 * order);
        ranked = new byte[contexts * Letters];
        for (var context = 0; context < contexts; context++)
        {
            // The language belongs to the task, not to the trial's seed.
            var random = new RandomStream(spec.Parameters.Integer("language"), StreamPurpose.Language, (uint)order, (uint)context);
            var letters = ranked.AsSpan(context * Letters, Letters);
            for (var letter = 0; letter < Letters; letter++) letters[letter] = (byte)letter;
            for (var last = Letters - 1; last > 0; last--)
            {
                var other = random.NextInt32(last + 1);
                (letters[last], letters[other]) = (letters[other], letters[last]);
            }
        }
    }

    public override TaskShape Shape { get; }

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var mask = (1 << (2 * order)) - 1;
        var context = random.NextInt32(mask + 1);
        for (var running = 0; running < 8 * order; running++) context = (context << 2 | Next(random, context)) & mask;
        for (var step = 0; step < Shape.Steps; step++)
        {
            context = (context << 2 | Next(random, context)) & mask;
            slot.Symbol(step, context & (Letters - 1));
            if (step > order - 1) slot.Class(step - 1, context & (Letters - 1));
        }

        slot.Class(Shape.Steps - 1, Next(random, context));
    }

    private int Next(RandomStream random, int context)
    {
        var draw = random.NextInt32(40);
        return ranked[context * Letters + draw switch { < 27 => 0, < 36 => 1, < 39 => 2, _ => 3 }];
    }
}
