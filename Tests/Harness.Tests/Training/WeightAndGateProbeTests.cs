using Harness.Abstractions.Catalog;
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

public sealed class WeightAndGateProbeTests
{
    private static readonly SequenceBatch Batch = SequenceTask.Create(Trials.Task("adding", 15))!.Evaluation(1, 0, 4);

    private static Dictionary<string, double> Gates(SequenceModel model, string cell) =>
        GateProbe.Measure(model, RecurrentCell.Find(cell)!, CellCatalog.Get(cell), BatchTensors.Of(Batch, ScalarType.Float64, CPU)).ToDictionary(point => point.Metric, point => point.Value, StringComparer.Ordinal);

    private static Dictionary<string, double> Weights(SequenceModel model) => WeightProbe.Measure(model).ToDictionary(point => point.Metric, point => point.Value, StringComparer.Ordinal);

    [Fact]
    public void A_matrix_that_is_not_normal_has_a_large_singular_value_and_no_spectral_radius()
    {
        using var model = Trials.Build(Trials.Model("rnn", hidden: 2), Batch.Shape);
        using (no_grad()) Trials.Weight(model, "weight_hh_l0").copy_(tensor(new[,] { { 0.0, 2.0 }, { 0.0, 0.0 } }));
        Weights(model)["weights.sigma_max"].ShouldBe(2, 1e-12);
        Weights(model)["weights.spectral_radius"].ShouldBe(0, 1e-12);
        Weights(model)["weights.departure"].ShouldBe(1, 1e-12);
    }

    [Fact]
    public void A_rotation_has_complex_eigenvalues_of_its_scale()
    {
        using var model = Trials.Build(Trials.Model("rnn", hidden: 2), Batch.Shape);
        using (no_grad()) Trials.Weight(model, "weight_hh_l0").copy_(tensor(new[,] { { 0.0, -1.5 }, { 1.5, 0.0 } }));
        Weights(model)["weights.sigma_max"].ShouldBe(1.5, 1e-12);
        Weights(model)["weights.spectral_radius"].ShouldBe(1.5, 1e-12);
        Weights(model)["weights.departure"].ShouldBe(0, 1e-7);
    }

    [Fact]
    public void Departure_from_normality_is_that_of_a_triangle_and_zero_without_weights()
    {
        using var model = Trials.Build(Trials.Model("rnn", hidden: 2), Batch.Shape);
        using (no_grad()) Trials.Weight(model, "weight_hh_l0").copy_(tensor(new[,] { { 1.0, 1.0 }, { 0.0, 1.0 } }));
        Weights(model)["weights.departure"].ShouldBe(Math.Sqrt(1.0 / 3), 1e-12);
        using (no_grad()) Trials.Weight(model, "weight_hh_l0").zero_();
        Weights(model)["weights.departure"].ShouldBe(0);
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    public void Default_initialisation_is_near_its_limits_for_many_units(string cell)
    {
        using var model = Trials.Build(Trials.Model(cell, KernelPath.Library, hidden: 128), Batch.Shape, dtype: ScalarType.Float32);
        Weights(model)["weights.sigma_max"].ShouldBe(2 / Math.Sqrt(3), 0.06);
        Weights(model)["weights.spectral_radius"].ShouldBe(1 / Math.Sqrt(3), 0.08);
    }

    [Fact]
    public void The_largest_of_all_layers_directions_and_gates_is_reported()
    {
        using var model = Trials.Build(Trials.Model("gru", hidden: 3, layers: 2, bidirectional: true), Batch.Shape);
        using (no_grad()) Trials.Weight(model, "weight_hh_l1_reverse").narrow(0, 3, 3).copy_(7 * eye(3, dtype: ScalarType.Float64));
        Weights(model)["weights.sigma_max"].ShouldBe(7, 1e-12);
    }

    [Theory]
    [InlineData("lstm", 3.0, 0, 1)]
    [InlineData("lstm", -3.0, 1, 0)]
    [InlineData("gru", 0.0, 0, 0)]
    [InlineData("gru", 4.0, 0, 1)]
    public void With_zero_weights_the_bias_alone_sets_the_gate(string cell, double bias, double closed, double open)
    {
        using var model = Trials.Build(Trials.Model(cell, layers: 2), Batch.Shape);
        using (no_grad())
        {
            foreach (var (_, weight) in model.Network.Weights) weight.zero_();
            foreach (var name in (string[])["bias_ih_l0", "bias_ih_l1"]) Trials.Weight(model, name).narrow(0, 6, 6).fill_(bias);
        }

        var kept = 1 / (1 + Math.Exp(-bias));
        var gates = Gates(model, cell);
        gates["gates.kept"].ShouldBe(kept, 1e-12);
        gates["gates.closed"].ShouldBe(closed);
        gates["gates.open"].ShouldBe(open);
        gates["gates.time_constant"].ShouldBe(-1 / Math.Log(kept), 1e-9);
        gates["gates.time_constant_10"].ShouldBe(-1 / Math.Log(kept), 1e-9);
        var retention = cell == "lstm" ? "forget" : "update";
        gates[$"gates.{retention}.closed"].ShouldBe(closed);
        gates[$"gates.{retention}.open"].ShouldBe(open);
        foreach (var other in CellCatalog.Get(cell).Shares.Where(gate => gate != retention)) (gates[$"gates.{other}.closed"] + gates[$"gates.{other}.open"]).ShouldBe(0);
    }

    [Fact]
    public void Time_constants_are_told_by_their_spread_over_units()
    {
        const int Hidden = 11;
        using var model = Trials.Build(Trials.Model("gru", hidden: Hidden), Batch.Shape);
        double[] constants = [.. Enumerable.Range(0, Hidden).Select(unit => 2.0 + unit)];
        using (no_grad())
        {
            foreach (var (_, weight) in model.Network.Weights) weight.zero_();
            Trials.Weight(model, "bias_ih_l0").narrow(0, Hidden, Hidden).copy_(tensor([.. constants.Select(constant => Math.Exp(-1 / constant)).Select(kept => Math.Log(kept / (1 - kept)))]));
        }

        var gates = Gates(model, "gru");
        gates["gates.time_constant_10"].ShouldBe(3, 1e-9);
        gates["gates.time_constant"].ShouldBe(7, 1e-9);
        gates["gates.time_constant_90"].ShouldBe(11, 1e-9);
    }

    [Fact]
    public void A_trial_reports_them_at_the_moments_asked_for_under_names_of_the_catalogue()
    {
        var frames = Trials.Run(Trials.Spec("gru") with { Probe = new([], 4, Weights: [ProbeMoment.Init, ProbeMoment.End], Gates: [ProbeMoment.Middle]) }).Frames.OfType<MetricFrame>().ToArray();
        frames.ShouldAllBe(frame => MetricCatalog.Find(frame.Metric) != null);
        Trials.Curve(frames, "weights.sigma_max").Keys.ShouldBe([0, 12]);
        Trials.Curve(frames, "weights.spectral_radius").Keys.ShouldBe([0, 12]);
        foreach (var metric in (string[])["gates.kept", "gates.closed", "gates.open", "gates.time_constant"]) Trials.Curve(frames, metric).Keys.ShouldBe([6]);
    }

    [Fact]
    public void A_cell_without_gates_has_no_gate_statistics()
    {
        var frames = Trials.Run(Trials.Spec("rnn") with { Probe = new([], 4, Gates: [ProbeMoment.Init]) }).Frames;
        frames.OfType<MetricFrame>().ShouldAllBe(frame => !frame.Metric.StartsWith("gates.", StringComparison.Ordinal));
    }
}
