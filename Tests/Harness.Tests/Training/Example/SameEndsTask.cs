using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training.Example;

/// <summary>Same ends: random symbols; the class says whether the last symbol equals the first. Both classes are equally frequent.</summary>
[CatalogName("same-ends")]
internal sealed class SameEndsTask(TaskSpec spec) : SequenceTask
{
    private const int Symbols = 4;

    /// <summary>The entry of <see cref="TaskCatalog.All"/>.</summary>
    public static TaskDefinition Definition { get; } = new("same-ends", new("same ends", "首尾相同"), LossKind.CrossEntropy,
        InputSize: _ => Symbols, OutputSize: _ => 2, MinimumLength: 2, Parameters: [],
        Baseline: "predict the class frequencies",
        Success: new(SuccessCriterion.Accuracy, Below: false, 0.99),
        new("Random symbols; the class says whether the last one equals the first.", "随机符号，类别是最后一个符号是否与第一个相同。"));

    public override TaskShape Shape { get; } = TaskShape.AnsweredAtEnd(spec);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var (first, answer) = (random.NextInt32(Symbols), random.NextInt32(2));
        var last = Shape.Steps - 1;
        slot.Symbol(0, first);
        for (var step = 1; step < last; step++) slot.Symbol(step, random.NextInt32(Symbols));
        slot.Symbol(last, answer == 1 ? first : (first + 1 + random.NextInt32(Symbols - 1)) % Symbols);
        slot.Relevant(0);
        slot.Relevant(last);
        slot.Class(last, answer);
    }
}
