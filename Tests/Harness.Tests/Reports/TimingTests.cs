using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Conditions;
using Harness.Reports.Model;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Tests.Reports;

/// <summary>Times that were measured alone, in turns: what a report makes of them.</summary>
public sealed class TimingTests
{
    private static readonly ComparisonClaim Faster = new("faster", "rnn", "lstm", "speed.ms_per_step", null, null);
    private static readonly TrendClaim Grows = new("grows", "lstm", "speed.ms_per_step", "length", Falls: false);
    private static readonly EquivalenceClaim Equal = new("equal", "gru", "lstm", "speed.ms_per_step", 1.1);

    /// <summary>One seed, from which nothing could be decided.</summary>
    private static ExperimentResults Learned => ResultsFixture.Make(["rnn", "lstm", "gru"], [20, 50], 1);

    [Fact]
    public void A_claim_on_speed_is_decided_by_rounds_whatever_the_seeds()
    {
        Decide(Faster, Learned).Kind.ShouldBe(VerdictKind.NotTested);

        var decision = Decide(Faster, TimingFixture.With(Learned));
        decision.Kind.ShouldBe(VerdictKind.Supported);
        decision.IsTimed.ShouldBeTrue();
        decision.Method.ShouldBe(VerdictMethod.SignedRank);
        foreach (var facet in decision.Facets)
        {
            facet.Count.ShouldBe(TimingFixture.Rounds);
            Math.Exp(facet.Effect).ShouldBe(2, 0.02);
            facet.Better.ShouldBeNull();
        }

        Decide(Grows, TimingFixture.With(Learned)).Kind.ShouldBe(VerdictKind.Supported);
        Decide(Equal, TimingFixture.With(Learned)).Kind.ShouldBe(VerdictKind.Contradicted);
        Decide(Equal, TimingFixture.With(Learned, step => step.Task.Length / 10.0)).Kind.ShouldBe(VerdictKind.Supported);
        Decide(new ThresholdClaim("below", "lstm", "speed.ms_per_step", 8, null), TimingFixture.With(Learned)).Kind.ShouldBe(VerdictKind.Supported);
    }

    [Fact]
    public void A_spike_in_a_round_turns_no_verdict()
    {
        var timed = TimingFixture.With(Learned, step => step.Model.Cell == "rnn" ? 0.9 : 1);
        timed.Conditions.Single(condition => condition.Label == "rnn T=20").Timed.Single(arm => arm.IsOwn).Timing!.StepMs[3] = 500;
        Decide(Faster, timed).Kind.ShouldBe(VerdictKind.Supported);
    }

    [Fact]
    public void Arms_of_different_timing_trials_are_not_compared_by_them()
    {
        var results = ResultsFixture.Make(["rnn", "lstm"], [20], 8);
        var apart = TimingFixture.With(results, [.. results.Conditions.Select((condition, i) =>
            TimingFixture.Trial(new string((char)('a' + i), 32), [new TimingArm(TimingArm.StepOf(condition.Trial, KernelPath.Library), 1)], _ => 1))]);

        var decision = Decide(Faster, apart);
        decision.IsTimed.ShouldBeFalse();
        decision.Facets[0].Count.ShouldBe(8);
    }

    [Fact]
    public void While_a_timing_trial_is_to_come_no_claim_on_speed_is_decided_and_when_it_failed_the_training_runs_decide()
    {
        var results = ResultsFixture.Make(["rnn", "lstm"], [20], 8);
        var pending = Decide(Faster, TimingFixture.With(results, state: TrialState.Pending));
        (pending.Kind, pending.Reason).ShouldBe((VerdictKind.NotTested, NotTestedReason.StillRunning));

        var failed = TimingFixture.With(results, state: TrialState.Failed);
        Decide(Faster, failed).IsTimed.ShouldBeFalse();
        var model = ReportModelBuilder.Build(failed, ReportOptions.Default);
        model.Notices.ShouldContain(notice => notice.Contains("exit code 137", StringComparison.Ordinal));
        model.Masthead.Status.ShouldBe(ReportStatus.Incomplete);
        ReportModelBuilder.Build(TimingFixture.With(results, state: TrialState.Pending), ReportOptions.Default).Masthead.Status.ShouldBe(ReportStatus.Provisional);
    }

    [Fact]
    public void The_report_names_every_path_the_machine_and_what_its_times_are()
    {
        var model = ReportModelBuilder.Build(TimingFixture.With(Learned) with { Claims = [Faster] }, ReportOptions.Default);
        var figure = model.Sections.Single(section => section.Id == "efficiency").Figures.Single(figure => figure.Id == TimingFigure.Id);
        figure.Table.Rows.Count.ShouldBe(3 * 2 * 3);
        figure.Table.Rows.Select(row => row.Cells[1].Text).Distinct(StringComparer.Ordinal).ShouldBe(["library (trained with)", "cell", "engine"]);
        figure.Notes.ShouldContain(note => note.Contains("bench (Example CPU", StringComparison.Ordinal) && note.Contains("40 rounds", StringComparison.Ordinal));
        figure.Table.Columns.ShouldNotContain(column => column.Name == "J per step");
        figure.Decides.ShouldHaveSingleItem().Text.ShouldBe("faster");

        // 5e6 operations per token step of 20, in about 1 ms, of 80 GFLOP/s.
        var rnn = figure.Table.Rows.First(row => row.Cells[0].Text == "rnn T=20");
        rnn.Cells[9].Sort!.Value.ShouldBe(5e6 * 20 / 1e6 / 1.05 / 84, 0.1);

        var conditions = model.Conditions.Rows.First(row => row.Cells[0].Text == "rnn T=20");
        conditions.Cells.ShouldContain(cell => cell.Sort != null && Math.Abs(cell.Sort.Value - 1.05) < 0.02);
        var cost = model.Sections.SelectMany(section => section.Figures).Single(other => other.Id == CostFigure.Id);
        cost.Notes.ShouldBe([Texts.In("en").TimedNote]);
        model.Verdicts!.Cards[0].FinePrint.ShouldContain(text => text == Texts.In("en").TimedNote);
        model.Verdicts.Cards[0].Findings.ShouldAllBe(finding => finding.Contains("40 paired rounds", StringComparison.Ordinal));
    }

    [Fact]
    public void What_grows_alone_over_three_sizes_gets_an_exponent_with_its_interval()
    {
        ScalingFigure.Build(TimingFixture.With(Learned), Texts.In("en"), 1).ShouldBeNull();

        var results = ResultsFixture.Make(["rnn", "lstm"], [20, 40, 80], 1);
        var figure = ScalingFigure.Build(TimingFixture.With(results, step => Math.Pow(step.Task.Length, step.Model.Cell == "rnn" ? 1.5 : 1) / 10), Texts.In("en"), 1).ShouldNotBeNull();
        figure.Table.Rows.Count.ShouldBe(6);
        foreach (var row in figure.Table.Rows) row.Cells[4].Sort!.Value.ShouldBe(row.Cells[0].Text == "RNN" ? 1.5 : 1.0, 0.01);
        figure.Caption.ShouldContain("a step's time grows with T^1.5 [1.");
    }

    [Fact]
    public void An_exponent_is_what_made_the_numbers()
    {
        double[] sizes = [10, 30, 100, 500];
        var exact = PowerLaw.Exponent(sizes, [.. Enumerable.Range(1, 10).Select(round => (IReadOnlyList<double>)[.. sizes.Select(size => round * Math.Pow(size, 1.25))])]);
        exact.Value.ShouldBe(1.25, 1e-12);
        exact.Low!.Value.ShouldBe(1.25, 1e-12);
        Should.Throw<ArgumentException>(() => PowerLaw.Exponent([10, 10], [[1, 2]]));
        Should.Throw<ArgumentException>(() => PowerLaw.Exponent([10, 20], [[1]]));
    }

    [Fact]
    public async Task The_embedded_data_hold_the_rounds()
    {
        var page = new HtmlParser().ParseDocument(await ReportWriter.Write(TimingFixture.With(Learned), ReportOptions.Default));
        using var data = System.Text.Json.JsonDocument.Parse(page.QuerySelector("#report-data")!.TextContent);
        var timed = data.RootElement.GetProperty("conditions")[0].GetProperty("timed");
        timed.GetArrayLength().ShouldBe(3);
        timed[0].GetProperty("ms_per_step").GetArrayLength().ShouldBe(TimingFixture.Rounds);
    }

    private static ClaimDecision Decide(ClaimSpec claim, ExperimentResults results) => ClaimJudge.Decide([claim], ConditionGrid.From(results.Conditions)).ShouldHaveSingleItem();
}
