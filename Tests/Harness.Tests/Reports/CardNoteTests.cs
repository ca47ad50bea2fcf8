using AngleSharp.Html.Parser;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Model;

namespace Harness.Tests.Reports;

/// <summary>What stands on a card beside the verdict: half-lives, differences of the arms, and the scope of all verdicts.</summary>
public sealed class CardNoteTests
{
    private static readonly ExperimentResults Two = ResultsFixture.Make(["rnn", "lstm"], [20], 3);

    [Theory]
    [InlineData("en", "Half-life of the gradient: RNN no decay, LSTM 3.01 time steps.")]
    [InlineData("zh", "梯度半衰期：RNN 不衰减，LSTM 3.01 个时间步。")]
    public async Task Half_lives_stand_beside_a_verdict_on_slopes(string language, string line)
    {
        var results = Asking(new ComparisonClaim("g", "rnn", "lstm", "gradient.slope", null, null) { At = ProbeMoment.Init }, trial => trial with
        {
            Gradients = [.. trial.Gradients.Select(profile => profile with { Slope = IsLstm(trial) ? -0.1 : 0.0 })],
        });
        (await Card(results, language)).ShouldContain(line);

        static bool IsLstm(TrialResult trial) => Two.Conditions[1].Trials.Any(other => other.Id == trial.Id);
    }

    [Theory]
    [InlineData(ProbeMoment.Init, "en", "LSTM beats RNN on slope of the log gradient at initialisation.")]
    [InlineData(ProbeMoment.End, "en", "LSTM beats RNN on slope of the log gradient after training.")]
    [InlineData(ProbeMoment.Middle, "zh", "在训练中期的梯度对数的斜率上，LSTM 优于 RNN。")]
    public async Task A_claim_is_worded_with_its_moment(ProbeMoment at, string language, string statement) =>
        (await Card(Asking(new ComparisonClaim("g", "lstm", "rnn", "gradient.slope", null, null) { At = at }), language)).ShouldContain(statement);

    [Theory]
    [InlineData("en", "The arms also differ in learning rate (LSTM 0.003, RNN 0.001).")]
    [InlineData("zh", "两者还有其他不同：学习率 (LSTM 0.003, RNN 0.001)。")]
    public async Task A_learning_rate_of_its_own_is_named_on_the_card(string language, string line)
    {
        var claim = new ComparisonClaim("g", "lstm", "rnn", "eval.loss", null, null);
        (await Card(Asking(claim), language)).ShouldNotContain(line[..line.IndexOf('0')]);
        var tuned = Asking(claim) with
        {
            Conditions = [.. Two.Conditions.Select(condition => condition.Trial.Model.Cell == "rnn" ? condition : condition with
            {
                Trial = condition.Trial with { Train = condition.Trial.Train with { Optimizer = condition.Trial.Train.Optimizer with { LearningRate = 3e-3 } } },
            })],
        };
        (await Card(tuned, language)).ShouldContain(line);
    }

    [Theory]
    [InlineData("en", "cells of equal hidden size; 1,000 optimizer steps of 32 sequences; adam, learning rate 0.001; clipping at 1;")]
    [InlineData("zh", "各单元隐藏层大小相同; 训练 1,000 步，每步 32 个序列; adam，学习率 0.001; 梯度裁剪至 1;")]
    public async Task The_scope_names_what_decides_most(string language, string words) =>
        (await Page(Asking(new ComparisonClaim("g", "lstm", "rnn", "eval.loss", null, null)), language)).ShouldContain(words);

    [Fact]
    public async Task The_scope_tells_matched_sizes_from_others()
    {
        // 66 units give an RNN as many parameters as 32 give an LSTM.
        (await Page(WithHidden(66), "en")).ShouldContain("cells of equal parameters");
        (await Page(WithHidden(48), "en")).ShouldContain("cells of unequal size");

        static ExperimentResults WithHidden(int hidden) => Asking(new ComparisonClaim("g", "lstm", "rnn", "eval.loss", null, null)) with
        {
            Conditions = [.. Two.Conditions.Select(condition => condition.Trial.Model.Cell != "rnn" ? condition : condition with { Trial = condition.Trial with { Model = condition.Trial.Model with { Hidden = hidden } } })],
        };
    }

    private static ExperimentResults Asking(ClaimSpec claim, Func<TrialResult, TrialResult>? change = null) => Two with
    {
        Claims = [claim],
        Conditions = [.. Two.Conditions.Select(condition => condition with { Trials = [.. condition.Trials.Select(change ?? (trial => trial))] })],
    };

    private static async Task<string> Card(ExperimentResults results, string language) => Flat((await Parsed(results, language)).QuerySelector(".card")!.TextContent);

    private static async Task<string> Page(ExperimentResults results, string language) => Flat((await Parsed(results, language)).Body!.TextContent);

    private static async Task<AngleSharp.Html.Dom.IHtmlDocument> Parsed(ExperimentResults results, string language) =>
        new HtmlParser().ParseDocument(await ReportWriter.Write(results, ReportOptions.Default with { Language = language }));

    private static string Flat(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
