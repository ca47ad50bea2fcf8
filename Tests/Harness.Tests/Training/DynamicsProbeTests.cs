using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class DynamicsProbeTests
{
    private static SequenceBatch Adding(int length, int count) => SequenceTask.Create(Trials.Task("adding", length))!.Evaluation(1, 0, count);

    private static BatchTensors Exact(SequenceBatch batch) => BatchTensors.Of(batch, ScalarType.Float64, CPU);

    private static Dictionary<string, double> Take(SequenceModel model, string cell, SequenceBatch batch) =>
        DynamicsProbe.Measure(model, RecurrentCell.Find(cell)!, Exact(batch)).ToDictionary(point => point.Metric, point => point.Value, StringComparer.Ordinal);

    [Theory]
    [InlineData(0.9)]
    [InlineData(1.1)]
    public void The_exponent_of_a_scaled_identity_is_the_logarithm_of_its_scale(double rho)
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model("rnn", activation: "relu"), Adding(30, 2).Shape);
        using (no_grad())
        {
            Trials.Weight(model, "weight_ih_l0").abs_().add_(0.1);
            Trials.Weight(model, "weight_hh_l0").copy_(eye(6, dtype: ScalarType.Float64) * rho);
            Trials.Weight(model, "bias_ih_l0").fill_(0.1);
            Trials.Weight(model, "bias_hh_l0").zero_();
        }

        Take(model, "rnn", Adding(30, 2))["dynamics.lyapunov"].ShouldBe(Math.Log10(rho), 1e-9);
    }

    [Theory]
    [InlineData("lstm", 2.0)]
    [InlineData("gru", 1.0)]
    public void With_zero_weights_the_retention_bias_alone_is_the_exponent(string cell, double bias)
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model(cell), Adding(20, 1).Shape);
        using (no_grad())
        {
            foreach (var (_, weight) in model.Network.Weights) weight.zero_();
            Trials.Weight(model, "bias_ih_l0").narrow(0, 6, 6).fill_(bias);
        }

        Take(model, cell, Adding(20, 1))["dynamics.lyapunov"].ShouldBe(Math.Log10(1 / (1 + Math.Exp(-bias))), 1e-9);
    }

    [Fact]
    public void Units_that_are_always_off_have_no_exponent()
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model("rnn", activation: "relu"), Adding(10, 1).Shape);
        using (no_grad()) Trials.Weight(model, "bias_ih_l0").fill_(-100);
        var found = Take(model, "rnn", Adding(10, 1));
        found.ShouldNotContainKey("dynamics.lyapunov");
        found.ShouldNotContainKey("dynamics.long_range");
    }

    /// <summary>Two independent ways to the same number: QR of the Jacobians forwards, back-propagation of the loss backwards.</summary>
    [Theory]
    [InlineData("rnn", null, null)]
    [InlineData("gru", null, null)]
    [InlineData("lstm", null, null)]
    [InlineData("gru", null, 1.0)]
    [InlineData("lstm", 1.0, null)]
    [InlineData("lstm", 2.0, null)]
    public void The_exponent_agrees_with_the_slope_of_the_gradient_profile(string cell, double? forgetBias, double? updateBias)
    {
        using var scope = NewDisposeScope();
        var batch = Adding(80, 16);
        using var model = Trials.Build(Trials.Model(cell, KernelPath.Library, 32) with { ForgetBias = forgetBias, UpdateBias = updateBias }, batch.Shape);
        var slope = GradientProbe.Measure(model, RecurrentCell.Find(cell)!, Exact(batch), ProbeMoment.Init, 0).Single(profile => profile.State == (cell == "lstm" ? "c" : "h")).Slope!.Value;
        Take(model, cell, batch)["dynamics.lyapunov"].ShouldBe(slope, 0.04);
    }

    /// <summary>The weights' gradient of a tanh network written out: Σ_t (∂L/∂h_t ⊙ (1 − h_t²))ᵀ h_{t−1}, the far half apart.</summary>
    [Fact]
    public void The_long_range_share_is_that_of_the_gradient_written_out()
    {
        const int Length = 9;
        using var scope = NewDisposeScope();
        var batch = Adding(Length, 5);
        using var model = Trials.Build(Trials.Model("rnn"), batch.Shape);
        var exact = Exact(batch);
        var steps = new List<LoopStep>();
        var run = ((LoopNetwork)model.Network).Run(exact.Input, steps.Add);
        var states = steps.Select(step => step.After.H).ToList();
        var loss = exact.LastStepLossPerSequence(model.ReadOut(LoopNetwork.LastOf(run)));
        Tensor far = zeros(6, 6, dtype: ScalarType.Float64), all = zeros(6, 6, dtype: ScalarType.Float64);
        foreach (var (step, gradient) in steps.Zip(autograd.grad([loss], states)))
        {
            var term = (gradient * (1 - step.After.H.square())).transpose(0, 1).matmul(step.Before.H);
            all = all + term;
            if (Length - 1 - step.Step >= Length / 2) far = far + term;
        }

        Take(model, "rnn", batch)["dynamics.long_range"].ShouldBe((far.norm() / all.norm()).item<double>(), 1e-12);
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Every_cell_layer_and_direction_is_looked_at(string cell)
    {
        using var scope = NewDisposeScope();
        using var model = Trials.Build(Trials.Model(cell, layers: 2, bidirectional: true), Adding(8, 3).Shape);
        var found = Take(model, cell, Adding(8, 3));
        found["dynamics.lyapunov"].ShouldBeLessThan(0);
        found["dynamics.long_range"].ShouldBeInRange(1e-6, 1.5);
        // Only the last layer's second direction keeps anything: 0.9, or what its gate says, of every step. Eight steps leave some of the start.
        using (no_grad())
        {
            foreach (var (_, weight) in model.Network.Weights) weight.zero_();
            if (cell == "rnn") Trials.Weight(model, "weight_hh_l1_reverse").copy_(0.9 * eye(6, dtype: ScalarType.Float64));
            else Trials.Weight(model, "bias_ih_l1_reverse").narrow(0, 6, 6).fill_(Math.Log(9));
        }

        Take(model, cell, Adding(8, 3))["dynamics.lyapunov"].ShouldBe(Math.Log10(0.9), 1e-3);
    }

    [Fact]
    public void Dead_units_and_gradients_that_are_zero_are_counted()
    {
        using var scope = NewDisposeScope();
        var batch = Adding(10, 4);
        using var model = Trials.Build(Trials.Model("rnn", activation: "relu"), batch.Shape);
        Dictionary<string, double> Health() => HealthProbe.Measure(model, RecurrentCell.Find("rnn")!, Exact(batch), Exact(batch)).ToDictionary(point => point.Metric, point => point.Value, StringComparer.Ordinal);
        using (no_grad())
        {
            Trials.Weight(model, "weight_ih_l0").abs_();
            Trials.Weight(model, "weight_hh_l0").abs_();
            Trials.Weight(model, "bias_ih_l0").fill_(0.01);
            Trials.Weight(model, "bias_hh_l0").zero_();
        }

        // Units that nothing switches off; that h grows beyond 0.95 is no saturation of theirs as long as it begins below.
        Health()["health.dead_units"].ShouldBe(0);
        Health()["health.zero_gradients"].ShouldBe(0);
        using (no_grad()) Trials.Weight(model, "bias_ih_l0")[0] = tensor(-1000.0, dtype: ScalarType.Float64);
        Health()["health.dead_units"].ShouldBe(1 / 6.0);
        // Its row and column of the recurrent weights, its input weights and biases, its read-out: 6 + 5 + 2 + 2 + 1 of 6·(2 + 6 + 2) + 7.
        Health()["health.zero_gradients"].ShouldBe(16 / 67.0);
    }

    [Fact]
    public void A_tanh_unit_that_never_leaves_its_end_is_dead()
    {
        using var scope = NewDisposeScope();
        var batch = Adding(10, 4);
        using var model = Trials.Build(Trials.Model("rnn"), batch.Shape);
        using (no_grad()) Trials.Weight(model, "bias_ih_l0").narrow(0, 0, 3).fill_(-50);
        HealthProbe.Measure(model, RecurrentCell.Find("rnn")!, Exact(batch), Exact(batch)).Single(point => point.Metric == "health.dead_units").Value.ShouldBe(0.5);
    }

    [Fact]
    public void Probing_leaves_training_as_it_was()
    {
        var plain = Trials.Spec("lstm", KernelPath.Library);
        var probed = plain with { Probe = new([ProbeMoment.Middle], 4, Dynamics: [ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End], Health: [ProbeMoment.Init, ProbeMoment.Middle]) };
        var (outcome, frames) = Trials.Run(probed);
        Trials.Curve(frames, "train.loss").Values.ShouldBe(Trials.Curve(Trials.Run(plain).Frames, "train.loss").Values);
        outcome.ShouldNotBeNull();
        frames.OfType<MetricFrame>().ShouldAllBe(frame => MetricCatalog.Find(frame.Metric) != null);
        foreach (var metric in (string[])["dynamics.lyapunov", "dynamics.long_range"]) Trials.Curve(frames, metric).Keys.ShouldBe([0, 6, 12]);
        foreach (var metric in (string[])["health.zero_gradients", "health.dead_units"]) Trials.Curve(frames, metric).Keys.ShouldBe([0, 6]);
    }
}
