using AngleSharp.Dom;
using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Model;
using Harness.Reports.Wording;
using SkiaSharp;

namespace Harness.Tests.Reports;

/// <summary>What stands in the figures and tables, beyond that they are there.</summary>
public sealed class FigureContentTests
{
    private static readonly Texts Words = new();

    [Fact]
    public void A_picture_has_its_first_row_at_the_bottom_bright_for_one_and_nothing_where_nothing_was_measured()
    {
        var axis = new PanelAxis("", 0, 2, []);
        var svg = PanelRenderer.Render(new("p", "title", "text", 200, 120, axis, axis, [], [], []) { Image = new(2, 2, [0, 1, double.NaN, 0.5]) });

        using var picture = Decode(new HtmlParser().ParseDocument(svg).QuerySelector("image")!);
        (picture.Width, picture.Height).ShouldBe((2, 2));
        picture.GetPixel(0, 0).Alpha.ShouldBe((byte)0);
        Brightness(picture.GetPixel(0, 1)).ShouldBeLessThan(60);
        Brightness(picture.GetPixel(1, 0)).ShouldBeInRange(80, 160);
        Brightness(picture.GetPixel(1, 1)).ShouldBeGreaterThan(190);
    }

    [Fact]
    public async Task Profiles_along_the_way_are_drawn_by_lag_and_step()
    {
        var results = Along(ResultsFixture.Make(["rnn", "gru"], [40], 3), [100, 200, 300, 400]);
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(results, ReportOptions.Default));
        var figure = page.QuerySelector("#fig-recovery").ShouldNotBeNull();
        figure.QuerySelectorAll("svg image").Length.ShouldBe(3); // two arms and the scale
        figure.QuerySelectorAll("table tbody tr").Length.ShouldBe(2 * 7); // init, four along the way, middle, end
        foreach (var image in figure.QuerySelectorAll("svg image"))
        {
            using var picture = Decode(image);
            picture.Pixels.Distinct().Count().ShouldBeGreaterThan(8);
        }

        // The loss depends most on the last state: the bottom row is the brightest.
        using var first = Decode(figure.QuerySelector("svg image")!);
        Brightness(first.GetPixel(0, first.Height - 1)).ShouldBeGreaterThan(Brightness(first.GetPixel(0, 0)));
        new HtmlParser().ParseDocument(await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default)).QuerySelector("#fig-recovery").ShouldBeNull("three moments make no picture");
    }

    [Fact]
    public void Seeds_that_never_reached_the_target_stay_in_the_count()
    {
        var facets = ConditionGrid.From(ResultsFixture.Typical.Conditions);
        var figure = TargetFigure.Build(facets, ReportOptions.Default, Words, 1).ShouldNotBeNull();
        var rnn = figure.Table.Rows.Single(row => row.Cells[0].Text == "rnn T=50");
        rnn.Cells[1].Text.ShouldBe("0/5");
        rnn.Cells[2].Text.ShouldBe("not reached");
        rnn.Cells[4].Sort.ShouldBe(1000);
        var waits = TargetWaits.Of(facets.SelectMany(facet => facet.Arms).Single(arm => arm.Condition.Label == "rnn T=50"), bySeconds: false);
        waits.ShouldAllBe(wait => !wait.Observed && wait.Time == 1000);
        figure.Caption.ShouldContain("RNN 0 of 5");
    }

    [Fact]
    public void What_another_condition_beats_on_both_counts_is_not_unbeaten()
    {
        var results = ResultsFixture.Make(["rnn", "lstm", "gru"], [50], 3);
        var figure = ParetoFigure.Build(ConditionGrid.From(results.Conditions), ReportOptions.Default, Words, 1).ShouldNotBeNull();
        var unbeaten = figure.Table.Rows.ToDictionary(row => row.Cells[0].Text, row => row.Cells[4].Text, StringComparer.Ordinal);
        unbeaten["rnn"].ShouldContain("size"); // the smallest of all, whatever its loss
        figure.Table.Rows.Where(row => row.Cells[4].Text.Contains("size", StringComparison.Ordinal)).Select(row => (row.Cells[1].Sort, row.Cells[3].Sort))
            .OrderBy(pair => pair.Item1).Select(pair => pair.Item2).ShouldBeInOrder(SortDirection.Descending);
    }

    [Fact]
    public void Every_setting_is_listed_once_and_those_that_vary_apart_from_the_rest()
    {
        var (varied, unvaried) = ComparedTable.Of(ResultsFixture.Typical.Conditions, Words);
        varied.Rows.Concat(unvaried.Rows).Select(row => row.Cells[0].Text).ShouldBeUnique(StringComparer.Ordinal);
        varied.Rows.Select(row => (row.Cells[0].Text, row.Cells[1].Text)).ShouldBe([("task.length", "20, 50"), ("model.cell", "RNN rnn; LSTM lstm; GRU gru"), ("model.activation", "RNN tanh; LSTM –; GRU –")]);
        unvaried.Rows.ShouldContain(row => row.Cells[0].Text == "train.optimizer.kind" && row.Cells[1].Text == "adam");
        unvaried.Rows.ShouldNotContain(row => row.Cells[0].Text == "seed");
    }

    [Fact]
    public void Every_two_arms_are_compared_once_in_each_facet()
    {
        var table = PairwiseTable.Of(ConditionGrid.From(ResultsFixture.Typical.Conditions), Words).ShouldNotBeNull();
        table.Rows.Count.ShouldBe(6);
        var pair = table.Rows.Single(row => row.Cells[0].Text == "length 50" && row.Cells[1].Text == "RNN against LSTM");
        pair.Cells[2].Sort.ShouldBe(0);
        pair.Cells[3].Sort!.Value.ShouldBe(86.1, 0.1);
        pair.Cells[3].Detail.ShouldNotBeNull().ShouldStartWith("range ");
        pair.Cells[4].Sort!.Value.ShouldBe(2.0 / 32, 1e-12); // all five pairs on one side
    }

    [Fact]
    public void Conditions_in_which_all_went_well_share_one_row()
    {
        var table = ReliabilityTable.Of(ResultsFixture.Typical.Conditions, Words);
        table.Rows.Select(row => row.Cells[0].Text).ShouldBe(["gru T=20", "rnn T=50", "all"]);
        table.Rows[^1].Cells.Skip(1).Select(cell => cell.Text).ShouldBe(["30", "28", "1", "1", "0", "0", "31", "1"]);
        table.Note.ShouldNotBeNull().ShouldStartWith("4 of 6 conditions");
    }

    [Fact]
    public void The_best_of_each_facet_is_marked_with_what_its_interval_does_not_set_apart()
    {
        var table = ConditionsTable.Of(ConditionGrid.From(ResultsFixture.Typical.Conditions), Words);
        Marked("rnn T=50").ShouldBe([1, 5, 6]); // the smallest and the fastest, and it has not learned
        // Five of five and none of five: the exact intervals of the shares still meet.
        Marked("lstm T=50").ShouldBe([2]);
        Marked("gru T=50").ShouldBe([2, 4]);
        table.Note.ShouldNotBeNull().ShouldContain(Words.BestNote);
        ConditionsTable.Of(ConditionGrid.From(ResultsFixture.OneSeed.Conditions), Words).Rows.SelectMany(row => row.Cells.Skip(2)).ShouldAllBe(cell => !cell.IsBest, "one seed says nothing");

        List<int> Marked(string condition) => [.. table.Rows.Single(row => row.Cells[0].Text == condition).Cells.Index().Where(cell => cell.Item.IsBest).Select(cell => cell.Index)];
    }

    [Fact]
    public async Task Where_there_is_not_room_for_all_what_claims_look_at_is_drawn()
    {
        var many = ResultsFixture.Make(["rnn", "lstm"], [10, 20, 30, 40, 50, 60, 70, 80, 90, 100], 3) with
        {
            Claims = [new ComparisonClaim("at-30", "lstm", "rnn", "eval.loss", null, null) { Where = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["length"] = ["30"] } }],
        };
        var figure = new HtmlParser().ParseDocument(await ReportWriter.Write(many, ReportOptions.Default)).QuerySelector("#fig-loss")!;
        figure.QuerySelectorAll(".panel-title").Select(title => title.TextContent).ShouldContain(title => title == "length 30 · by steps");
        figure.QuerySelector("figcaption")!.TextContent.ShouldStartWith("One of 10 settings: Length 30: LSTM ends lowest, at a median loss of ");
        figure.QuerySelectorAll(".note").Select(note => note.TextContent).ShouldContain(note => note == Words.PanelsLeftOut(4, 10, asked: true));
    }

    [Fact]
    public void A_profile_counts_every_combination_the_same_and_leaves_out_those_in_which_nobody_learned()
    {
        ConditionResults[] conditions =
        [
            .. ResultsFixture.Make(["rnn", "lstm"], [20, 50], 4).Conditions.Select(condition => WithLosses(condition, condition.Trial.Model.Cell == "lstm" ? 0.05 : 0.9)),
            .. ResultsFixture.Make(["rnn", "lstm"], [80, 90], 2).Conditions.Take(2).Select(condition => WithLosses(condition, 1)),
        ];
        var figure = ProfileFigure.Build(ConditionGrid.From(conditions), Words, 1).ShouldNotBeNull();
        figure.Table.Rows.Select(row => string.Join(' ', row.Cells.Select(cell => cell.Text))).ShouldBe(["RNN 100\u202f% 0\u202f% 0\u202f% 0\u202f% 8", "LSTM 100\u202f% 100\u202f% 100\u202f% 0\u202f% 8"]);
        figure.Notes.ShouldBe([Words.ProfileLeftOut(1)]);
        ProfileFigure.Build(ConditionGrid.From([.. conditions.Take(2)]), Words, 1).ShouldBeNull();

        static ConditionResults WithLosses(ConditionResults condition, double relative) => condition with
        {
            Trials = [.. condition.Trials.Select(trial => trial with { Outcome = trial.Outcome! with { FinalLoss = relative * trial.Outcome.BaselineLoss } })],
        };
    }

    [Fact]
    public void What_all_arms_of_a_cell_share_is_not_part_of_their_names()
    {
        var conditions = ResultsFixture.Make(["rnn", "lstm"], [20], 1).Conditions.Select(condition => With(condition, ("clip_norm", "1"))).ToList();
        var free = With(conditions[0], ("clip_norm", "none"), ("arm", "rnn unclipped")) with { Ordinal = 2 };
        ConditionGrid.From([.. conditions, free]).ShouldHaveSingleItem().Arms.Select(arm => arm.Label).ShouldBe(["RNN", "LSTM", "rnn unclipped"]);

        static ConditionResults With(ConditionResults condition, params (string Name, string Level)[] levels)
        {
            var factors = condition.Factors.ToDictionary(StringComparer.Ordinal);
            foreach (var (name, level) in levels) factors[name] = level;
            return condition with { Factors = factors };
        }
    }

    private static ExperimentResults Along(ExperimentResults results, int[] steps) => results with
    {
        Conditions = [.. results.Conditions.Select(condition => condition with
        {
            Trials = [.. condition.Trials.Select(trial => trial with
            {
                Gradients = [.. trial.Gradients, .. steps.Select(step => trial.Gradients[0] with { Moment = ProbeMoment.During, Step = step })],
            })],
        })],
    };

    private static SKBitmap Decode(IElement image) => SKBitmap.Decode(Convert.FromBase64String(image.GetAttribute("href")!["data:image/png;base64,".Length..]));

    private static double Brightness(SKColor colour) => 0.3 * colour.Red + 0.6 * colour.Green + 0.1 * colour.Blue;
}
