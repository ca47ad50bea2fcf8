using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Tasks;
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

    public static TheoryData<string, string, int?, bool> OnTheEngine => new()
    {
        { "lstm", "adding", null, false }, { "gru", "temporal-order", 11, true }, { "rnn", "copy-memory", null, false }, { "lstm", "parity", 5, false },
        { "lstm", "mackey-glass", null, true }, { "gru", "markov", 10, false }, { "rnn", "anbn", null, false }, { "gru", "latch", 8, false },
    };

    [Theory, MemberData(nameof(OnTheEngine))]
    public void The_engine_judges_as_the_library_does(string cell, string kind, int? shortest, bool bidirectional)
    {
        foreach (var (dtype, tolerance) in new[] { (ScalarType.Float64, 1e-12), (ScalarType.Float32, 1e-5) })
        {
            using var scope = NewDisposeScope();
            var task = SequenceTask.Create(Trials.Task(kind, 14) with { Shortest = shortest })!;
            var spec = Trials.Model(cell, KernelPath.Library, hidden: 9, layers: 2, bidirectional: bidirectional, activation: cell == "rnn" ? "tanh" : null);
            using var library = Trials.Build(spec, task.Shape, seed: 3, dtype);
            using var model = Trials.Build(spec with { Kernel = KernelPath.Engine }, task.Shape, seed: 3, dtype);
            using var native = NativeModel.Of(model)!;
            using var set = new EvaluationSet(task, 1, 330, dtype, CPU);
            using var own = new EvaluationSet(task, 1, 330, dtype, CPU, native);
            var (wanted, found) = (set.Evaluate(library), own.Evaluate(model));

            found.Loss.ShouldBe(wanted.Loss, tolerance * wanted.Loss);
            found.Accuracy.ShouldBe(wanted.Accuracy);
            own.BaselineLoss.ShouldBe(set.BaselineLoss);
            own.Evaluate(model).ShouldBe(found);
            EvaluationSet.Once(model, task.BatchShape, 330, (first, count) => task.Evaluation(1, first, count), dtype, CPU, native).ShouldBe(found);
        }
    }

    [Theory]
    [InlineData("adding", null)]
    [InlineData("copy-memory", null)]
    [InlineData("markov", 10)]
    public void What_the_engine_finds_of_a_sequence_does_not_depend_on_what_else_is_judged(string kind, int? shortest)
    {
        var task = SequenceTask.Create(Trials.Task(kind, 12) with { Shortest = shortest })!;
        using var model = Trials.Build(Trials.Model("gru", KernelPath.Engine, hidden: 9), task.Shape, dtype: ScalarType.Float32);
        using var native = NativeModel.Of(model)!;
        var (losses, right) = Judge(0, 150);
        losses.ShouldAllBe(loss => loss > 0);
        foreach (var cut in (int[])[1, 7, 64, 100])
        {
            for (var first = 0; first < 150; first += cut)
            {
                var part = Judge(first, Math.Min(cut, 150 - first));
                part.Losses.ShouldBe(losses[first..(first + part.Losses.Length)]);
                part.Right.ShouldBe(right.Length == 0 ? [] : right[first..(first + part.Right.Length)]);
            }
        }

        (double[] Losses, bool[] Right) Judge(int first, int count)
        {
            var (lost, isRight) = (new double[count], new bool[task.Shape.Graded ? count : 0]);
            native.EvaluateBatch(task.Evaluation(1, first, count), lost, isRight);
            return (lost, isRight);
        }
    }

    [Fact]
    public void Evaluations_on_the_engine_disturb_no_training_step()
    {
        var task = SequenceTask.Create(Trials.Task("copy-memory", 6))!;
        using var model = Trials.Build(Trials.Model("lstm", KernelPath.Engine), task.Shape, dtype: ScalarType.Float32);
        using var native = NativeModel.Of(model)!;
        using var set = new EvaluationSet(task, 1, 70, ScalarType.Float32, CPU, native);
        var first = Step();
        var found = set.Evaluate(model);
        Should.Throw<InvalidOperationException>(() => native.Backward()).Message.ShouldContain("no forward pass");
        Step().ShouldBe(first);
        set.Evaluate(model).ShouldBe(found);

        byte[] Step()
        {
            native.Forward(task.TrainingBatch(1, 1, 5), null);
            native.Backward();
            return [.. model.Weights.SelectMany(weight => weight.Tensor.grad!.bytes.ToArray())];
        }
    }

    [Fact]
    public void Weights_that_are_no_numbers_are_judged_as_the_library_judges_them()
    {
        using var scope = NewDisposeScope();
        var task = SequenceTask.Create(Trials.Task("temporal-order", 12))!;
        using var library = Trials.Build(Trials.Model("rnn", KernelPath.Library), task.Shape);
        using var model = Trials.Build(Trials.Model("rnn", KernelPath.Engine), task.Shape);
        using (no_grad())
            foreach (var each in (SequenceModel[])[library, model]) Trials.Weight(each, "readout.bias")[2] = double.NaN;
        using var native = NativeModel.Of(model)!;
        var (wanted, found) = (new EvaluationSet(task, 1, 40, ScalarType.Float64, CPU).Evaluate(library), new EvaluationSet(task, 1, 40, ScalarType.Float64, CPU, native).Evaluate(model));
        wanted.Loss.ShouldBe(double.NaN);
        found.ShouldBe(wanted);
        found.Accuracy!.Value.ShouldBeInRange(0.01, 0.99);
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
