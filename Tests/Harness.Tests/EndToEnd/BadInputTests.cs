using Harness.Reports.Model;

namespace Harness.Tests.EndToEnd;

/// <summary>What a person sees who gets something wrong: one clear answer, exit code 2, nothing started.</summary>
[Collection("end to end")]
public sealed class BadInputTests
{
    [Fact]
    public async Task Five_mistakes_give_five_diagnostics_with_positions_and_nothing_is_started()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("wrong.yaml");
        await File.WriteAllTextAsync(file,
            """
            version: 1
            name: wrong
            task: { kind: adding, length: -5 }
            model: { hiden: 8 }
            matrix: { cell: [rnn, lstn] }
            seeds: { count: many }
            train: { steps: 10, batch: 8, optimizer: { kind: adamm, lr: 1e-3 } }
            """, TestContext.Current.CancellationToken);

        var (code, output, errors) = await HarnessProcess.Run("run", file, "--data", folder.File("data"));

        code.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.Split('\n').Count(line => line.StartsWith("error[HRN", StringComparison.Ordinal)).ShouldBe(5, errors);
        foreach (var position in new[] { ":3:31", ":4:10", ":5:23", ":6:17", ":7:50" }) errors.ShouldContain(file + position);
        errors.ShouldContain("did you mean \"lstm\"?");
        Directory.Exists(folder.File("data")).ShouldBeFalse();
    }

    [Theory]
    [InlineData("missing")]
    [InlineData("folder")]
    [InlineData("large")]
    [InlineData("binary")]
    public async Task A_file_that_cannot_be_an_experiment_gives_one_clear_line(string kind)
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("x.yaml");
        switch (kind)
        {
            case "folder":
                Directory.CreateDirectory(file);
                break;
            case "large":
                await File.WriteAllBytesAsync(file, Enumerable.Repeat((byte)'#', 2_000_000).ToArray(), TestContext.Current.CancellationToken);
                break;
            case "binary":
                await File.WriteAllBytesAsync(file, [0x7f, 0x45, 0x4c, 0x46, 0, 1, 2, 0xff, 0xfe], TestContext.Current.CancellationToken);
                break;
        }

        var (code, output, errors) = await HarnessProcess.Run("run", file, "--data", folder.File("data"));

        code.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.Trim().ShouldNotContain("\n");
        errors.ShouldStartWith("error[HRN");
        errors.ShouldContain(file);
    }

    [Theory]
    [InlineData("sumbit")]
    [InlineData("run")]
    [InlineData("run", "a.yaml", "--slots", "0")]
    [InlineData("run", "a.yaml", "--slots", "many")]
    [InlineData("run", "a.yaml", "--nonsense")]
    [InlineData("validate", "a.yaml", "--format", "xml")]
    public async Task A_wrong_command_line_is_told_on_standard_error(params string[] arguments)
    {
        var (code, output, errors) = await HarnessProcess.Run(arguments);
        code.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.ShouldStartWith("error: ");
        errors.ShouldContain("--help");
    }
}
