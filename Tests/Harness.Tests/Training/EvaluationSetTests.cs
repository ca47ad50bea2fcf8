using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using Harness.Training.Training;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class EvaluationSetTests
{
    [Fact]
    public void Evaluation_runs_without_gradient()
    {
        var task = SequenceTask.Create(Trials.Task("adding", 8))!;
        var witness = new WitnessNetwork(Trials.Shape(Trials.Model("rnn"), 2));
        using var model = new SequenceModel(witness, task.Shape);
        using var set = new EvaluationSet(task, 1, 10, ScalarType.Float64, CPU);

        set.Evaluate(model);

        witness.GradientWasOn.ShouldBe([false]);
        is_grad_enabled().ShouldBeTrue();
    }

    [Theory]
    [InlineData("adding")]
    [InlineData("temporal-order")]
    public void The_loss_is_that_of_the_whole_set_however_it_is_cut(string kind)
    {
        using var scope = NewDisposeScope();
        var task = SequenceTask.Create(Trials.Task(kind, 12))!;
        using var model = Trials.Build(Trials.Model("gru", KernelPath.Library), task.Shape);
        using var set = new EvaluationSet(task, 1, 600, ScalarType.Float64, CPU);
        var found = set.Evaluate(model);

        var whole = BatchTensors.Of(task.Evaluation(1, 0, 600), ScalarType.Float64, CPU);
        var prediction = model.Predict(whole);
        found.Loss.ShouldBe(whole.Loss(prediction).item<double>(), 1e-12);
        set.BaselineLoss.ShouldBe(task.BaselineLoss(task.Evaluation(1, 0, 600)));
        if (kind == "adding") found.Accuracy.ShouldBeNull();
        else found.Accuracy!.Value.ShouldBe(prediction[0].argmax(1).eq(whole.Target[0]).to(ScalarType.Float64).mean().item<double>(), 1e-12);
    }

    /// <summary>Notes whether gradients were on when it was asked.</summary>
    private sealed class WitnessNetwork(StackShape shape) : RecurrentNetwork(shape)
    {
        public List<bool> GradientWasOn { get; } = [];

        public override IReadOnlyList<NamedWeight> Weights => [];

        public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null)
        {
            GradientWasOn.Add(is_grad_enabled());
            return zeros(input.shape[1], Shape.Output, dtype: Shape.Dtype);
        }

        public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => throw new NotSupportedException("The adding problem is answered once.");

        public override void Dispose()
        {
        }
    }
}
