using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class NetworkTests
{
    private static TaskShape Task(int steps, int input) => new(steps, input, 1, LossKind.MeanSquaredError, steps - 1, Graded: false);

    [Fact]
    public void Every_cell_of_the_catalogue_has_an_implementation_and_the_other_way_round() =>
        Implementations<RecurrentCell>.Names.Order(StringComparer.Ordinal).ShouldBe(CellCatalog.All.Select(cell => cell.Name).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Shapes))]
    public void The_model_has_as_many_parameters_as_the_catalogue_says(string cell, int input, int hidden, int layers, bool bidirectional)
    {
        var expected = CellCatalog.Get(cell).CountParameters(input, hidden, layers, bidirectional);
        foreach (var kernel in (KernelPath[])[KernelPath.Library, KernelPath.Cell])
        {
            using var model = Trials.Build(Trials.Model(cell, kernel, hidden, layers, bidirectional), Task(5, input));
            model.Network.ParameterCount.ShouldBe(expected);
            model.ParameterCount.ShouldBe(expected + hidden * (bidirectional ? 2 : 1) + 1);
        }
    }

    /// <summary>The worked example of many introductions: 13 steps of 128 features, a batch of 2, 256 hidden units.</summary>
    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Thirteen_steps_of_two_sequences_give_thirteen_outputs_and_one_last_state(string cell)
    {
        using var scope = NewDisposeScope();
        var input = Input(13, 2, 128, ScalarType.Float32);
        foreach (var kernel in (KernelPath[])[KernelPath.Library, KernelPath.Cell])
        {
            using var model = Trials.Build(Trials.Model(cell, kernel, 256), Task(13, 128), dtype: ScalarType.Float32);
            model.Network.EveryStep(input).shape.ShouldBe([13, 2, 256]);
            model.Network.Last(input).shape.ShouldBe([2, 256]);
        }

        var shape = Trials.Shape(Trials.Model(cell, hidden: 256), 128, ScalarType.Float32);
        using var library = RecurrentCell.Find(cell)!.CreateLibrary(shape)!;
        library.Run(input).Last.shape.ShouldBe([1, 2, 256]);
        using var loop = new LoopNetwork(RecurrentCell.Find(cell)!, shape);
        CellState state = default;
        loop.Run(input, step => state = step.After);
        state.H.shape.ShouldBe([2, 256]);
        state.C?.shape.ShouldBe([2, 256]);
        (state.C is not null).ShouldBe(cell == "lstm");
    }

    [Theory, MemberData(nameof(Cells))]
    public void Loops_agree_in_outputs_and_gradients(string cell, string? activation, int layers, bool bidirectional)
    {
        foreach (var kernel in (KernelPath[])[KernelPath.Cell, KernelPath.Batched])
        {
            Disagreement(kernel, ScalarType.Float64).ShouldBeLessThan(1e-12);
            Disagreement(kernel, ScalarType.Float32).ShouldBeLessThan(1e-5);
        }

        double Disagreement(KernelPath loop, ScalarType dtype)
        {
            using var scope = NewDisposeScope();
            var input = Input(11, 3, 4, dtype);
            var (libraryResults, loopResults) = (Results(KernelPath.Library), Results(loop));
            libraryResults.Keys.ShouldBe(loopResults.Keys, ignoreOrder: true);
            return libraryResults.Max(result => (result.Value - loopResults[result.Key]).abs().max().to(ScalarType.Float64).item<double>());

            Dictionary<string, Tensor> Results(KernelPath kernel)
            {
                var model = Trials.Build(Trials.Model(cell, kernel, 5, layers, bidirectional, activation), Task(11, 4), dtype: dtype);
                var (every, last) = (model.Network.EveryStep(input), model.Network.Last(input));
                (every.square().mean() + last.sum()).backward();
                var results = model.Network.Weights.ToDictionary(weight => weight.Name, weight => weight.Tensor.grad!, StringComparer.Ordinal);
                results["every"] = every;
                results["last"] = last;
                return results;
            }
        }
    }

    [Theory]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void The_gates_that_a_cell_shows_are_the_gates_it_used(string cell)
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model(cell), Task(7, 3));
        var checkedSteps = 0;
        ((LoopNetwork)model.Network).Run(Input(7, 2, 3, ScalarType.Float64), step =>
        {
            var gates = step.Cell.Gates(step.Input, step.Before);
            gates.Count.ShouldBe(CellCatalog.Get(cell).Gates.Count);
            var h = cell == "lstm"
                ? gates[3] * (gates[1] * step.Before.C! + gates[0] * gates[2]).tanh()
                : (1 - gates[1]) * gates[2] + gates[1] * step.Before.H;
            (h - step.After.H).abs().max().item<double>().ShouldBeLessThan(1e-14);
            checkedSteps++;
        });
        checkedSteps.ShouldBe(7);
    }

    [Fact]
    public void A_plain_cell_shows_no_gates() =>
        new LoopNetwork(new RnnCell(), Trials.Shape(Trials.Model("rnn"), 2)).Run(Input(2, 1, 2, ScalarType.Float64), step => step.Cell.Gates(step.Input, step.Before).ShouldBeEmpty());

    [Theory, MemberData(nameof(Cells))]
    public void Weights_are_the_same_on_both_kernel_paths_and_bounded_as_PyTorch_draws_them(string cell, string? activation, int layers, bool bidirectional)
    {
        using var library = Trials.Build(Trials.Model(cell, KernelPath.Library, 8, layers, bidirectional, activation), Task(5, 3), seed: 4);
        using var loop = Trials.Build(Trials.Model(cell, KernelPath.Cell, 8, layers, bidirectional, activation), Task(5, 3), seed: 4);
        using var other = Trials.Build(Trials.Model(cell, KernelPath.Cell, 8, layers, bidirectional, activation), Task(5, 3), seed: 5);
        library.Weights.Select(weight => weight.Name).ShouldBe(loop.Weights.Select(weight => weight.Name), ignoreOrder: true);
        foreach (var (name, tensor) in library.Weights)
        {
            var values = tensor.data<double>().ToArray();
            values.ShouldBe(Trials.Weight(loop, name).data<double>().ToArray());
            values.ShouldNotBe(Trials.Weight(other, name).data<double>().ToArray());
            var bound = 1 / Math.Sqrt(name.StartsWith("readout", StringComparison.Ordinal) && bidirectional ? 16 : 8);
            values.ShouldAllBe(value => Math.Abs(value) <= bound);
            if (values.Length > 100) values.Max(Math.Abs).ShouldBeGreaterThan(0.9 * bound);
        }
    }

    [Theory]
    [InlineData("lstm", KernelPath.Library)]
    [InlineData("lstm", KernelPath.Cell)]
    [InlineData("gru", KernelPath.Library)]
    [InlineData("gru", KernelPath.Cell)]
    public void The_retention_bias_is_the_sum_over_both_bias_vectors_on_its_own_rows_only(string cell, KernelPath kernel)
    {
        var plain = Trials.Model(cell, kernel, hidden: 4, layers: 2);
        var asked = cell == "lstm" ? plain with { ForgetBias = 2 } : plain with { UpdateBias = 2 };
        using var model = Trials.Build(asked, Task(5, 3));
        using var drawn = Trials.Build(plain, Task(5, 3));
        foreach (var suffix in (string[])["_l0", "_l1"])
        {
            var (input, hidden) = (Values(model, "bias_ih" + suffix), Values(model, "bias_hh" + suffix));
            input[4..8].ShouldAllBe(value => value == 2);
            hidden[4..8].ShouldAllBe(value => value == 0);
            double[] others = [.. input[..4], .. input[8..], .. hidden[..4], .. hidden[8..]];
            var (drawnInput, drawnHidden) = (Values(drawn, "bias_ih" + suffix), Values(drawn, "bias_hh" + suffix));
            others.ShouldBe([.. drawnInput[..4], .. drawnInput[8..], .. drawnHidden[..4], .. drawnHidden[8..]]);
        }

        static double[] Values(SequenceModel model, string name) => Trials.Weight(model, name).data<double>().ToArray();
    }

    [Fact]
    public void The_second_direction_of_the_last_state_has_read_the_whole_sequence()
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model("gru", KernelPath.Library, 4, bidirectional: true), Task(6, 2));
        var input = Input(6, 1, 2, ScalarType.Float64).requires_grad_();
        model.Network.Last(input).narrow(1, 4, 4).sum().backward();
        var reached = input.grad!.abs().sum([1, 2]).data<double>().ToArray();
        reached.ShouldAllBe(gradient => gradient > 0);
        reached[0].ShouldBeGreaterThan(reached[5]);
    }

    internal static Tensor Input(long steps, long batch, long features, ScalarType dtype)
    {
        var random = new Harness.Training.Randomness.RandomStream(11, Harness.Training.Randomness.StreamPurpose.TrainingBatch, 0, 0);
        return tensor(Enumerable.Range(0, (int)(steps * batch * features)).Select(_ => 2 * random.NextDouble() - 1).ToArray(), [steps, batch, features]).to(dtype);
    }

    public static TheoryData<string, int, int, int, bool> Shapes
    {
        get
        {
            var data = new TheoryData<string, int, int, int, bool>();
            foreach (var cell in CellCatalog.All.Where(cell => cell.IsRecurrent))
                foreach (var (input, hidden) in ((int, int)[])[(1, 1), (2, 64), (7, 5), (128, 16)])
                    foreach (var layers in (int[])[1, 2, 3])
                        foreach (var bidirectional in (bool[])[false, true]) data.Add(cell.Name, input, hidden, layers, bidirectional);
            return data;
        }
    }

    public static TheoryData<string, string?, int, bool> Cells
    {
        get
        {
            var data = new TheoryData<string, string?, int, bool>();
            foreach (var cell in CellCatalog.All.Where(cell => cell.IsRecurrent))
                foreach (var activation in cell.Activations.Count == 0 ? [null] : cell.Activations.Cast<string?>())
                    foreach (var layers in (int[])[1, 2])
                        foreach (var bidirectional in (bool[])[false, true]) data.Add(cell.Name, activation, layers, bidirectional);
            return data;
        }
    }
}
