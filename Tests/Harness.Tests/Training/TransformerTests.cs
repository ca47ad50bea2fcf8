using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class TransformerTests
{
    private static TaskShape Shape(int steps, int input) => new(steps, input, 1, LossKind.MeanSquaredError, steps - 1, Graded: false);

    private static SequenceModel Build(int steps, int input, int hidden, int layers, long seed = 1, ScalarType dtype = ScalarType.Float64)
    {
        var model = Trials.Build(Trials.Model("transformer", KernelPath.Library, hidden, layers), Shape(steps, input), seed, dtype);
        // So that normalisations do something of their own.
        using var _ = no_grad();
        foreach (var (name, weight) in model.Network.Weights)
            if (name.Contains("norm", StringComparison.Ordinal)) weight.add_(NetworkTests.Input(1, 1, weight.numel(), dtype).view(weight.shape) * 0.3);
        return model;
    }

    [Theory]
    [InlineData(5, 2, 4, 1)]
    [InlineData(6, 3, 6, 2)]
    [InlineData(4, 1, 5, 1)]
    public void It_computes_what_its_equations_written_out_say(int steps, int input, int hidden, int layers)
    {
        using var scope = NewDisposeScope();
        using var model = Build(steps, input, hidden, layers);
        var values = NetworkTests.Input(steps, 2, input, ScalarType.Float64);
        var every = model.Network.EveryStep(values);
        every.shape.ShouldBe([steps, 2, hidden]);
        (model.Network.Last(values) - every[-1]).abs().max().item<double>().ShouldBe(0);
        var weights = model.Network.Weights.ToDictionary(weight => weight.Name, weight => weight.Tensor.data<double>().ToArray(), StringComparer.Ordinal);
        for (var b = 0; b < 2; b++)
        {
            double[][] sequence = [.. Enumerable.Range(0, steps).Select(t => Enumerable.Range(0, input).Select(i => values[t, b, i].item<double>()).ToArray())];
            var plain = PlainTransformer.Run(weights, sequence, hidden, layers);
            for (var t = 0; t < steps; t++)
                for (var j = 0; j < hidden; j++) every[t, b, j].item<double>().ShouldBe(plain[t][j], 1e-12);
        }
    }

    [Fact]
    public void Its_gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var model = Build(4, 2, 4, 2);
        var input = NetworkTests.Input(4, 2, 2, ScalarType.Float64).requires_grad_();
        GradientCheck.LargestError(() => model.Network.EveryStep(input).sin().sum() + model.Network.Last(input).sum(), [input, .. model.Network.Weights.Select(weight => weight.Tensor)])
            .ShouldBeLessThan(1e-7);
    }

    [Fact]
    public void No_answer_depends_on_a_later_step()
    {
        using var scope = NewDisposeScope();
        using var model = Build(7, 2, 8, 2);
        var input = NetworkTests.Input(7, 2, 2, ScalarType.Float64).requires_grad_();
        for (var t = 0; t < 7; t++)
        {
            var reached = autograd.grad([model.Network.EveryStep(input)[t].sin().sum()], [input])[0].abs().sum([1, 2]).data<double>().ToArray();
            reached[..(t + 1)].ShouldAllBe(gradient => gradient > 0);
            reached[(t + 1)..].ShouldAllBe(gradient => gradient == 0);
        }
    }

    [Fact]
    public void Padded_sequences_count_as_if_each_were_alone()
    {
        using var scope = NewDisposeScope();
        int[] lengths = [3, 6, 1];
        using var model = Build(6, 2, 8, 2);
        var input = NetworkTests.Input(6, 3, 2, ScalarType.Float64).requires_grad_();
        using var ends = SequenceEnds.Of(lengths, 6, CPU);
        var (every, last) = (model.Network.EveryStep(input, ends: ends), model.Network.Last(input, ends: ends));
        for (var b = 0; b < 3; b++)
        {
            var alone = model.Network.EveryStep(input.narrow(0, 0, lengths[b]).narrow(1, b, 1)).squeeze(1);
            (every.select(1, b).narrow(0, 0, lengths[b]) - alone).abs().max().item<double>().ShouldBeLessThan(1e-12);
            (last[b] - alone[-1]).abs().max().item<double>().ShouldBeLessThan(1e-12);
        }

        var gradient = autograd.grad([every.square().sum() + last.sin().sum()], [input])[0];
        where(ends.Inside, zeros_like(gradient), gradient).abs().max().item<double>().ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 4, 1)]
    [InlineData(2, 23, 2)]
    [InlineData(10, 8, 3)]
    public void It_has_as_many_parameters_as_the_catalogue_says(int input, int hidden, int layers)
    {
        using var model = Build(3, input, hidden, layers);
        model.Network.ParameterCount.ShouldBe(CellCatalog.Get("transformer").CountParameters(input, hidden, layers, bidirectional: false));
    }

    /// <summary>Every matrix product of the forward pass, counted one by one.</summary>
    [Fact]
    public void Operations_are_those_of_its_matrix_products()
    {
        const double T = 11, I = 3, H = 8, Layers = 2, Batch = 5;
        double projection = 2 * T * I * H, attention = 2 * T * H * (3 * H) + 2 * T * T * H + 2 * T * T * H + 2 * T * H * H, wide = 2 * T * H * (4 * H) + 2 * T * (4 * H) * H;
        CellCatalog.Get("transformer").TrainingFlopsPerStep(3, 8, 2, bidirectional: false, 5, 11).ShouldBe(3 * Batch * (projection + Layers * (attention + wide)));
    }

    [Theory]
    [InlineData(8, 4)]
    [InlineData(6, 2)]
    [InlineData(23, 1)]
    public void Heads_divide_the_width(int hidden, int heads) => CellCatalog.AttentionHeads(hidden).ShouldBe(heads);

    [Fact]
    public void Normalisations_begin_as_the_identity_and_the_rest_within_the_bounds_of_its_inputs()
    {
        using var model = Trials.Build(Trials.Model("transformer", KernelPath.Library, 16, 2), Shape(5, 3));
        foreach (var (name, tensor) in model.Network.Weights)
        {
            var values = tensor.data<double>().ToArray();
            if (name.Contains("norm", StringComparison.Ordinal)) values.ShouldAllBe(value => value == (name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0));
            else values.Max(Math.Abs).ShouldBeInRange(0.5 / Math.Sqrt(FanIn(name)), 1 / Math.Sqrt(FanIn(name)));
        }

        static double FanIn(string name) => name.StartsWith("input", StringComparison.Ordinal) ? 3 : name.Contains("linear2", StringComparison.Ordinal) ? 64 : 16;
    }

    [Fact]
    public void It_learns_what_takes_memory_and_is_judged_at_other_lengths()
    {
        var spec = Trials.Spec("transformer", steps: 200, task: "latch", length: 8) with { Model = Trials.Model("transformer", KernelPath.Library, hidden: 16, layers: 2) with { Dropout = 0.05 } };
        var (outcome, _) = Trials.Run(spec with { Task = spec.Task with { Shortest = 4 }, Train = spec.Train with { Batch = 16 }, Evaluation = spec.Evaluation with { Length = 10 } });
        outcome!.Kind.ShouldBe(OutcomeKind.Completed);
        outcome.FinalLoss!.Value.ShouldBeLessThan(0.5 * outcome.BaselineLoss);
        outcome.ParametersTotal.ShouldBe(ModelSize.ParametersTotal(spec));
    }

    [Fact]
    public void It_is_matched_in_parameters_like_every_other_cell()
    {
        var spec = SpecText.Spec(SpecText.Small, "matrix.cell=[lstm, transformer]", "hidden=128", "model.match=parameters");
        var (lstm, transformer) = (spec.Conditions[0].Trial, spec.Conditions[1].Trial);
        (ModelSize.ParametersTotal(transformer) / (double)ModelSize.ParametersTotal(lstm)).ShouldBe(1, 0.02);
        transformer.Probe.Gradients.ShouldBeEmpty();
        lstm.Probe.Gradients.ShouldNotBeEmpty();
        TrialCheck.Refuse(transformer);
    }

    [Theory]
    [InlineData("claims=[{ id: a, that: lstm, beats: transformer, on: gradient.slope }]", "transformer has no gradient.slope")]
    [InlineData("claims=[{ id: a, that: lstm, beats: transformer, on: dynamics.long_range }]", "transformer has no dynamics.long_range")]
    [InlineData("model.kernel=cell", "transformer has no kernel \"cell\"")]
    [InlineData("model.init=orthogonal", "init orthogonal draws recurrent weights, and transformer has none")]
    public void What_needs_a_state_is_refused_when_the_file_is_read(string change, string part) =>
        SpecText.Read($"{SpecText.Small}\n{(change.StartsWith("claims", StringComparison.Ordinal) ? change.Replace("=", ": ", StringComparison.Ordinal) : "")}", [
            "matrix.cell=[lstm, transformer]", "probe.dynamics=[end]", .. change.StartsWith("claims", StringComparison.Ordinal) ? [] : (string[])[change]])
            .Diagnostics.ShouldContain(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error && diagnostic.Message.Contains(part, StringComparison.Ordinal));

    [Fact]
    public void The_trainer_refuses_what_needs_a_state_too()
    {
        var spec = Trials.Spec("transformer");
        Should.NotThrow(() => TrialCheck.Refuse(spec));
        Refused(spec with { Probe = new([ProbeMoment.Init], 4) }, "has no state");
        Refused(spec with { Probe = new([], 4, GradientsEvery: 5) }, "has no state");
        Refused(spec with { Probe = new([], 4, Dynamics: [ProbeMoment.End]) }, "has no state");
        Refused(spec with { Model = spec.Model with { Bidirectional = true } }, "bidirectional");
        Refused(spec with { Model = spec.Model with { SpectralRadius = 1 } }, "spectral_radius");
        Refused(spec with { Model = spec.Model with { Kernel = KernelPath.Cell } }, "kernel");
        Refused(spec with { Model = spec.Model with { Init = InitKind.Orthogonal } }, "orthogonal");

        static void Refused(TrialSpec spec, string part) => Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(spec)).Message.ShouldContain(part);
    }
}
