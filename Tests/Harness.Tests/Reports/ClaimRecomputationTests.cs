using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Harness.Reports.Conditions;
using Harness.Reports.Verdicts;
using Harness.Store;
using Harness.Tests.EndToEnd;

namespace Harness.Tests.Reports;

/// <summary>
/// Verdicts of real trainings are decided again by Reference/recompute.py, from the database alone. <c>HARNESS_CLAIMS_DATA</c> names a data folder that holds
/// a finished seed-claims, to have every card of it decided again.
/// </summary>
[Collection("end to end")]
public sealed class ClaimRecomputationTests
{
    private static readonly JsonSerializerOptions json = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Every form of claim, over settings that agree and settings that do not.</summary>
    private const string Spec =
        """
        version: 1
        name: claims
        question: Do two programs decide alike?
        model: { hidden: 8 }
        matrix:
          include:
            - { cell: [rnn, lstm, gru], task: latch, classes: 2, length: [3, 12], steps: 120 }
            - { cell: [rnn, gru], task: adding, length: 6, sequences: 40, steps: 120 }
        seeds: { count: 8 }
        train: { batch: 16, optimizer: { kind: adam, lr: 1e-2 } }
        evaluation: { every: 10, sequences: 100 }
        probe: { gradients: [init, end], sequences: 8 }
        claims:
          - { id: sooner, that: gru, beats: lstm, on: steps_to_target, where: { task: latch } }
          - { id: as-soon, that: gru, equals: rnn, on: steps_to_target, within: 30%, where: { task: latch } }
          - { id: more-solved, that: lstm, beats: rnn, on: solved, where: { task: latch } }
          - { id: more-solved-by, that: gru, beats: lstm, on: solved, by: 0.3, where: { length: 12 } }
          - { id: better, that: gru, beats: rnn, on: eval.loss, where: { task: adding } }
          - { id: better-by, that: gru, beats: rnn, on: eval.loss, by: 1.5x, where: { task: adding } }
          - { id: lower-nats, that: rnn, beats: lstm, on: eval.loss, where: { task: latch } }
          - { id: equal-nats, that: rnn, equals: gru, on: eval.loss, within: 10%, where: { task: latch } }
          - { id: equal-losses, that: rnn, equals: gru, on: eval.loss, within: 10%, where: { task: adding } }
          - { id: more-right, that: gru, beats: lstm, on: eval.accuracy, where: { length: 12 } }
          - { id: slower-decay, that: gru, beats: rnn, on: gradient.slope, at: init, where: { length: 12 } }
          - { id: slower-decay-by, that: lstm, beats: rnn, on: gradient.slope, at: end, by: 0.05, where: { length: 12 } }
          - { id: larger-gap, that: rnn, beats: gru, on: generalization_gap, where: { task: adding } }
          - { id: vanishes, that: rnn, on: gradient.slope, at: init, reaches: { below: -0.02 }, where: { length: 12 } }
          - { id: soon-enough, that: rnn, on: steps_to_target, reaches: { below: 60 }, where: { length: 3 } }
          - { id: mostly-solved, that: lstm, on: solved, reaches: { above: 0.5 }, where: { task: latch } }
          - { id: no-spike, that: rnn, on: train.grad_norm_max, reaches: { below: 1000 }, where: { task: adding } }
          - { id: smaller, that: rnn, beats: lstm, on: parameters, by: 3.5x, where: { length: 12 } }
        """;

    [SlowFact(Category.Runs)]
    public async Task Every_card_is_what_another_program_computes_from_the_database()
    {
        if (Environment.GetEnvironmentVariable("CI") != "true") Assert.SkipUnless(OnPath("python3"), "SKIPPED: this test needs python3.");
        using var folder = new TemporaryFolder();
        var (data, name) = (Environment.GetEnvironmentVariable("HARNESS_CLAIMS_DATA"), "seed-claims");
        if (data is null)
        {
            (data, name) = (folder.File("data"), "claims");
            await File.WriteAllTextAsync(folder.File("claims.yaml"), Spec, TestContext.Current.CancellationToken);
            var (code, _, errors) = await HarnessProcess.Run("run", folder.File("claims.yaml"), "--data", data, "--out", folder.File("report.html"));
            code.ShouldBe(0, errors);
        }

        var decisions = Decide(data, name);
        await File.WriteAllTextAsync(folder.File("decisions.json"), JsonSerializer.Serialize(decisions, json), TestContext.Current.CancellationToken);
        var (equal, output) = await Recompute(Path.Combine(data, "harness.db"), name, folder.File("decisions.json"));
        TestContext.Current.SendDiagnosticMessage(output);
        equal.ShouldBe(0, output);

        // A comparison that cannot fail would show nothing.
        await File.WriteAllTextAsync(folder.File("decisions.json"), JsonSerializer.Serialize(decisions.Select(Altered), json), TestContext.Current.CancellationToken);
        (equal, output) = await Recompute(Path.Combine(data, "harness.db"), name, folder.File("decisions.json"));
        (equal, output.Split('\n').Count(line => line.StartsWith("DIFFERS", StringComparison.Ordinal))).ShouldBe((1, decisions.Count(decision => decision.P is not null)), output);
    }

    private static bool OnPath(string program) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, program)));

    private static Decided Altered(Decided decision) => decision with { P = decision.P + 1e-6 };

    private static List<Decided> Decide(string data, string name)
    {
        using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        var results = reader.Read(reader.Find(name).ShouldNotBeNull());
        return [.. ClaimJudge.Decide(results.Claims, ConditionGrid.From(results.Conditions)).Select(decision => new Decided(
            decision.Claim.Id, decision.Kind.ToString(), decision.AdjustedP,
            [.. decision.Facets.Select(facet => new DecidedFacet(facet.Kind.ToString(), facet.P, facet.Effect, facet.Low, facet.High))]))];
    }

    private static async Task<(int Code, string Output)> Recompute(string database, string name, string decisions)
    {
        var script = Path.Combine(Repository.Root, "Tests", "Harness.Tests", "Reports", "Reference", "recompute.py");
        using var python = Process.Start(new ProcessStartInfo("python3", [script, database, name, decisions]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;
        var errors = python.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await python.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await python.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (python.ExitCode, output + await errors);
    }

    private sealed record Decided([property: JsonPropertyName("id")] string Id, [property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("p")] double? P,
        [property: JsonPropertyName("facets")] IReadOnlyList<DecidedFacet> Facets);

    private sealed record DecidedFacet([property: JsonPropertyName("kind")] string Kind, [property: JsonPropertyName("p")] double P, [property: JsonPropertyName("effect")] double Effect,
        [property: JsonPropertyName("low")] double? Low, [property: JsonPropertyName("high")] double? High);
}
