using Harness.Reports.Figures;

namespace Harness.Tests.Reports;

/// <summary>The same numbers on a linear axis.</summary>
public sealed class LinearPanelTests
{
    [Fact]
    public void Values_keep_their_place_on_the_axis()
    {
        var linear = LinearPanel.Of(Drawing(-2, 1)).ShouldNotBeNull();
        linear.Y.IsLogarithmic.ShouldBeFalse();
        (linear.Y.Minimum, linear.Y.Maximum).ShouldBe((0, 10));
        linear.X.ShouldBe(Drawing(-2, 1).X with { Ticks = linear.X.Ticks });
        var series = linear.Series.ShouldHaveSingleItem();
        series.Strokes[0].Points.Select(point => (point.X, Math.Round(point.Y, 9))).ShouldBe([(0, 0.01), (1, 1), (2, 10)]);
        series.Band!.High.Select(value => Math.Round(value, 9)).ShouldBe([0.1, 10]);
        series.Marks[0].Y.ShouldBe(1);
        linear.References[0].At.ShouldBe(0.1, 1e-9);
        linear.Id.ShouldNotBe(Drawing(-2, 1).Id, StringComparer.Ordinal);
    }

    [Theory]
    [InlineData(-0.4, 0.5)]
    [InlineData(-9, 0)]
    public void Less_than_a_decade_and_more_than_six_have_no_linear_axis(double low, double high) => LinearPanel.Of(Drawing(low, high)).ShouldBeNull();

    [Fact]
    public void Linear_drawing_has_no_second_one()
    {
        var drawing = Drawing(-2, 1);
        LinearPanel.Of(drawing with { Y = AxisScale.Linear("loss", 0, 1) }).ShouldBeNull();
    }

    private static Panel Drawing(double low, double high) => new(
        "fig-1", "Loss", "It falls.", 400, 300, AxisScale.Linear("step", 0, 2), AxisScale.Logarithmic("loss", low, high),
        [
            new("rnn", Palette.For(["rnn"])[0], [new(StrokeRole.Centre, [new(0, -2), new(1, 0), new(2, 1)])], new([0, 2], [-2, 0], [-1, 1]), [new(MarkerKind.Circle, 1, 0)], "RNN"),
        ],
        [new ReferenceLine(-1, "baseline")], []);
}
