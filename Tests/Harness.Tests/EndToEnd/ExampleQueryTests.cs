using System.Diagnostics;
using System.Text.Json;

namespace Harness.Tests.EndToEnd;

/// <summary>The notebook and the single-file program of docs/examples are run on a real database.</summary>
public sealed class ExampleQueryTests
{
    private static readonly string Examples = Path.Combine(Repository.Root, "docs", "examples");

    [SlowFact(Category.Tools)]
    public async Task The_notebook_draws_losses_and_gradients()
    {
        var python = await PythonWith.Module("matplotlib");
        Assert.SkipWhen(python is null, "SKIPPED: no python3 with matplotlib (apt install python3-matplotlib).");
        using var tiny = new TinyExperiment();
        (await tiny.Run()).ExitCode.ShouldBe(0);
        using var folder = new TemporaryFolder();
        using var notebook = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(Examples, "results.ipynb"), TestContext.Current.CancellationToken));
        var code = string.Join("\n", notebook.RootElement.GetProperty("cells").EnumerateArray().Where(cell => cell.GetProperty("cell_type").GetString() == "code")
            .Select(cell => string.Concat(cell.GetProperty("source").EnumerateArray().Select(line => line.GetString()))));
        await File.WriteAllTextAsync(folder.File("cells.py"), code, TestContext.Current.CancellationToken);

        var (exit, said) = await Run(python!, ["cells.py"], folder.Path, ("HARNESS_DATABASE", Path.Combine(tiny.Data(), "harness.db")), ("MPLBACKEND", "Agg"));

        exit.ShouldBe(0, said);
        foreach (var condition in new[] { "rnn", "lstm", "gru" }) said.ShouldContain($"{condition,-24}   2 seeds   median loss ");
        foreach (var file in new[] { "loss.png", "gradients.png" }) new FileInfo(folder.File(file)).Length.ShouldBeGreaterThan(5_000);
    }

    [SlowFact(Category.Tools)]
    public async Task The_single_file_program_prints_medians_and_reach()
    {
        using var tiny = new TinyExperiment();
        (await tiny.Run()).ExitCode.ShouldBe(0);

        var (exit, said) = await Run("dotnet", ["run", Path.Combine(Examples, "query.cs"), "--", Path.Combine(tiny.Data(), "harness.db")], Repository.Root, ("CI", ""));

        exit.ShouldBe(0, said);
        foreach (var condition in new[] { "rnn", "lstm", "gru" }) said.ShouldContain($"tiny                 {condition,-24}     2");
        said.ShouldContain("norm there, relative to lag 0");
    }

    [SlowFact(Category.Tools)]
    public async Task DuckDB_reads_the_Parquet_files()
    {
        using var tiny = new TinyExperiment();
        (await tiny.Run()).ExitCode.ShouldBe(0);
        var file = Path.Combine(tiny.Data(), "tiny.parquet");
        (await HarnessProcess.Run("export", "tiny", "--as", "parquet", "--data", tiny.Data(), "--out", file)).ExitCode.ShouldBe(0);

        var (exit, said) = await Run("dotnet", ["run", Path.Combine(Examples, "parquet.cs"), "--", file], Repository.Root, ("CI", ""));

        exit.ShouldBe(0, said);
        var lines = said.Split('\n');
        foreach (var row in tiny.Rows("SELECT cell, count(*), sum(solved) FROM trial GROUP BY cell").Select(row => row.Replace("|", "  ", StringComparison.Ordinal))) lines.ShouldContain(line => line.StartsWith(row, StringComparison.Ordinal));
        lines.Count(line => line.StartsWith("lstm  ", StringComparison.Ordinal)).ShouldBe(1 + 3, "a median, and a curve of three evaluations");
    }

    private static async Task<(int Exit, string Said)> Run(string program, string[] arguments, string folder, params (string Name, string Value)[] variables)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in variables) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, said + await errors);
    }
}
