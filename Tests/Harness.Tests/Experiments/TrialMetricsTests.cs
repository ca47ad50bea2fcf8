using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class TrialMetricsTests
{
    private static TrialResult Trial(TrialState state = TrialState.Completed, float[]? norms = null, double[]? profile = null, params (string Metric, float[] Values)[] curves)
    {
        var metrics = curves.ToDictionary(curve => curve.Metric, curve => new MetricSeries([.. Enumerable.Range(0, curve.Values.Length)], curve.Values), StringComparer.Ordinal);
        if (norms is not null) metrics["train.grad_norm"] = new([.. Enumerable.Range(1, norms.Length)], norms);
        var outcome = new TrialOutcome { Kind = OutcomeKind.Completed, Steps = 4, FinalLoss = 0.5, BestLoss = 0.5, BaselineLoss = 1, Solved = false, Parameters = 1, ParametersTotal = 1, TrainSeconds = 0, EvaluationSeconds = 0, ProbeSeconds = 0, ClippedShare = 0.25 };
        return new("id", 1, state, outcome, 1, null, null, null, metrics, profile is null ? [] : [new(ProbeMoment.End, 4, "h", 0, false, profile, null, null)]);
    }

    [Fact]
    public void The_largest_norm_stands_out_from_the_median()
    {
        var trial = Trial(norms: [1, 2, 300, 2]);
        TrialMetrics.ValueOf(trial, "train.grad_norm_max").ShouldBe(300);
        TrialMetrics.ValueOf(trial, "train.grad_norm_spike").ShouldBe(150);
        TrialMetrics.ValueOf(trial, "train.clipped_share").ShouldBe(0.25);
        TrialMetrics.ValueOf(trial, "diverged").ShouldBe(0);
    }

    [Fact]
    public void A_diverged_trial_has_an_infinite_norm()
    {
        var trial = Trial(TrialState.Diverged, norms: [1, 2, float.NaN]);
        TrialMetrics.ValueOf(trial, "train.grad_norm_max").ShouldBe(double.PositiveInfinity);
        TrialMetrics.ValueOf(trial, "diverged").ShouldBe(1);
    }

    [Fact]
    public void The_horizon_is_the_largest_lag_with_a_hundredth_left()
    {
        TrialMetrics.ValueOf(Trial(profile: [1, 0.5, 0.011, 0.009, 0.02, 0.001]), "gradient.horizon").ShouldBe(4);
        TrialMetrics.ValueOf(Trial(profile: [1, 0.9, 0.8]), "gradient.horizon").ShouldBe(2);
        TrialMetrics.ValueOf(Trial(profile: [1, 0, 0]), "gradient.horizon").ShouldBe(0);
        TrialMetrics.ValueOf(Trial(profile: [0, 0, 0]), "gradient.horizon").ShouldBeNull();
    }

    [Fact]
    public void Norms_that_are_exactly_zero_are_flagged() => TrialMetrics.ValueOf(Trial(profile: [1, 0.5, 0, 0]), "gradient.underflow").ShouldBe(0.5);

    [Fact]
    public void What_a_probe_takes_counts_by_its_last_value()
    {
        TrialMetrics.ValueOf(Trial(curves: ("dynamics.lyapunov", [-0.2f, -0.125f])), "dynamics.lyapunov").ShouldBe(-0.125);
        TrialMetrics.ValueOf(Trial(), "dynamics.lyapunov").ShouldBeNull();
    }
}
