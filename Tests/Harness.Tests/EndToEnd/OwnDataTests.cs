using Harness.Abstractions.Specs;

namespace Harness.Tests.EndToEnd;

/// <summary>A person's own file, from the experiment file to the report.</summary>
[Collection("end to end")]
public sealed class OwnDataTests
{
    private static string Series(int firstLevel) => "level,wind\n" + string.Concat(Enumerable.Range(0, 80).Select(row => FormattableString.Invariant($"{(row == 0 ? firstLevel : row * row % 17)},{row % 5}\n")));

    [SlowFact(Category.Runs)]
    public async Task What_trains_is_what_was_read_and_a_changed_file_is_another_trial()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("roots"));
        await File.WriteAllTextAsync(folder.File("roots/series.csv"), Series(3), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("own.yaml"),
            """
            version: 1
            name: own
            task: { kind: csv, file: series.csv, target: level, length: 5 }
            model: { hidden: 4 }
            matrix: { cell: [rnn, gru] }
            seeds: 1
            train: { steps: 5, batch: 4, sequences: 10, label_noise: 0.1 }
            evaluation: { every: 5, sequences: 50 }
            probe: { gradients: none }
            claims: [{ id: a, that: gru, beats: rnn, on: test.loss }, { id: b, that: gru, beats: rnn, on: generalization_gap }]
            report: { title: Mine }
            """, TestContext.Current.CancellationToken);
        string[] where = [folder.File("own.yaml"), "--data", folder.File("data")];
        string[] roots = ["--data-root", folder.File("roots")];

        var (code, output, errors) = await HarnessProcess.Run(["run", .. where, .. roots, "--out", folder.File("report.html")]);
        code.ShouldBe(0, errors);
        output.ShouldContain("2 of 2 trials have a result");
        var report = await File.ReadAllTextAsync(folder.File("report.html"), TestContext.Current.CancellationToken);
        report.ShouldContain("<span class=\"name\">Mine</span>");
        report.ShouldContain($"--data-root {folder.File("roots")}");
        var hash = DataFile.HashOf(System.Text.Encoding.UTF8.GetBytes(Series(3)));
        (await File.ReadAllTextAsync(folder.File($"data/files/{hash}"), TestContext.Current.CancellationToken)).ShouldBe(Series(3));

        // One byte more or less is another trial; the same bytes under another name are the same one.
        File.Move(folder.File("roots/series.csv"), folder.File("beside.csv"));
        (await HarnessProcess.Run(["plan", .. where, "--set", "task.file=beside.csv"])).Output.ShouldContain("to run 0, have a result already 2");
        await File.WriteAllTextAsync(folder.File("beside.csv"), Series(4), TestContext.Current.CancellationToken);
        (await HarnessProcess.Run(["plan", .. where, "--set", "task.file=beside.csv"])).Output.ShouldContain("to run 2");
    }
}
