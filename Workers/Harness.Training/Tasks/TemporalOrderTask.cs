using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// Temporal order (Hochreiter &amp; Schmidhuber 1997, section 5.6, tasks 6a and 6b): four distractor symbols, and an X or a Y at
/// two (three) places; the class is the sequence of X and Y. The paper's windows for T = 100, scaled with T:
/// [10, 20] and [50, 60] for two symbols, [10, 20], [33, 43] and [66, 76] for three.
/// </summary>
[CatalogName("temporal-order")]
internal sealed class TemporalOrderTask(TaskSpec spec) : SequenceTask
{
    private const int Distractors = 4;

    private readonly (int From, int To)[] windows =
        [.. (spec.Parameters.Integer("symbols") == 3 ? new[] { (10, 20), (33, 43), (66, 76) } : [(10, 20), (50, 60)])
            .Select(percent => (percent.Item1 * spec.Length / 100, percent.Item2 * spec.Length / 100))];

    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        Span<int> places = stackalloc int[windows.Length];
        for (var i = 0; i < windows.Length; i++) places[i] = random.NextInt32(windows[i].From, windows[i].To + 1);

        var order = 0;
        for (var step = 0; step < Shape.Steps; step++)
        {
            if (places.Contains(step))
            {
                var symbol = random.NextInt32(2);       // X or Y
                slot.Symbol(step, Distractors + symbol);
                slot.Relevant(step);
                order = 2 * order + symbol;
            }
            else
            {
                slot.Symbol(step, random.NextInt32(Distractors));
            }
        }

        slot.Class(Shape.Steps - 1, order);
    }
}
