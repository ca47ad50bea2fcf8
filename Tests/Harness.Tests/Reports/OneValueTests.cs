using System.Text.RegularExpressions;
using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Statistics;

namespace Harness.Tests.Reports;

/// <summary>A rendered report gives every quantity one value, wherever it stands.</summary>
public sealed class OneValueTests
{
    private static readonly string[] Cells = ["rnn", "lstm", "gru"];

    /// <summary>Eight seeds: an even number, for which careless medians differ.</summary>
    private static ExperimentResults Results { get; } = ResultsFixture.Make(Cells, [20, 50], 8, (cell, length, seed) => (cell, length, seed) == ("rnn", 50, 3) ? TrialState.Diverged : TrialState.Completed) with
    {
        Claims =
        [
            .. Cells.SelectMany(cell => new ClaimSpec[]
            {
                new ThresholdClaim($"{cell}-loss", cell, "eval.loss", 0.01, null),
                new ThresholdClaim($"{cell}-steps", cell, "steps_to_target", 500, null),
                new ThresholdClaim($"{cell}-solved", cell, "solved", null, 0.5),
            }),
            new ThresholdClaim("lstm-half-life", "lstm", "gradient.half_life", null, 10),
            new ComparisonClaim("ratio", "lstm", "rnn", "eval.loss", null, null),
        ],
    };

    [Fact]
    public async Task Tables_captions_and_cards_agree()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Results, ReportOptions.Default));
        foreach (var cell in Cells)
        {
            foreach (var length in new[] { 20, 50 })
            {
                var condition = $"{cell} T={length}";
                var loss = Value(Cell(page, "conditions", condition, "Final loss"));
                Value(Cell(page, "fig-loss-table", condition, "Final loss")).ShouldBe(loss, condition);
                if (Rows(page, "fig-pareto-table").ContainsKey(condition)) Value(Cell(page, "fig-pareto-table", condition, "Final loss")).ShouldBe(loss, condition);
                string.Concat(page.QuerySelectorAll("#fig-loss svg desc").Select(drawing => drawing.TextContent)).ShouldContain($"{cell.ToUpperInvariant()} {loss}");
                Card(page, $"{cell}-loss", length).ShouldBe(loss, condition);

                var steps = Value(Cell(page, "conditions", condition, "Steps to target"));
                Value(Cell(page, "fig-target-table", condition, "Steps to target")).ShouldBe(steps, condition);
                Card(page, $"{cell}-steps", length).ShouldBe(steps, condition);

                Value(Cell(page, "fig-target-table", condition, "Solved")).ShouldBe(Value(Cell(page, "conditions", condition, "Solved")), condition);
                Value(Cell(page, "fig-cost-table", condition, "ms per step")).ShouldBe(Value(Cell(page, "conditions", condition, "ms per step")), condition);

                var ratio = Value(Cell(page, "fig-loss-table", condition, "Loss / baseline"));
                CardText(page, $"{cell}-loss").ShouldContain($"Loss ÷ baseline: {cell.ToUpperInvariant()} {ratio}.");
            }
        }
    }

    [Fact]
    public async Task The_ratio_of_two_losses_is_one_number()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Results, ReportOptions.Default));
        foreach (var length in new[] { 20, 50 })
        {
            var row = page.QuerySelectorAll("#pairs tbody tr").Single(row => row.TextContent.Contains($"length {length}", StringComparison.Ordinal) && row.TextContent.Contains("RNN against LSTM", StringComparison.Ordinal));
            Card(page, "ratio", length).ShouldBe(Value(row.QuerySelectorAll("th, td")[3]));
        }
    }

    [Fact]
    public async Task A_half_life_is_the_same_in_the_table_and_on_a_card()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(Results, ReportOptions.Default));
        foreach (var length in new[] { 20, 50 })
        {
            var row = page.QuerySelectorAll("#fig-gradient-table tbody tr").Single(row => row.QuerySelectorAll("th, td") is var cells
                && Value(cells[0]) == $"lstm T={length}" && Value(cells[1]) == "after training" && Value(cells[2]) == "c");
            var halfLife = Value(row.QuerySelectorAll("th, td")[4]);
            CardText(page, "lstm-half-life").ShouldContain($"Half-life of the gradient, length {length}: LSTM {(halfLife == "no decay" ? halfLife : $"{halfLife} time steps")}.");
        }
    }

    [Fact]
    public void Every_figure_lays_out_seconds_by_one_clock_and_its_curves_end_at_the_share_in_the_legend()
    {
        foreach (var arm in ConditionGrid.From(Results.Conditions).SelectMany(facet => facet.Arms))
        {
            var clock = arm.Statistics.MillisecondsPerStep!.Value / 1000;
            arm.Statistics.TrainSeconds!.Value.ShouldBe(1000 * clock, 1e-9, arm.Condition.Label);
            foreach (var bySeconds in new[] { false, true })
            {
                var waits = TargetWaits.Of(arm, bySeconds);
                (Survival.Reached(waits) is [.., var last] ? last.Share : 0).ShouldBe((double)arm.Statistics.Solved / arm.Statistics.Finished, 1e-12);
                waits.Where(wait => !wait.Observed).ShouldAllBe(wait => Math.Abs(wait.Time - (bySeconds ? 1000 * clock : 1000)) < 1e-9);
            }
        }
    }

    private static Dictionary<string, IElement> Rows(IDocument page, string table) =>
        page.QuerySelectorAll($"#{table} tbody tr").ToDictionary(row => Value(row.QuerySelectorAll("th, td")[0]), StringComparer.Ordinal);

    private static IElement Cell(IDocument page, string table, string condition, string column)
    {
        var headers = page.QuerySelectorAll($"#{table} thead th").Select(header => header.TextContent.Trim()).ToList();
        var index = headers.FindIndex(header => header.StartsWith(column, StringComparison.Ordinal));
        index.ShouldBeGreaterThanOrEqualTo(0, $"{table} has columns {string.Join(", ", headers)}, and no {column}");
        return Rows(page, table)[condition].QuerySelectorAll("th, td")[index];
    }

    /// <summary>The cell without the detail under it.</summary>
    private static string Value(IElement cell)
    {
        var copy = (IElement)cell.Clone();
        foreach (var detail in copy.QuerySelectorAll(".detail, small")) detail.Remove();
        return copy.TextContent.Replace("★", "", StringComparison.Ordinal).Trim();
    }

    private static string CardText(IDocument page, string claim) => page.QuerySelectorAll(".card").Single(card => card.TextContent.Contains($"{claim} ·", StringComparison.Ordinal)).TextContent;

    /// <summary>The value in a card's line about one length.</summary>
    private static string Card(IDocument page, string claim, int length)
    {
        var line = Regex.Match(CardText(page, claim), $@"Length {length}: [^:]*: (?<value>[^(,]+?)( \(|, )", RegexOptions.None, TimeSpan.FromSeconds(1));
        line.Success.ShouldBeTrue(CardText(page, claim));
        return line.Groups["value"].Value;
    }
}
