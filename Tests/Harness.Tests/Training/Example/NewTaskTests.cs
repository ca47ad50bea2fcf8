using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Tests.Training.Example;

/// <summary>The task of CONTRIBUTING.md is compiled, generated and learned here.</summary>
public sealed class NewTaskTests : IDisposable
{
    private readonly IDisposable definition = TaskCatalog.Admit(SameEndsTask.Definition);
    private readonly IDisposable implementation = Implementations<SequenceTask>.Admit(typeof(SameEndsTask));

    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("SameEndsTask.cs");

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void A_network_learns_it(KernelPath backend)
    {
        var spec = Trials.Spec("gru", backend, steps: 400, task: "same-ends", length: 3);
        spec = spec with { Model = Trials.Model("gru", backend, hidden: 16), Train = spec.Train with { Batch = 32 } };
        var (outcome, _) = Trials.Run(spec);
        outcome!.Kind.ShouldBe(OutcomeKind.Completed);
        outcome.BaselineLoss.ShouldBe(Math.Log(2), 0.1);
        outcome.FinalLoss!.Value.ShouldBeLessThan(0.5 * outcome.BaselineLoss);
    }

    [Fact]
    public void The_class_is_whether_the_ends_agree()
    {
        var task = SequenceTask.Create(Trials.Task("same-ends", 5))!;
        var batch = task.Evaluation(seed: 1, 0, 400);
        var answers = new int[2];
        for (var sequence = 0; sequence < 400; sequence++)
        {
            var agree = Symbol(batch, sequence, 0) == Symbol(batch, sequence, 4) ? 1 : 0;
            batch.Classes[sequence].ShouldBe(agree);
            answers[agree]++;
        }

        answers[0].ShouldBeInRange(160, 240);
        task.Example(seed: 1).Relevant.ShouldBe([(0, 0), (0, 4)]);
    }

    private static int Symbol(SequenceBatch batch, int sequence, int step) =>
        batch.Inputs.AsSpan((step * batch.Count + sequence) * batch.Shape.InputSize, batch.Shape.InputSize).IndexOf(1f);

    public void Dispose()
    {
        implementation.Dispose();
        definition.Dispose();
    }
}
