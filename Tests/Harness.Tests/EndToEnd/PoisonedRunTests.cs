namespace Harness.Tests.EndToEnd;

/// <summary>Experiments whose losses are no numbers, and a trainer that says what none should: the program ends well, and others go on.</summary>
[Collection("end to end")]
public sealed class PoisonedRunTests
{
    /// <summary>Some of these trials diverge with a final loss of NaN; the others complete.</summary>
    internal const string LearningRates =
        """
        task: { kind: adding, length: 20 }
        model: { cell: rnn, activation: relu, hidden: 8 }
        matrix: { lr: [0.1, 3] }
        seeds: 4
        train: { steps: 20, batch: 8, optimizer: { kind: sgd } }
        evaluation: { every: 1, sequences: 8 }
        """;

    /// <summary>An evaluation finds NaN: in a model that then diverges, in the last step of one that completes, and far beyond the lengths of training.</summary>
    public static TheoryData<string, string> Files => new()
    {
        { "learning rates", LearningRates },
        {
            "spectral radius",
            """
            task: { kind: adding, length: 400 }
            model: { hidden: 16, activation: relu }
            matrix: { cell: [rnn], spectral_radius: [0.9, 2] }
            seeds: 2
            train: { steps: 5, batch: 8 }
            evaluation: { sequences: 8 }
            """
        },
        {
            "longer sequences",
            """
            task: { kind: adding, length: 5 }
            model: { cell: rnn, activation: relu, hidden: 16, init: orthogonal, spectral_radius: 1.5 }
            matrix: { kernel: [engine, library] }
            seeds: 1
            train: { steps: 5, batch: 8, optimizer: { kind: sgd, lr: 1e-6 } }
            evaluation: { length: 2000, sequences: 2 }
            probe: { gradients: none }
            """
        },
        {
            "every cell",
            """
            task: { kind: adding, length: 20 }
            model: { hidden: 8 }
            matrix: { cell: [rnn, lstm, gru, transformer] }
            seeds: 1
            train: { steps: 20, batch: 8, optimizer: { kind: sgd, lr: 100, momentum: 0.99 } }
            evaluation: { sequences: 8, every: 1 }
            """
        },
        {
            "infinite at once",
            """
            task: { kind: adding, length: 10 }
            model: { hidden: 8, activation: relu, spectral_radius: 100 }
            matrix: { cell: [rnn] }
            seeds: 1
            train: { steps: 30, batch: 8, optimizer: { kind: sgd, lr: 100 } }
            evaluation: { sequences: 40 }
            """
        },
    };

    [SlowTheory(Category.Runs)]
    [MemberData(nameof(Files))]
    public async Task A_run_whose_losses_are_no_numbers_ends_with_a_report(string name, string rest)
    {
        using var tiny = new TinyExperiment();
        Write(tiny, name, rest);
        var run = await tiny.Run();
        run.ExitCode.ShouldBe(0, run.Errors);
        File.Exists(tiny.Report).ShouldBeTrue();
        tiny.Count("SELECT count(*) FROM trial WHERE state NOT IN ('completed', 'diverged')").ShouldBe(0);
        // The outcome's words say which were no numbers; the column has none for NaN.
        tiny.Count("SELECT count(*) FROM trial WHERE (final_loss IS NULL) <> (coalesce(outcome ->> '$.final_loss', 'NaN') = 'NaN')").ShouldBe(0);
        foreach (var format in (string[])["json", "csv"]) (await HarnessProcess.Run("export", "poisoned", "--as", format, "--out", tiny.Data($"x.{format}"), "--data", tiny.Data())).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("show", "poisoned", "--data", tiny.Data())).ExitCode.ShouldBe(0);
    }

    [SlowFact(Category.Runs)]
    public async Task An_innocent_experiment_beside_them_finishes_under_the_same_server()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: signals are sent the Linux way.");
        using var tiny = new TinyExperiment(steps: 40, seeds: 1, cells: "rnn");
        await using var server = HarnessProcess.Start("serve", "--once", "--slots", "1", "--data", tiny.Data());
        while (!File.Exists(Path.Combine(tiny.Data(), "server.json"))) await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, TestContext.Current.CancellationToken);
        var innocent = await File.ReadAllTextAsync(tiny.File, TestContext.Current.CancellationToken);
        Write(tiny, "learning rates", LearningRates);
        (await HarnessProcess.Run("submit", tiny.File, "--data", tiny.Data())).ExitCode.ShouldBe(0);
        await File.WriteAllTextAsync(tiny.File, innocent, TestContext.Current.CancellationToken);
        (await tiny.Run()).ExitCode.ShouldBe(0);
        await tiny.Until("SELECT count(*) = 2 FROM experiment WHERE state = 'finished'");
        server.HasExited.ShouldBeFalse(server.Errors);
        server.Signal(2);
        (await server.Exit()).ShouldBe(0, server.Errors);
    }

    internal static void Write(TinyExperiment tiny, string question, string rest) =>
        File.WriteAllText(tiny.File, $"version: 1\nname: poisoned\nquestion: Does it end, whatever the {question} do?\n{rest}\n");
}
