using Harness.Reports.Summaries;
using Harness.Store;

namespace Harness.Tests.EndToEnd;

/// <summary>Experiments that look at their claims more than once.</summary>
public sealed class LookTests
{
    private const string Claims = "\nclaims:\n  - { id: same, that: lstm, equals: rnn, on: eval.loss, within: 1.0001x }\n  - { id: small, that: rnn, beats: lstm, on: parameters }\n";

    [SlowFact(Category.Runs)]
    public async Task Seeds_are_added_look_by_look_and_a_second_run_decides_the_same()
    {
        using var tiny = new TinyExperiment();
        await File.AppendAllTextAsync(tiny.File, Claims, TestContext.Current.CancellationToken);
        (await tiny.Run("data", "--set", "seeds={ until: decided, looks: [8, 9, 10] }")).ExitCode.ShouldBe(0);
        var first = Picture(tiny);
        first.ShouldNotBeEmpty();
        first[^1].ShouldContain("No more seeds are needed.");

        (await tiny.Run("data", "--set", "seeds={ until: decided, looks: [8, 9, 10] }", "--set", "name=again")).ExitCode.ShouldBe(0);
        Picture(tiny).Skip(first.Length).Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]).ShouldBe(first.Select(line => line[(line.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
    }

    [SlowFact(Category.Runs)]
    public async Task Raising_the_number_of_seeds_after_a_look_is_recognised()
    {
        using var tiny = new TinyExperiment();
        await File.AppendAllTextAsync(tiny.File, Claims, TestContext.Current.CancellationToken);
        foreach (var seeds in new[] { "3", "7", "8" }) (await tiny.Run("data", "--set", $"seeds={seeds}")).ExitCode.ShouldBe(0);

        using var connection = ResultsDatabase.ConnectForReading(tiny.Data());
        var ids = connection.Query("SELECT id FROM experiment ORDER BY id", row => row.Long("id"));
        var reader = new ResultsReader(connection);
        reader.Read(ids[1]).Looks.ShouldBeNull("three seeds decide nothing");
        var raised = reader.Read(ids[2]);
        raised.Looks!.At.ShouldBe([7, 8]);
        raised.Looks.IsUnplanned.ShouldBeTrue();
        ClaimLooks.Of(raised).Verdicts[0].Seeds.ShouldBeGreaterThanOrEqualTo(7);
    }

    private static string[] Picture(TinyExperiment tiny) => [.. tiny.Rows("SELECT experiment_id || ' ' || ordinal, stage, known, decided, added, why FROM decision ORDER BY experiment_id, ordinal")];
}
