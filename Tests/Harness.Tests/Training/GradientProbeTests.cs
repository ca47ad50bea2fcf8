using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class GradientProbeTests
{
    private static IReadOnlyList<GradientProfile> Take(SequenceModel model, string cell, SequenceBatch batch) =>
        GradientProbe.Measure(model, RecurrentCell.Find(cell)!, BatchTensors.Of(batch, ScalarType.Float64, CPU), ProbeMoment.Init, 0);

    private static SequenceBatch Adding(int length, int count) => SequenceTask.Create(Trials.Task("adding", length))!.Evaluation(1, 0, count);

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.0)]
    [InlineData(1.1)]
    public void A_relu_network_with_a_scaled_identity_scales_gradients_by_its_factor_per_step(double rho)
    {
        const int Length = 40;
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model("rnn", activation: "relu"), Adding(Length, 4).Shape);
        using (no_grad())
        {
            // Inputs of the adding problem are not negative: with positive weights every unit is always on.
            Trials.Weight(model, "weight_ih_l0").abs_().add_(0.1);
            Trials.Weight(model, "weight_hh_l0").copy_(eye(6, dtype: ScalarType.Float64) * rho);
            Trials.Weight(model, "bias_ih_l0").fill_(0.1);
            Trials.Weight(model, "bias_hh_l0").zero_();
        }

        var profile = Take(model, "rnn", Adding(Length, 4)).Single();
        (profile.Norms[Length - 1] / profile.Norms[0]).ShouldBe(Math.Pow(rho, Length - 1), 1e-6 * Math.Pow(rho, Length - 1));
        profile.Slope!.Value.ShouldBe(Math.Log10(rho), 1e-9);
        if (rho < 1) profile.HalfLife!.Value.ShouldBe(Math.Log(2) / -Math.Log(rho), 1e-6);
        if (rho > 1) profile.HalfLife.ShouldBeNull();
    }

    [Theory]
    [InlineData("lstm", "c", 1.0)]
    [InlineData("lstm", "c", 3.0)]
    [InlineData("gru", "h", 1.0)]
    [InlineData("gru", "h", 3.0)]
    public void With_zero_weights_the_retention_bias_alone_says_what_survives(string cell, string state, double bias)
    {
        const int Length = 30;
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model(cell), Adding(Length, 4).Shape);
        using (no_grad())
        {
            foreach (var (_, weight) in model.Network.Weights) weight.zero_();
            Trials.Weight(model, "bias_ih_l0").narrow(0, 6, 6).fill_(bias);     // rows [H, 2H): forget gate, update gate
        }

        var profile = Take(model, cell, Adding(Length, 4)).Single(profile => profile.State == state);
        var expected = Math.Pow(1 / (1 + Math.Exp(-bias)), Length - 1);
        (profile.Norms[Length - 1] / profile.Norms[0]).ShouldBe(expected, 1e-6 * expected);
    }

    [Theory]
    [InlineData("rnn", 'h')]
    [InlineData("lstm", 'h')]
    [InlineData("lstm", 'c')]
    [InlineData("gru", 'h')]
    public void The_profile_equals_finite_differences_of_the_written_out_equations(string cell, char state)
    {
        const int Length = 6, Count = 3, Hidden = 6;
        const double Shift = 1e-5;
        using var scope = NewDisposeScope();
        var batch = Adding(Length, Count);
        using var model = Trials.Build(Trials.Model(cell), batch.Shape);
        var (wih, whh) = (Rows("weight_ih_l0"), Rows("weight_hh_l0"));
        var (bih, bhh, readOut, offset) = (Values("bias_ih_l0"), Values("bias_hh_l0"), Values("readout.weight"), Values("readout.bias")[0]);

        var norms = Take(model, cell, batch).Single(profile => profile.State == state.ToString()).Norms;
        for (var lag = 0; lag < Length; lag++)
        {
            double mean = 0;
            for (var b = 0; b < Count; b++)
            {
                double squares = 0;
                for (var unit = 0; unit < Hidden; unit++)
                {
                    var slope = (Loss(b, unit, Shift) - Loss(b, unit, -Shift)) / (2 * Shift);
                    squares += slope * slope;
                }

                mean += Math.Sqrt(squares) / Count;
            }

            norms[lag].ShouldBe(mean, 1e-7);

            double Loss(int b, int unit, double shift)
            {
                double[][] inputs = [.. Enumerable.Range(0, Length).Select(t => (double[])[batch.Inputs[(t * Count + b) * 2], batch.Inputs[(t * Count + b) * 2 + 1]])];
                var h = PlainCell.Run(cell, wih, whh, bih, bhh, inputs, Length - 1 - lag, state, unit, shift);
                var error = h.Zip(readOut, (a, w) => a * w).Sum() + offset - batch.Values[b];
                return error * error;
            }
        }

        double[] Values(string name) => Trials.Weight(model, name).data<double>().ToArray();

        double[][] Rows(string name) => [.. Values(name).Chunk((int)Trials.Weight(model, name).shape[1])];
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void All_kernel_paths_have_the_same_profile_for_every_layer_direction_and_state(string cell)
    {
        using var scope = NewDisposeScope();
        var batch = Adding(9, 3);
        IReadOnlyList<GradientProfile> Of(KernelPath kernel)
        {
            using var model = Trials.Build(Trials.Model(cell, kernel, 4, 2, bidirectional: true), batch.Shape);
            return Take(model, cell, batch);
        }

        var (library, loop, engine) = (Of(KernelPath.Library), Of(KernelPath.Cell), Of(KernelPath.Engine));
        engine.Select(profile => (profile.Layer, profile.Backwards, profile.State)).ShouldBe(loop.Select(profile => (profile.Layer, profile.Backwards, profile.State)));
        foreach (var (a, b) in engine.Zip(loop))
            foreach (var (x, y) in a.Norms.Zip(b.Norms, (x, y) => (x, y))) x.ShouldBe(y, 1e-12 * y);
        library.Select(profile => (profile.Layer, profile.Backwards, profile.State)).ShouldBe(
            from layer in (int[])[0, 1] from backwards in (bool[])[false, true] from state in cell == "lstm" ? ["h", "c"] : (string[])["h"] select (layer, backwards, state));
        foreach (var (a, b) in library.Zip(loop))
        {
            a.Norms.ShouldBe(b.Norms);
            a.Norms.Length.ShouldBe(9);
            a.Norms.ShouldAllBe(norm => norm > 0);
        }
    }

    [Fact]
    public void A_gradient_far_below_single_precision_is_still_measured()
    {
        const int Length = 200;
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model("rnn", KernelPath.Library, 16), Adding(Length, 2).Shape, dtype: ScalarType.Float32);
        var profile = Take(model, "rnn", Adding(Length, 2)).Single();
        profile.Norms[^1].ShouldBeInRange(double.Epsilon, 1e-30);
        profile.Slope!.Value.ShouldBeLessThan(-0.1);
    }

    [Fact]
    public void Classes_are_profiled_like_real_answers()
    {
        using var scope = NewDisposeScope();
        var batch = SequenceTask.Create(Trials.Task("temporal-order", 12))!.Evaluation(1, 0, 3);
        using var model = Trials.Build(Trials.Model("gru"), batch.Shape);
        Take(model, "gru", batch).Single().Norms.ShouldAllBe(norm => norm > 0);
    }

    /// <summary>PyTorch's LSTM adds two bias vectors: what many introductions write, a one into both, is a forget bias of two.</summary>
    [Fact]
    public void One_in_both_bias_vectors_is_a_forget_bias_of_two()
    {
        using var scope = NewDisposeScope();
        var batch = Adding(60, 8);
        using var one = Trials.Build(Trials.Model("lstm", hidden: 16), batch.Shape);
        using var two = Trials.Build(Trials.Model("lstm", hidden: 16) with { ForgetBias = 2 }, batch.Shape);
        using (no_grad())
        {
            foreach (var name in (string[])["bias_ih_l0", "bias_hh_l0"]) Trials.Weight(one, name).narrow(0, 16, 16).fill_(1);
        }

        foreach (var (copied, meant) in Take(one, "lstm", batch).Zip(Take(two, "lstm", batch)))
            foreach (var (a, b) in copied.Norms.Zip(meant.Norms)) a.ShouldBe(b, 1e-12 * b);
        using var single = Trials.Build(Trials.Model("lstm", hidden: 16) with { ForgetBias = 1 }, batch.Shape);
        (Take(two, "lstm", batch)[1].Slope - Take(single, "lstm", batch)[1].Slope)!.Value.ShouldBeGreaterThan(0.03);
    }

    /// <summary>What default initialisation and the forget bias do, as first measured with an independent program.</summary>
    [Theory]
    [InlineData("rnn", null, -0.215, 0.05)]
    [InlineData("gru", null, -0.188, 0.03)]
    [InlineData("lstm", null, -0.192, 0.03)]
    [InlineData("lstm", 1.0, -0.065, 0.02)]
    [InlineData("lstm", 2.0, -0.009, 0.015)]
    public void Slopes_at_initialisation_are_the_known_ones(string cell, double? forgetBias, double slope, double tolerance)
    {
        using var scope = NewDisposeScope();
        var batch = Adding(100, 16);
        Enumerable.Range(1, 4).Average(seed =>
        {
            using var model = Trials.Build(Trials.Model(cell, KernelPath.Library, 64) with { ForgetBias = forgetBias }, batch.Shape, seed, ScalarType.Float32);
            return Take(model, cell, batch).Single(profile => profile.State == "h").Slope!.Value;
        }).ShouldBe(slope, tolerance);
    }
}
