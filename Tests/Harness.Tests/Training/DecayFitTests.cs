using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Training.Probes;


namespace Harness.Tests.Training;

public sealed class DecayFitTests
{
    [Fact]
    public void An_exponential_decay_has_the_slope_of_its_rate()
    {
        var slope = DecayFit.Slope([.. Enumerable.Range(0, 50).Select(k => 3 * Math.Pow(0.5, k))]);
        slope!.Value.ShouldBe(-Math.Log10(2), 1e-12);
        GradientProfile.HalfLifeOf(slope)!.Value.ShouldBe(1, 1e-12);
    }

    [Fact]
    public void The_outer_tenths_do_not_count()
    {
        var norms = Enumerable.Range(0, 50).Select(k => Math.Pow(0.9, k)).ToArray();
        for (var k = 0; k < 5; k++) (norms[k], norms[^(k + 1)]) = (1e6, 1e-6);
        DecayFit.Slope(norms)!.Value.ShouldBe(Math.Log10(0.9), 1e-12);
    }

    [Fact]
    public void Exact_zeros_have_no_logarithm_and_are_left_out()
    {
        var norms = Enumerable.Range(0, 40).Select(k => k < 20 ? Math.Pow(0.1, k) : 0).ToArray();
        DecayFit.Slope(norms)!.Value.ShouldBe(-1, 1e-12);
    }

    [Theory]
    [InlineData(new[] { 1.0 })]
    [InlineData(new[] { 0.0, 0.0, 0.0, 0.0 })]
    [InlineData(new[] { 0.0, 1.0, 0.0, 0.0 })]
    public void Fewer_than_two_points_have_no_slope(double[] norms)
    {
        DecayFit.Slope(norms).ShouldBeNull();
        GradientProfile.HalfLifeOf(null).ShouldBeNull();
    }

    [Fact]
    public void What_does_not_decay_has_no_half_life()
    {
        GradientProfile.HalfLifeOf(0.0).ShouldBeNull();
        GradientProfile.HalfLifeOf(0.01).ShouldBeNull();
    }
}
