using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Networks;
using Harness.Training.Randomness;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class WeightDrawTests
{
    private const int Hidden = 8, Steps = 100;

    private static readonly TaskShape Task = new(Steps, 3, 1, LossKind.MeanSquaredError, Steps - 1, Graded: false);

    private static SequenceModel Build(string cell, InitKind init, KernelPath kernel = KernelPath.Library, double? longest = null) =>
        Trials.Build(Trials.Model(cell, kernel, Hidden, layers: 2) with { Init = init, TMax = longest }, Task);

    private static double[] Values(SequenceModel model, string name) => Trials.Weight(model, name).data<double>().ToArray();

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Orthogonal_recurrent_blocks_keep_lengths_and_the_rest_is_the_default_draw(string cell)
    {
        using var model = Build(cell, InitKind.Orthogonal);
        using var plain = Build(cell, InitKind.Default);
        foreach (var suffix in (string[])["_l0", "_l1"])
        {
            var blocks = Values(model, "weight_hh" + suffix).Chunk(Hidden).Chunk(Hidden).ToArray();
            blocks.Length.ShouldBe(CellCatalog.Get(cell).GateCount);
            foreach (var rows in blocks)
                for (var a = 0; a < Hidden; a++)
                    for (var b = 0; b < Hidden; b++)
                        rows[a].Zip(rows[b], (x, y) => x * y).Sum().ShouldBe(a == b ? 1 : 0, 1e-14);
            if (blocks.Length > 1) blocks[0].ShouldNotBe(blocks[1]);
            Values(model, "weight_ih" + suffix).ShouldBe(Values(plain, "weight_ih" + suffix));
        }
    }

    [Fact]
    public void An_identity_network_starts_as_an_accumulator()
    {
        using var model = Build("rnn", InitKind.Identity);
        foreach (var suffix in (string[])["_l0", "_l1"])
        {
            Values(model, "weight_hh" + suffix).ShouldBe([.. Enumerable.Range(0, Hidden * Hidden).Select(i => i % (Hidden + 1) == 0 ? 1.0 : 0.0)]);
            Values(model, "bias_ih" + suffix).ShouldAllBe(value => value == 0);
            Values(model, "bias_hh" + suffix).ShouldAllBe(value => value == 0);
            Values(model, "weight_ih" + suffix).ShouldAllBe(value => value != 0 && Math.Abs(value) < 0.006);
        }
    }

    [Theory]
    [InlineData("lstm", null, Steps)]
    [InlineData("lstm", 20.0, 20)]
    [InlineData("gru", null, Steps)]
    public void Chrono_biases_are_logarithms_of_times_up_to_the_longest_dependency(string cell, double? longest, int expected)
    {
        using var model = Build(cell, InitKind.Chrono, longest: longest);
        foreach (var suffix in (string[])["_l0", "_l1"])
        {
            var (input, hidden) = (Values(model, "bias_ih" + suffix), Values(model, "bias_hh" + suffix));
            var keep = input[Hidden..(2 * Hidden)];
            keep.ShouldAllBe(value => value >= 0 && value <= Math.Log(expected - 1));
            keep.Distinct().Count().ShouldBe(Hidden);
            hidden[Hidden..(2 * Hidden)].ShouldAllBe(value => value == 0);
            if (cell != "lstm") continue;
            input[..Hidden].ShouldBe([.. keep.Select(value => -value)]);
            hidden[..Hidden].ShouldAllBe(value => value == 0);
        }
    }

    [Theory]
    [InlineData("lstm", InitKind.Orthogonal)]
    [InlineData("lstm", InitKind.Chrono)]
    [InlineData("gru", InitKind.Chrono)]
    [InlineData("rnn", InitKind.Identity)]
    public void Every_initialiser_draws_the_same_on_both_kernel_paths(string cell, InitKind init)
    {
        using var library = Build(cell, init);
        using var loop = Build(cell, init, KernelPath.Cell);
        foreach (var (name, _) in library.Weights) Values(loop, name).ShouldBe(Values(library, name), name);
    }

    [Theory]
    [InlineData("lstm", InitKind.Identity, null, null, "without gates")]
    [InlineData("rnn", InitKind.Chrono, null, null, "keeps the state")]
    [InlineData("lstm", InitKind.Chrono, 1.0, null, "forget_bias")]
    [InlineData("lstm", InitKind.Chrono, null, 2.0, "at least 3")]
    [InlineData("lstm", InitKind.Default, null, 50.0, "t_max belongs to")]
    public void Initialisers_that_do_not_fit_are_refused(string cell, InitKind init, double? forgetBias, double? longest, string part) =>
        Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(Trials.Spec() with { Model = Trials.Model(cell) with { Init = init, ForgetBias = forgetBias, TMax = longest } }))
            .Message.ShouldContain(part);

    [Fact]
    public void The_portable_logarithm_is_the_logarithm()
    {
        foreach (var x in (double[])[2.2250738585072014e-308, 1e-300, 1e-9, 0.3, 0.70710678, 1 - 1e-12, 1, 1 + 1e-12, 1.41421357, 2, Math.E, 99, 1e300, double.MaxValue])
            PortableMath.Ln(x).ShouldBe(Math.Log(x), 4e-16 * Math.Max(Math.Abs(Math.Log(x)), 1));
        foreach (var x in (double[])[0, -1, double.NaN, double.PositiveInfinity]) Should.Throw<ArgumentOutOfRangeException>(() => PortableMath.Ln(x));
    }

    [Fact]
    public void Normal_numbers_have_the_moments_of_a_standard_normal()
    {
        var random = new RandomStream(1, StreamPurpose.Weights, 1, 0);
        var sample = Enumerable.Range(0, 100_000).Select(_ => random.NextNormal()).ToArray();
        sample.Average().ShouldBe(0, 0.015);
        sample.Average(x => x * x).ShouldBe(1, 0.02);
        sample.Average(x => x * x * x * x).ShouldBe(3, 0.15);
    }

    [Theory]
    [InlineData("rnn", InitKind.Default, 1.5)]
    [InlineData("rnn", InitKind.Identity, 0.9)]
    [InlineData("lstm", InitKind.Default, 1.2)]
    [InlineData("gru", InitKind.Orthogonal, 2.0)]
    public void Recurrent_weights_are_scaled_to_the_spectral_radius_block_by_block(string cell, InitKind init, double radius)
    {
        using var scope = NewDisposeScope();
        var task = new TaskShape(5, 3, 1, LossKind.MeanSquaredError, 4, Graded: false);
        var spec = Trials.Model(cell, KernelPath.Library, hidden: 16, layers: 2) with { Init = init };
        using var drawn = Trials.Build(spec, task);
        using var scaled = Trials.Build(spec with { SpectralRadius = radius }, task);
        foreach (var (name, weight) in scaled.Weights)
        {
            if (!name.StartsWith("weight_hh", StringComparison.Ordinal))
            {
                weight.data<double>().ToArray().ShouldBe(Trials.Weight(drawn, name).data<double>().ToArray());
                continue;
            }

            foreach (var (block, original) in weight.split(16).Zip(Trials.Weight(drawn, name).split(16)))
            {
                linalg.eigvals(block).abs().max().item<double>().ShouldBe(radius, 1e-6);
                var factors = block / original;
                if (init == InitKind.Default) (factors.max() - factors.min()).item<double>().ShouldBeLessThan(1e-6);
            }
        }
    }
}
