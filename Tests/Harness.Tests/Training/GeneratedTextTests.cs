using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Tests.Experiments;
using Harness.Training;

namespace Harness.Tests.Training;

/// <summary>Text that a trained network writes.</summary>
public sealed class GeneratedTextTests
{
    private static TestAnalysis Train(string text, KernelPath kernel, int steps, long seed = 3)
    {
        using var folder = new TemporaryFolder();
        var yaml = SpecText.OverSeries("vocabulary: auto").Replace("kind: csv", "kind: text", StringComparison.Ordinal).Replace("length: 4", "length: 8", StringComparison.Ordinal);
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", text)), yaml).Conditions.Single(condition => condition.Arm == "gru").Trial with { Seed = seed };
        trial = Trials.On(trial with { Model = trial.Model with { KernelAuto = null }, Train = trial.Train with { Steps = steps, Batch = 16, Optimizer = new(OptimizerKind.Adam, 0.02) }, Evaluation = new(steps, 20), Probe = new([], 1) }, kernel);
        File.WriteAllText(folder.File("content"), text);
        var frames = new List<TrainerFrame>();
        using var run = new Trial("a", trial, TimeProvider.System, frames.Add, data: folder.File("content"));
        TrainingLoop.Run(run, TestContext.Current.CancellationToken).ShouldNotBeNull();
        var analysis = frames.OfType<TestAnalysisFrame>().ShouldHaveSingleItem().Analysis;
        analysis.IsWhole().ShouldBeTrue();
        return analysis;
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void A_network_that_has_learned_a_text_continues_it(KernelPath kernel)
    {
        const string Period = "aé𝄞b\n";
        var analysis = Train(string.Concat(Enumerable.Repeat(Period, 80)), kernel, steps: 120);
        analysis.Generated!.Select(text => text.Temperature).ShouldBe([0.5, 0.8, 1.0]);
        var prompt = analysis.Prompt!.EnumerateRunes().ToArray();
        prompt.Length.ShouldBe(8);
        var period = Period.EnumerateRunes().ToArray();
        var text = analysis.Generated![0].Text.EnumerateRunes().ToArray();
        text.Length.ShouldBe(160);
        var phase = (Array.IndexOf(period, prompt[^1]) + 1) % period.Length;
        text.Where((character, place) => character == period[(phase + place) % period.Length]).Count().ShouldBeGreaterThan(150);
    }

    [Fact]
    public void The_same_trial_writes_the_same_text_and_another_seed_another()
    {
        var text = string.Concat(Enumerable.Range(0, 300).Select(place => (char)('a' + place * place * 31 % 17)));
        var first = Train(text, KernelPath.Engine, steps: 4);
        Train(text, KernelPath.Engine, steps: 4).Generated!.Select(each => each.Text).ShouldBe(first.Generated!.Select(each => each.Text));
        string.Equals(Train(text, KernelPath.Engine, steps: 4, seed: 4).Generated![2].Text, first.Generated![2].Text, StringComparison.Ordinal).ShouldBeFalse();
        first.Generated!.SelectMany(each => each.Text).ShouldAllBe(character => text.Contains(character, StringComparison.Ordinal));
    }
}
