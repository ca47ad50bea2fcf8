using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// The adding problem (Hochreiter &amp; Schmidhuber 1997, section 5.4): each step shows a number of U[0,1] and a marker that is
/// 1 at two steps; the answer is the sum of the two marked numbers. Predicting the mean costs Var(U+U') = 1/6.
/// </summary>
[CatalogName("adding")]
internal sealed class AddingTask(TaskSpec spec) : SequenceTask
{
    private readonly bool halves = spec.Parameters.Text("markers") == "halves";

    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var length = Shape.Steps;
        int first, second;
        if (halves)
        {
            // Arjovsky et al. 2016: one marker in each half.
            first = random.NextInt32(length / 2);
            second = random.NextInt32(length / 2, length);
        }
        else
        {
            // Bai et al. 2018: two distinct steps anywhere.
            first = random.NextInt32(length);
            second = random.NextInt32(length - 1);
            if (second >= first) second++;
        }

        float sum = 0;
        for (var step = 0; step < length; step++)
        {
            var number = random.NextSingle();
            slot.Input(step, 0, number);
            if (step != first && step != second) continue;
            slot.Input(step, 1, 1);
            slot.Relevant(step);
            sum += number;
        }

        slot.Value(length - 1, 0, sum);
    }
}
