using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

public sealed class FigureLayoutTests
{
    [Fact]
    public void Labels_that_collide_move_apart_and_keep_their_order()
    {
        var placed = LabelPlacement.Spread([50, 52, 51, 200], 15, 0, 300);
        placed.ShouldBe([36, 66, 51, 200], 1e-9);
    }

    [Fact]
    public void Labels_stay_inside_the_room_they_have()
    {
        LabelPlacement.Spread([1, 2, 3], 15, 0, 100).ShouldBe([0, 15, 30], 1e-9);
        LabelPlacement.Spread([99, 99], 15, 0, 100).ShouldBe([85, 100], 1e-9);
        LabelPlacement.Spread([5, 5, 5], 15, 0, 20).ShouldBe([0, 10, 20], 1e-9);
    }

    [Fact]
    public void Labels_far_apart_stay_where_they_want_to_be() => LabelPlacement.Spread([10, 90], 15, 0, 100).ShouldBe([10, 90]);

    [Theory]
    [InlineData(0, 1000, "0 200 400 600 800 1,000")]
    [InlineData(0, 0.04, "0 0.01 0.02 0.03 0.04")]
    [InlineData(0, 49, "0 10 20 30 40")]
    [InlineData(3, 3, "3 3.2 3.4 3.6 3.8 4")]
    public void Linear_ticks_are_round(double low, double high, string expected) =>
        string.Join(" ", AxisScale.Linear("", low, high).Ticks.Select(t => t.Label)).ShouldBe(expected);

    [Theory]
    [InlineData(-22, 0, "10⁻²⁰ 10⁻¹⁶ 10⁻¹² 10⁻⁸ 10⁻⁴ 1")]
    [InlineData(-5, 0.1, "10⁻⁵ 10⁻⁴ 10⁻³ 10⁻² 10⁻¹ 1")]
    [InlineData(-2, -0.5, "0.01 0.02 0.05 0.1 0.2")]
    [InlineData(-0.9, -0.6, "0.15 0.2")]
    public void Logarithmic_ticks_are_decades_or_simple_fractions(double low, double high, string expected) =>
        string.Join(" ", AxisScale.Logarithmic("", low, high).Ticks.Select(t => t.Label)).ShouldBe(expected);

    [Fact]
    public void A_reduced_curve_keeps_its_peaks_and_its_last_point()
    {
        var curve = Enumerable.Range(0, 5000).Select(i => new PanelPoint(i, i == 1234 ? 99 : i == 4321 ? -99 : Math.Sin(i / 100.0))).ToList();
        var reduced = CurveSampling.Reduce(curve, 300);
        reduced.Count.ShouldBeLessThanOrEqualTo(300);
        reduced.ShouldContain(curve[1234]);
        reduced.ShouldContain(curve[4321]);
        reduced[^1].ShouldBe(curve[^1]);
        reduced.Select(p => p.X).ShouldBeInOrder();
    }

    [Fact]
    public void A_short_curve_is_left_alone()
    {
        PanelPoint[] curve = [new(0, 1), new(1, 2)];
        CurveSampling.Reduce(curve, 3).ShouldBe(curve);
    }

    [Fact]
    public void A_long_label_is_cut_between_characters()
    {
        TextMetrics.Fit("short", 12, 100).ShouldBe("short");
        var cut = TextMetrics.Fit("👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀", 12, 100);
        cut.ShouldEndWith("👩‍🚀…");
        TextMetrics.Width(cut, 12).ShouldBeLessThanOrEqualTo(100);
    }

    [Theory]
    [InlineData(0.0, "0")]
    [InlineData(0.00012345, "1.23×10⁻⁴")]
    [InlineData(0.0000123, "1.23×10⁻⁵")]
    [InlineData(0.99999, "1.00")]
    [InlineData(9.996, "10.0")]
    [InlineData(-12.34, "−12.3")]
    [InlineData(1234.0, "1,230")]
    [InlineData(1234567.0, "1.23×10⁶")]
    [InlineData(double.PositiveInfinity, "∞")]
    [InlineData(double.NaN, "–")]
    public void Numbers_are_short_and_say_three_digits(double value, string expected) => Numbers.Short(value).ShouldBe(expected);

    [Fact]
    public void A_factor_that_all_cells_share_separates_panels()
    {
        var facets = ConditionGrid.From(ResultsFixture.Typical.Conditions);
        facets.Select(f => f.Label).ShouldBe(["length 20", "length 50"]);
        facets[0].Arms.Select(a => a.Label).ShouldBe(["RNN", "LSTM", "GRU"]);
        facets[0].Arms.Select(a => a.Style).ShouldBe(facets[1].Arms.Select(a => a.Style));
    }

    [Fact]
    public void A_factor_that_only_one_cell_has_tells_arms_apart()
    {
        var conditions = ResultsFixture.Make(["rnn", "lstm"], [20], 1).Conditions;
        var extra = conditions[1] with
        {
            Ordinal = 2,
            Label = "lstm fb2",
            Factors = new Dictionary<string, string>(StringComparer.Ordinal) { ["cell"] = "lstm", ["model.forget_bias"] = "2" },
        };
        var facet = ConditionGrid.From([.. conditions, extra]).ShouldHaveSingleItem();
        facet.Arms.Select(a => a.Label).ShouldBe(["RNN", "LSTM", "LSTM forget bias 2"]);
        facet.Arms.Select(a => a.Style.Colour).Distinct(StringComparer.Ordinal).Count().ShouldBe(3);
    }

    [Fact]
    public void One_cell_is_compared_over_its_levels() =>
        ConditionGrid.From(ResultsFixture.OneCell.Conditions).ShouldHaveSingleItem().Arms.Select(a => a.Label).ShouldBe(["LSTM length 20", "LSTM length 50"]);
}
