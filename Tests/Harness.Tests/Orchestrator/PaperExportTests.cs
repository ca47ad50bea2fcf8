using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Harness.Abstractions.Catalog;
using Harness.Orchestrator.Cli;
using Harness.Reports.Exports;
using Harness.Server.Hosting;
using Harness.Tests.Experiments;
using Microsoft.Data.Sqlite;

namespace Harness.Tests.Orchestrator;

/// <summary><c>harness export --as paper</c>: what its files hold, and that they agree with the database.</summary>
public sealed partial class PaperExportTests
{
    [Fact]
    public async Task Numbers_of_the_tables_are_those_of_the_database()
    {
        await using var stored = await Exported();
        await using var database = new SqliteConnection($"Data Source={Path.Combine(stored.Data, "harness.db")};Mode=ReadOnly;Pooling=False");
        database.Open();
        using var command = database.CreateCommand();
        command.CommandText = "SELECT condition, final_loss FROM trial_result ORDER BY condition";
        var losses = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                if (!losses.TryGetValue(reader.GetString(0), out var known)) losses[reader.GetString(0)] = known = [];
                known.Add(reader.GetDouble(1));
            }
        }

        losses.Count.ShouldBe(3);
        var rows = (await Text(stored, "tables/figure-2-loss.tex")).Split('\n').Where(line => line.Contains('&', StringComparison.Ordinal)).Select(line => line.TrimEnd('\\', ' ').Split('&')).ToList();
        foreach (var (condition, values) in losses)
        {
            var cell = rows.Single(row => row[0].Trim() == condition)[1];
            var written = double.Parse(Digits().Match(cell).Value, CultureInfo.InvariantCulture);
            written.ShouldBe(values.Average(), values.Average() * 0.005, $"{condition}: {cell}"); // the median of two seeds
        }
    }

    [Fact]
    public async Task Methods_name_cells_seeds_and_tests_and_every_key_is_in_the_bibliography()
    {
        await using var stored = await Exported();
        var (methods, references) = (await Text(stored, "methods.tex"), await Text(stored, "references.bib"));
        methods.ShouldContain("LSTM~\\cite{hochreiter1997long,gers2000learning}");
        methods.ShouldContain("3 conditions with 2 seeds each (from 1 to 2) make 6 trials: 6 completed.");
        methods.ShouldContain("Holm's procedure~\\cite{holm1979simple}");
        methods.ShouldContain("libtorch l,");
        var entries = Entry().Matches(references).Select(match => match.Groups[1].Value).ToList();
        entries.ShouldBeUnique(StringComparer.Ordinal);
        foreach (Match cite in Cited().Matches(methods))
            foreach (var key in cite.Groups[1].Value.Split(',')) entries.ShouldContain(key, StringComparer.Ordinal);
        references.ShouldNotContain("vaswani", Case.Insensitive, "no Transformer was trained");
    }

    [Fact]
    public async Task Every_file_has_its_checksum_and_braces_that_close()
    {
        await using var stored = await Exported();
        var folder = stored.File("paper");
        var sums = (await Text(stored, PaperFiles.Checksums)).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split("  ")).ToDictionary(parts => parts[1], parts => parts[0], StringComparer.Ordinal);
        var files = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file).Replace('\\', '/')).Where(file => file != PaperFiles.Checksums).ToList();
        sums.Keys.Order(StringComparer.Ordinal).ShouldBe(files.Order(StringComparer.Ordinal));
        foreach (var (file, sum) in sums) Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(folder, file), TestContext.Current.CancellationToken))).ShouldBe(sum, file);
        foreach (var file in files.Where(file => file.EndsWith(".tex", StringComparison.Ordinal) || file.EndsWith(".bib", StringComparison.Ordinal)))
        {
            var text = (await Text(stored, file)).Replace("\\{", "", StringComparison.Ordinal).Replace("\\}", "", StringComparison.Ordinal);
            text.Count(c => c == '{').ShouldBe(text.Count(c => c == '}'), file);
            text.Replace("\\$", "", StringComparison.Ordinal).Count(c => c == '$').ShouldSatisfyAllConditions(count => (count % 2).ShouldBe(0, file));
        }
    }

    [SlowFact(Category.Tools)]
    public async Task The_example_document_compiles()
    {
        await using var stored = await Exported();
        try
        {
            // As the first line of the document says.
            await Run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper");
            var bibliography = await Run("bibtex", "paper");
            bibliography.ShouldNotContain("Warning", Case.Insensitive, bibliography);
            await Run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper");
            var last = await Run("pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper");
            last.ShouldNotContain("undefined");
            last.ShouldNotContain("Missing character");
            last.ShouldNotContain("Rerun to get");
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("The test that compiles LaTeX was skipped: pdflatex or bibtex was not found (apt install texlive-latex-extra).");
        }

        var entries = Entry().Count(await Text(stored, "references.bib"));
        Item().Count(await Text(stored, "paper.bbl")).ShouldBe(entries, "every entry of the bibliography is printed");

        async Task<string> Run(string program, params string[] arguments)
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = stored.File("paper"), RedirectStandardOutput = true, UseShellExecute = false })!;
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, $"{program}: {said}");
            return said;
        }
    }

    /// <summary>Not only those of one experiment: each publication that any cell or task names.</summary>
    [SlowFact(Category.Tools)]
    public async Task Every_entry_of_the_catalogues_is_one_that_bibtex_reads()
    {
        using var folder = new TemporaryFolder();
        var citations = CellCatalog.All.SelectMany(cell => cell.Sources).Concat(TaskCatalog.All.SelectMany(task => task.Sources)).DistinctBy(citation => citation.Key, StringComparer.Ordinal).ToList();
        await File.WriteAllTextAsync(folder.File("all.bib"), Bibliography.Write(citations, "1"), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(folder.File("all.aux"), "\\citation{*}\n\\bibstyle{plain}\n\\bibdata{all}\n", TestContext.Current.CancellationToken);
        try
        {
            using var process = Process.Start(new ProcessStartInfo("bibtex", ["all"]) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, UseShellExecute = false })!;
            var said = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            process.ExitCode.ShouldBe(0, said);
            said.ShouldNotContain("Warning", Case.Insensitive, said);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("The test that compiles a bibliography was skipped: bibtex was not found (apt install texlive-latex-extra).");
        }

        Item().Count(await File.ReadAllTextAsync(folder.File("all.bbl"), TestContext.Current.CancellationToken)).ShouldBe(citations.Count + 1);
    }

    [Fact]
    public async Task A_folder_of_other_files_is_left_alone_and_its_own_is_written_again()
    {
        await using var stored = await Exported();
        (await HarnessCli.Run(["export", "small", "--as", "paper", "--data", stored.Data, "--out", stored.File("paper")])).ShouldBe(0);
        Directory.CreateDirectory(stored.File("thesis"));
        await File.WriteAllTextAsync(stored.File("thesis/methods.tex"), "mine", TestContext.Current.CancellationToken);
        (await HarnessCli.Run(["export", "small", "--as", "paper", "--data", stored.Data, "--out", stored.File("thesis")])).ShouldBe(ExitCode.Usage);
        (await File.ReadAllTextAsync(stored.File("thesis/methods.tex"), TestContext.Current.CancellationToken)).ShouldBe("mine");
        (await HarnessCli.Run(["export", "small", "--as", "paper", "--data", stored.Data, "--out", "-"])).ShouldBe(ExitCode.Usage);
    }

    [Theory]
    [InlineData("50 % of a_b & {c} #1 $x", "50 \\% of a\\_b \\& \\{c\\} \\#1 \\$x")]
    [InlineData("7.3×10⁻⁴ ≤ 1", "7.3$\\times$10$^{-4}$ $\\leq$ 1")]
    [InlineData("10⁻¹²", "10$^{-12}$")]
    [InlineData("c:\\data~^", "c:\\textbackslash{}data\\textasciitilde{}\\textasciicircum{}")]
    [InlineData("95\u202f% 0.1 – 0.2", "95\\,\\% 0.1 -- 0.2")]
    [InlineData("a\nb", "a b")]
    public void Signs_that_LaTeX_reads_as_commands_are_printed(string text, string expected) => Latex.Escape(text).ShouldBe(expected);

    /// <summary>Who is named with a year in a summary is in the bibliography.</summary>
    [Fact]
    public void Every_publication_that_a_cell_or_task_names_is_among_its_sources()
    {
        var named = CellCatalog.All.Select(cell => (cell.Name, cell.Summary, cell.Sources)).Concat(TaskCatalog.All.Select(task => (Name: task.Kind, Summary: task.Summary.English, task.Sources))).ToList();
        foreach (var (name, summary, sources) in named)
            foreach (Match year in Year().Matches(summary)) sources.Select(source => source.Year).ShouldContain(int.Parse(year.Value, CultureInfo.InvariantCulture), name);
        named.SelectMany(entry => entry.Sources).Distinct().Select(source => source.Key).ShouldBeUnique(StringComparer.Ordinal);
    }

    private static async Task<StoredExperiments> Exported()
    {
        var stored = new StoredExperiments();
        await stored.Add(SpecText.Small);
        (await HarnessCli.Run(["export", "small", "--as", "paper", "--data", stored.Data, "--out", stored.File("paper")])).ShouldBe(0);
        return stored;
    }

    private static Task<string> Text(StoredExperiments stored, string name) => File.ReadAllTextAsync(Path.Combine(stored.File("paper"), name), TestContext.Current.CancellationToken);

    [GeneratedRegex(@"[\d.]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits();

    [GeneratedRegex(@"^@\w+\{([^,]+),", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Entry();

    [GeneratedRegex(@"^\\bibitem", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Item();

    [GeneratedRegex(@"\\cite\{([^}]+)\}", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Cited();

    [GeneratedRegex(@"\b(19|20)\d\d\b", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Year();
}
