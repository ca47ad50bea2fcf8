using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class DropoutTests
{
    private static RecurrentNetwork Network(string cell, KernelPath kernel, bool layerByLayer)
    {
        var network = NetworkFactory.Create(RecurrentCell.Find(cell)!, kernel, Trials.Shape(Trials.Model(cell, hidden: 5, layers: 3, bidirectional: true), 2), layerByLayer);
        using var model = Trials.Build(Trials.Model(cell, KernelPath.Cell, 5, layers: 3, bidirectional: true), new(7, 2, 1, Harness.Abstractions.Catalog.LossKind.MeanSquaredError, 6, false));
        network.CopyWeightsFrom(model.Network);
        return network;
    }

    [Fact]
    public void A_mask_is_a_pure_function_of_seed_step_and_layer()
    {
        using var scope = NewDisposeScope();
        var values = ones(4, 3, 5, dtype: ScalarType.Float64);
        double[] Mask(long seed, int step, int layer) => new DropoutMasks(0.5, seed, step).On(layer, values).data<double>().ToArray();
        var first = Mask(1, 1, 1);
        Mask(1, 1, 1).ShouldBe(first);
        foreach (var other in (double[][])[Mask(2, 1, 1), Mask(1, 2, 1), Mask(1, 1, 2)]) other.ShouldNotBe(first);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_mask_drops_its_share_and_keeps_the_mean(double rate)
    {
        using var scope = NewDisposeScope();
        var mask = new DropoutMasks(rate, 1, 1).On(1, zeros(100, 20, 10)).data<float>().ToArray();
        mask.Distinct().Order().ShouldBe([0f, (float)(1 / (1 - rate))]);
        ((double)mask.Count(value => value == 0) / mask.Length).ShouldBe(rate, 0.015);
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Both_kernel_paths_drop_the_same_values(string cell)
    {
        using var scope = NewDisposeScope();
        using var library = Network(cell, KernelPath.Library, layerByLayer: true);
        using var loop = Network(cell, KernelPath.Cell, layerByLayer: true);
        library.Weights.Select(weight => weight.Name).ShouldBe(loop.Weights.Select(weight => weight.Name), ignoreOrder: true);
        var input = NetworkTests.Input(7, 4, 2, ScalarType.Float64);
        var masks = new DropoutMasks(0.4, 1, 3);
        (library.EveryStep(input, masks) - loop.EveryStep(input, masks)).abs().max().item<double>().ShouldBeLessThan(1e-14);
        (library.Last(input, masks) - loop.Last(input, masks)).abs().max().item<double>().ShouldBeLessThan(1e-14);
        (library.Last(input, masks) - library.Last(input)).abs().max().item<double>().ShouldBeGreaterThan(1e-3);
    }

    [Fact]
    public void A_stack_run_layer_by_layer_is_the_stack_run_at_once()
    {
        using var scope = NewDisposeScope();
        using var layers = Network("lstm", KernelPath.Library, layerByLayer: true);
        using var whole = Network("lstm", KernelPath.Library, layerByLayer: false);
        var input = NetworkTests.Input(7, 4, 2, ScalarType.Float64);
        (layers.EveryStep(input) - whole.EveryStep(input)).abs().max().item<double>().ShouldBeLessThan(1e-14);
        Should.Throw<InvalidOperationException>(() => whole.Last(input, new DropoutMasks(0.5, 1, 1)));
    }

    [Fact]
    public void Dropout_acts_in_training_and_not_in_evaluation()
    {
        TrialSpec Spec(double? dropout) => Trials.Spec("gru") with { Model = Trials.Model("gru", KernelPath.Library, layers: 2) with { Dropout = dropout } };
        var (with, without) = (Trials.Run(Spec(0.5)).Frames, Trials.Run(Spec(null)).Frames);
        Trials.Curve(with, "train.loss")[1].ShouldNotBe(Trials.Curve(without, "train.loss")[1]);
        Trials.Curve(with, "eval.loss")[0].ShouldBe(Trials.Curve(without, "eval.loss")[0]);
        Trials.Curve(Trials.Run(Spec(0.5)).Frames, "train.loss").Values.ShouldBe(Trials.Curve(with, "train.loss").Values);
    }

    [Theory]
    [InlineData(1.0, 2, "below 1")]
    [InlineData(0.5, 1, "between layers")]
    public void Dropout_that_cannot_be_is_refused(double dropout, int layers, string part) =>
        Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(Trials.Spec() with { Model = Trials.Model("gru", layers: layers) with { Dropout = dropout } })).Message.ShouldContain(part);
}
