using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Backends;
using TorchSharp;
using TorchSharp.Modules;

namespace Harness.Tests.Training;

/// <summary>All kernel paths agree on the norm of large gradients, and so on which trials diverge.</summary>
public sealed class GradientNormTests
{
    private static readonly TrainSpec ClipsToOne = new(1, 4, new(OptimizerKind.Adam, 0.01), ClipNorm: 1);

    [Theory]
    [InlineData(1e-30)]
    [InlineData(1e19)]
    [InlineData(1e30)]
    [InlineData(3e38)]
    public void Norm_and_clipping_hold_for_entries_of_any_size(double size)
    {
        using var scope = torch.NewDisposeScope();
        const int Count = 1000;
        var (norm, entry) = (size * Math.Sqrt(Count), Math.Min(size, 1 / Math.Sqrt(Count)));

        Parameter[] parameters = [new(torch.zeros(300)), new(torch.zeros(70, 10))];
        foreach (var parameter in parameters) parameter.grad = torch.full_like(parameter, size, requires_grad: false);
        var found = GradientClip.Apply(torch.tensor(0f), parameters, ClipsToOne);
        found.Norm.ShouldBe(norm, 1e-6 * norm);
        found.Clipped.ShouldBe(norm > 1);
        foreach (var parameter in parameters) Entries(parameter.grad!).ShouldAllBe(value => Math.Abs(value - entry) <= 1e-6 * entry);

        torch.Tensor[] onDevice = [.. parameters.Select(parameter => torch.full_like(parameter, size, requires_grad: false))];
        var read = GradientClip.OnDevice(torch.tensor(2f), onDevice, ClipsToOne);
        (read.Loss, read.Clipped).ShouldBe((2, found.Clipped));
        read.Norm.ShouldBe(norm, 1e-6 * norm);
        foreach (var gradient in onDevice) Entries(gradient).ShouldAllBe(value => Math.Abs(value - entry) <= 1e-6 * entry);

        // Two models at once, of which the second has nothing to clip.
        torch.Tensor[] pair = [.. parameters.Select(parameter => torch.stack([torch.full_like(parameter, size, requires_grad: false), torch.zeros_like(parameter, requires_grad: false)]))];
        var (norms, _) = GradientClip.ByModel(pair, ClipsToOne);
        norms.data<double>()[0].ShouldBe(norm, 1e-6 * norm);
        norms.data<double>()[1].ShouldBe(0);
        foreach (var gradient in pair)
        {
            Entries(gradient[0]).ShouldAllBe(value => Math.Abs(value - entry) <= 1e-6 * entry);
            Entries(gradient[1]).ShouldAllBe(value => value == 0);
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void A_gradient_that_is_not_finite_has_a_norm_that_is_not(float entry)
    {
        using var scope = torch.NewDisposeScope();
        Parameter[] parameters = [new(torch.zeros(20))];
        parameters[0].grad = torch.zeros(20);
        parameters[0].grad![7] = entry;
        double.IsFinite(GradientClip.ByModel([parameters[0].grad!.unsqueeze(0)], ClipsToOne).Norms.item<double>()).ShouldBeFalse();
        GradientClip.Apply(torch.tensor(0f), parameters, ClipsToOne).IsFinite.ShouldBeFalse();
    }

    [Fact]
    public void A_gradient_with_gaps_in_memory_is_clipped_like_another()
    {
        using var scope = torch.NewDisposeScope();
        Parameter[] parameters = [new(torch.zeros(2, 3))];
        parameters[0].grad = torch.tensor(new float[,] { { 3, 9 }, { 0, 9 }, { 4, 9 } }).narrow(1, 0, 1).expand(3, 2).t();
        GradientClip.Apply(torch.tensor(0f), parameters, ClipsToOne).Norm.ShouldBe(Math.Sqrt(50), 1e-6);
        ((double)Entries(parameters[0].grad!).Max()).ShouldBe(4 / Math.Sqrt(50), 1e-6);
    }

    [Theory]
    [InlineData("rnn", 1e19)]
    [InlineData("rnn", 1e30)]
    [InlineData("rnn", 3e38)]
    [InlineData("lstm", 1e19)]
    [InlineData("lstm", 1e30)]
    [InlineData("lstm", 3e38)]
    [InlineData("gru", 1e19)]
    [InlineData("gru", 1e30)]
    [InlineData("gru", 3e38)]
    public void All_kernel_paths_find_the_same_norm_and_outcome(string cell, double norm)
    {
        var factor = ReadOutFactor(cell, norm);
        var found = Enum.GetValues<KernelPath>().Select(kernel => (Kernel: kernel, Step: Step(cell, kernel, factor))).ToArray();
        var library = found.Single(path => path.Kernel == KernelPath.Library).Step;
        library.Norm.ShouldBe(norm, 1e-3 * norm);
        foreach (var (kernel, step) in found)
        {
            step.IsFinite.ShouldBeTrue(kernel.ToString());
            step.Clipped.ShouldBeTrue(kernel.ToString());
            step.Norm.ShouldBe(library.Norm, 1e-5 * library.Norm, kernel.ToString());
            step.Loss.ShouldBe(library.Loss, 1e-5 * library.Loss, kernel.ToString());
        }
    }

    /// <summary>One optimizer step with a scaled output layer. The batched backend trains it as a group of one.</summary>
    private static StepResult Step(string cell, KernelPath kernel, double factor)
    {
        using var learner = Learner(cell, kernel, Precision.Float32, factor);
        using var step = kernel == KernelPath.Batched ? TrainSteps.Create([learner]) : TrainSteps.Create(learner);
        return TrainingLoop.TrainStep(step, [new(learner, 1, 0.01)])[0];
    }

    /// <summary>The factor of the output layer that gives the gradient this norm. The norm grows with the factor's square.</summary>
    private static double ReadOutFactor(string cell, double norm)
    {
        const double Start = 1e6;
        using var learner = Learner(cell, KernelPath.Library, Precision.Float64, Start);
        using var step = TrainSteps.Create(learner);
        return Start * Math.Sqrt(norm / TrainingLoop.TrainStep(step, [new(learner, 1, 0.01)])[0].Norm);
    }

    private static Learner Learner(string cell, KernelPath kernel, Precision dtype, double factor)
    {
        var spec = Trials.Spec(cell, kernel);
        // With many units the gradient is far larger than the loss, which has to be a finite float32, too.
        var learner = new Learner(spec with { Dtype = dtype, Model = spec.Model with { Hidden = 48 } }, null);
        using var _ = torch.no_grad();
        Trials.Weight(learner.Model, "readout.weight").mul_(factor);
        return learner;
    }

    private static float[] Entries(torch.Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
