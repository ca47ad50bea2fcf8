namespace Harness.Tests.EndToEnd;

/// <summary>A data folder on a disk that takes no writes: an archive, a shared course folder, a container's volume.</summary>
public sealed class ReadOnlyFolderTests
{
    [SlowFact(Category.Runs)]
    public async Task What_looks_works_and_what_writes_says_why_not()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "SKIPPED: a read-only mount needs Linux and root.");
        using var tiny = new TinyExperiment(steps: 10, seeds: 1, cells: "rnn");
        (await tiny.Run()).ExitCode.ShouldBe(0);
        using var elsewhere = new TemporaryFolder();
        string[][] readers =
        [
            ["list"], ["show", "tiny"], ["plan", tiny.File], ["verify"], ["doctor"], ["report", "tiny", "--out", elsewhere.File("report.html")],
            ["export", "tiny", "--as", "json", "--out", elsewhere.File("tiny.json")], ["backup", "--out", elsewhere.File("copy.db")],
        ];
        foreach (var reader in readers)
        {
            var (code, _, errors) = await ReadOnly(tiny.Data(), [.. reader, "--data", tiny.Data()]);
            code.ShouldBe(0, $"{string.Join(' ', reader)}: {errors}");
        }

        string[][] writers = [["run", tiny.File, "--set", "train.steps=11"], ["delete", "tiny", "--yes"], ["serve", "--once"], ["restore", elsewhere.File("copy.db")]];
        foreach (var writer in writers)
        {
            var (code, _, errors) = await ReadOnly(tiny.Data(), [.. writer, "--data", tiny.Data()]);
            code.ShouldBe(5, string.Join(' ', writer));
            errors.ShouldContain("cannot be written");
            errors.ShouldNotContain("fault of the program");
        }
    }

    private static async Task<(int Code, string Output, string Errors)> ReadOnly(string folder, string[] arguments)
    {
        await using var process = HarnessProcess.StartReadOnly(folder, arguments);
        var code = await process.Exit();
        return (code, process.Output, process.Errors);
    }
}
