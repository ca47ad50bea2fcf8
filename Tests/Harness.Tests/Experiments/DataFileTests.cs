using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

/// <summary>A person's own data: what can be reached, what goes into a trial's identity, what is said when something is wrong.</summary>
public sealed class DataFileTests
{
    [Theory]
    [InlineData("../secret.csv")]
    [InlineData("a/../../secret.csv")]
    [InlineData("/etc/passwd")]
    [InlineData("C:/secret.csv")]
    [InlineData(@"..\secret.csv")]
    [InlineData("//server/share.csv")]
    [InlineData("series.csv:stream")]
    [InlineData("a\u0000b")]
    [InlineData("..")]
    [InlineData("")]
    public void No_path_leads_outside(string path)
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.File("inside"));
        File.WriteAllText(folder.File("secret.csv"), SpecText.Series);
        Should.Throw<DataFileException>(() => new DataFolder([folder.File("inside")]).Open(path)).Code.ShouldBe(DiagnosticCodes.DataOutside);
    }

    [Fact]
    public void Symbolic_links_are_refused_wherever_they_lead()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() || OperatingSystem.IsMacOS(), "SKIPPED: symbolic links need a privilege on Windows.");
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder.File("root")).FullName;
        Directory.CreateDirectory(folder.File("other"));
        File.WriteAllText(folder.File("other/series.csv"), SpecText.Series);
        File.WriteAllText(Path.Combine(root, "own.csv"), SpecText.Series);
        File.CreateSymbolicLink(Path.Combine(root, "file.csv"), folder.File("other/series.csv"));
        File.CreateSymbolicLink(Path.Combine(root, "inner.csv"), Path.Combine(root, "own.csv"));
        File.CreateSymbolicLink(Path.Combine(root, "dangling.csv"), folder.File("nothing"));
        Directory.CreateSymbolicLink(Path.Combine(root, "folder"), folder.File("other"));
        foreach (var path in new[] { "file.csv", "inner.csv", "dangling.csv", "folder/series.csv" })
            Should.Throw<DataFileException>(() => new DataFolder([root]).Open(path), path).Code.ShouldBe(DiagnosticCodes.DataOutside);

        // Links above a root are the person's own way of arranging a disk.
        Directory.CreateSymbolicLink(folder.File("way"), root);
        new DataFolder([folder.File("way")]).Open("own.csv").Content.Length.ShouldBe(SpecText.Series.Length);
    }

    [Fact]
    public void A_path_is_looked_up_beside_the_experiment_file_and_then_in_the_data_roots()
    {
        using var folder = new TemporaryFolder();
        foreach (var (place, content) in new[] { ("own", "a"), ("first", "b"), ("second", "c") })
        {
            Directory.CreateDirectory(folder.File(place));
            File.WriteAllText(folder.File($"{place}/{place}.csv"), content);
            File.WriteAllText(folder.File($"{place}/both.csv"), content);
        }

        var files = DataFolder.Beside(folder.File("own/my.yaml"), [folder.File("first"), folder.File("second")]);
        string Text(string path) => System.Text.Encoding.UTF8.GetString(files.Open(path).Content.Span);
        (Text("both.csv"), Text("first.csv"), Text("./second.csv")).ShouldBe(("a", "b", "c"));
        Should.Throw<DataFileException>(() => files.Open("own/own.csv")).Code.ShouldBe(DiagnosticCodes.DataUnreadable);
    }

    [Fact]
    public void A_file_that_is_too_large_is_refused_by_its_size_and_a_pipe_is_not_opened()
    {
        using var folder = new TemporaryFolder();
        using (var large = File.Create(folder.File("large.csv"))) large.SetLength(DataFile.LargestBytes + 1L);
        var refusal = Should.Throw<DataFileException>(() => new DataFolder([folder.Path]).Open("large.csv"));
        refusal.Code.ShouldBe(DiagnosticCodes.DataTooLarge);
        refusal.Expected!.ShouldContain("(head -n 1 'large.csv'; tail -c ");
        if (OperatingSystem.IsLinux()) new DataFolder(["/dev"]).Open("zero").Content.Length.ShouldBe(0);
    }

    /// <summary>The command that the refusal names, run in a shell.</summary>
    [Fact]
    public async Task The_way_out_of_a_file_that_is_too_large_makes_one_that_can_be_read()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Needs a shell with head and tail.");
        using var folder = new TemporaryFolder();
        const string name = "it's large.csv";
        using (var large = new StreamWriter(folder.File(name)))
        {
            large.Write("a,b\n");
            for (var row = 0; row * 20L < DataFile.LargestBytes + 1_000_000; row++) large.Write(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{row:0000000000},12345678\n"));
        }

        var command = DataFile.WayOut(name);
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-c", command[(command.IndexOf(": ", StringComparison.Ordinal) + 2)..]]) { WorkingDirectory = folder.Path })!;
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        shell.ExitCode.ShouldBe(0);
        var content = new DataFolder([folder.Path]).Open("latest.csv").Content;
        content.Length.ShouldBeInRange(DataFile.LargestBytes / 2 - 100, DataFile.LargestBytes / 2 + 100);
        System.Text.Encoding.UTF8.GetString(content.Span[..24]).ShouldMatch("^a,b\n[0-9]{10},12345678\n$");
    }

    [Fact]
    public void Identity_follows_the_content_and_not_the_path()
    {
        var files = new MemoryFiles(("series.csv", SpecText.Series), ("copy.csv", SpecText.Series), ("other.csv", SpecText.Series.Replace("59", "58", StringComparison.Ordinal) + "9,1.5,up\n"));
        var identity = Identity(files, SpecText.OverSeries());
        Identity(files, SpecText.OverSeries(path: "copy.csv")).ShouldBe(identity);
        Identity(files, SpecText.OverSeries(path: "./copy.csv")).ShouldBe(identity);
        Identity(files, SpecText.OverSeries(path: "other.csv")).ShouldNotBe(identity, StringComparer.Ordinal);

        // Whether a default is written out changes nothing, whatever can change the outcome does.
        const string plain = "target: level, columns: [level, wind]";
        foreach (var same in new[] { $"{plain}, separator: comma", $"{plain}, split: 70/15/15, horizon: 1, problem: forecast", $"{plain}, split: 70 / 15 / 15" })
            Identity(files, SpecText.OverSeries(same)).ShouldBe(identity, same);
        foreach (var other in new[] { "target: wind, columns: [level, wind]", "target: level, columns: [wind, level]", $"{plain}, horizon: 2", $"{plain}, split: 60/25/15" })
            Identity(files, SpecText.OverSeries(other)).ShouldNotBe(identity, StringComparer.Ordinal, other);
    }

    [Fact]
    public void Without_a_list_every_column_is_an_input_but_a_class_that_is_asked_for()
    {
        var files = new MemoryFiles(("series.csv", SpecText.Series));
        Identity(files, SpecText.OverSeries("target: state, problem: classify")).ShouldBe(Identity(files, SpecText.OverSeries("target: state, problem: classify, columns: [level, wind]")));
        SpecText.SpecWith(files, SpecText.OverSeries("target: state, problem: classify")).Conditions[0].Trial.Task.Parameters.Integer("classes").ShouldBe(2);
    }

    [Fact]
    public void Each_file_is_opened_once_however_many_conditions_read_it()
    {
        var files = new CountingFiles();
        var spec = SpecText.SpecWith(files, SpecText.OverSeries("target: level, columns: [level]"), "matrix.length=[2,3,4]", "matrix.horizon=[1,2]");
        spec.Conditions.Count.ShouldBe(18);
        files.Opened.ShouldBe(1);
        spec.Files.ShouldHaveSingleItem();
    }

    [Fact]
    public void The_plan_says_rows_windows_and_hash()
    {
        var files = new MemoryFiles(("series.csv", SpecText.Series));
        var document = PlanDocument.Of(ExperimentPlanner.Plan(SpecText.SpecWith(files, SpecText.OverSeries("target: level, columns: [level]"))), new Dictionary<string, TrialState>(StringComparer.Ordinal), null);
        var data = document.Conditions[0].Data.ShouldNotBeNull();
        // 42, 9 and 9 of 60 rows; a window takes four, and one more for its answer.
        (data.Rows, data.Windows).ShouldBe((60, new DataWindows(38, 5, 5)));
        var text = PlanText.Human(document);
        text.ShouldContain("38/5/5");
        text.ShouldContain($"series.csv  60 rows, {SpecText.Series.Length:N0} bytes, sha256 {files.Open("series.csv").Sha256}");
        document.ToJson().ShouldContain("\"windows\": {");
    }

    [Theory]
    [InlineData("a,b\n1,2\n", ',')]
    [InlineData("a;b\n1,5;2\n", ';')]
    [InlineData("a\tb\n1\t2\n", '\t')]
    [InlineData("\"a;b;c\",d\n1,2\n", ',')]
    [InlineData("a\n1;2,3\n", ',')]
    public void The_separator_is_what_the_header_holds_most_of_outside_quotes(string text, char separator) => CsvText.DetectSeparator(text).ShouldBe(separator);

    [Fact]
    public void Fields_are_cut_as_RFC_4180_says()
    {
        var csv = new CsvText("a,\"b, c\"\r\n\"say \"\"x\"\"\",\"two\nlines\"\r\n1,\r\n\r\n", ',');
        var records = new List<string[]>();
        while (csv.Next()) records.Add([.. csv.Fields.Select(csv.Value)]);
        csv.Fault.ShouldBeNull();
        records.Count.ShouldBe(3);
        records[0].ShouldBe(["a", "b, c"]);
        records[1].ShouldBe(["say \"x\"", "two\nlines"]);
        records[2].ShouldBe(["1", ""]);
    }

    [Theory]
    [InlineData("a,b\n1,\"2\n", "2:3")]
    [InlineData("a,b\n1,2\"\n", "2:4")]
    [InlineData("a,b\n1,\"2\" \n", "2:6")]
    [InlineData("a\n\n1\n", "2:1")]
    [InlineData("a,b\r1,2\n", "1:4")]
    [InlineData("a,b\n1,2,3\n", "2:5")]
    public void What_is_no_CSV_is_told_with_its_place(string text, string place)
    {
        var problems = new List<DataProblem>();
        CsvSeries.Read(System.Text.Encoding.UTF8.GetBytes(text), "x.csv", new("comma", null, "a", false), problems).ShouldBeNull();
        problems.ShouldHaveSingleItem().Message.ShouldStartWith($"x.csv:{place}: ");
    }

    /// <summary>Whatever the bytes are, the answer is a series or a problem.</summary>
    [Fact]
    public void Damaged_data_files_are_read_or_refused()
    {
        var right = System.Text.Encoding.UTF8.GetBytes(SpecText.Series);
        var mutator = new SpecMutator([right], [right, System.Text.Encoding.UTF8.GetBytes("a;\"b\";c\r\n1,5;2;x\r\n")]);
        var read = 0;
        for (var index = 0; index < 3_000; index++)
        {
            var problems = new List<DataProblem>();
            var bytes = mutator.Mutation(7, index);
            var series = CsvSeries.Read(bytes, "x.csv", new("detect", null, index % 2 == 0 ? "level" : "state", index % 2 == 1), problems);
            (series is null).ShouldBe(problems.Count > 0);
            if (series is not null) read++;
            var corpus = TextCorpus.Read(bytes, "x.txt", new(70, 15, 15), 20, problems = []);
            (corpus is null).ShouldBe(problems.Count > 0);
        }

        read.ShouldBeInRange(100, 2_900);
    }

    /// <summary>Keys that came later stand in a trial only where they are used: finished trials keep their identity.</summary>
    [Fact]
    public void A_file_without_the_newer_keys_has_the_identity_it_always_had()
    {
        var trial = SpecText.SpecWith(new MemoryFiles(("series.csv", SpecText.Series)), SpecText.OverSeries()).Conditions[0].Trial;
        trial.Task.Parameters.Values.Keys.ShouldBe(["columns", "horizon", "inputs", "problem", "separator", "split", "target"]);
        var text = SpecText.SpecWith(new MemoryFiles(("series.csv", SpecText.Series)), SpecText.Small.Replace("kind: adding, length: 20", "kind: text, file: series.csv, length: 5", StringComparison.Ordinal)).Conditions[0].Trial;
        text.Task.Parameters.Values.Keys.ShouldBe(["split", "symbols"]);
        System.Text.Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(trial)).ShouldContain(
            "\"parameters\":{\"columns\":\"[\\u0022level\\u0022,\\u0022wind\\u0022]\",\"horizon\":\"1\",\"inputs\":\"2\",\"problem\":\"forecast\",\"separator\":\"comma\",\"split\":\"70/15/15\",\"target\":\"level\"}");
    }

    private static string Identity(IDataFiles files, string yaml) => TrialIdentity.Of(SpecText.SpecWith(files, yaml).Conditions[0].Trial);

    private sealed class CountingFiles : IDataFiles
    {
        public int Opened { get; private set; }

        public DataFile Open(string path)
        {
            Opened++;
            return DataFile.Of(path, System.Text.Encoding.UTF8.GetBytes(SpecText.Series));
        }
    }
}
