using Harness.Orchestrator.Cli;
using Harness.Reports.Summaries;
using Harness.Server.Hosting;
using Harness.Tests.Reports;

namespace Harness.Tests.Orchestrator;

/// <summary>What people read on a terminal: mistyped words, help, progress, the answer.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("There is no command 'rnu'. Did you mean run?", "rnu", "x.yaml")]
    [InlineData("There is no command 'qqqqqq'.", "qqqqqq")]
    [InlineData("There is no command 'drian'. Did you mean drain?", "workers", "drian", "node-3")]
    [InlineData("'harness run' has no option --slot. Did you mean --slots?", "run", "x.yaml", "--slot", "2")]
    [InlineData("'harness list' has no option --frobnicate.", "list", "--frobnicate")]
    [InlineData("'harness show' takes no further word 'two'.", "show", "one", "two")]
    public void Mistyped_word_gets_one_line(string message, params string[] words) => MistypedWord.In(HarnessCli.Root().Parse(words)).ShouldBe(message);

    [Fact]
    public void Understood_line_has_no_mistyped_word()
    {
        MistypedWord.In(HarnessCli.Root().Parse(["run", "x.yaml", "--slots", "2"])).ShouldBeNull();
        MistypedWord.In(HarnessCli.Root().Parse(["run"])).ShouldBeNull();
    }

    [Fact]
    public void Help_has_every_command_in_one_group()
    {
        var root = HarnessCli.Root();
        CommandGroups.All.SelectMany(group => group.Commands).Order(StringComparer.Ordinal).ShouldBe(root.Subcommands.Select(command => command.Name).Order(StringComparer.Ordinal));
        using var help = new StringWriter();
        CommandGroups.Write(root, help);
        help.ToString().ShouldContain("Look at results:");
        foreach (var command in root.Subcommands) help.ToString().ShouldContain($"  {command.Name} ");
    }

    [Fact]
    public void Progress_fits_80_columns_and_leaves_out_states_without_trials()
    {
        RunningLine[] running = [.. Enumerable.Range(1, 4).Select(seed => new RunningLine($"lstm temporal-order T=50 seed {seed}", 120, 2500, 0.5))];
        var picture = new ProgressPicture(new string('n', 70), 12, 348, 4, 332, 0, 0, "about 15 min left", running, IsOver: false);
        ProgressDisplay.Counts(picture).ShouldBe("12/348 done · 4 running · 332 waiting");
        ProgressDisplay.Counts(picture with { Diverged = 2, Running = 0 }).ShouldBe("12/348 done · 332 waiting · 2 diverged");
        ProgressDisplay.Line(picture).Length.ShouldBeLessThanOrEqualTo(70);
        ProgressDisplay.Line(picture with { Name = "q", Waiting = 0 }).ShouldBe("q  12/348 done · 4 running  about 15 min left");
        ProgressDisplay.Line(picture with { Name = "q", Waiting = 0, Trials = [new("rnn seed 1", 5, 10, null)] }).ShouldEndWith("[rnn seed 1 5/10]");
        ProgressDisplay.Line(picture with { Diverged = 348, Failed = 348 }).ShouldBe("12/348 done · 4 running · 332 waiting · 348 diverged · 348 failed");
    }

    [Fact]
    public void Answer_is_a_line_for_each_claim_then_tally_and_headline()
    {
        var summary = SummaryBuilder.Of(ResultsFixture.Typical);
        var lines = AnswerText.Of(summary).Split(Environment.NewLine);
        lines.Take(summary.Claims.Count).Select(line => line.Split(' ')[1]).ShouldBe(summary.Claims.Select(claim => claim.Id));
        lines[^3].ShouldBe(summary.Headline);
        lines[^2].ShouldBe($"Next: {summary.Next}");
    }

    [Fact]
    public async Task Json_of_a_run_and_a_report_do_not_share_standard_output() =>
        (await HarnessCli.Run(["run", "x.yaml", "-o", "json", "--out", "-"])).ShouldBe(ExitCode.Usage);
}
