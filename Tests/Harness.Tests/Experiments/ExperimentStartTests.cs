using System.Text;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Starting;
using Parquet.Schema;
using Parquet.Serialization;

namespace Harness.Tests.Experiments;

/// <summary><c>harness new</c>: whatever a person brings becomes an experiment file that reads without a mistake.</summary>
public sealed class ExperimentStartTests
{
    [Fact]
    public void Monthly_series_is_read_in_order_of_its_dates_with_a_season_and_one_row()
    {
        var (task, started) = Start("air.csv", StartSamples.Monthly);
        (task.Length, task.Parameters.Text("time"), task.Parameters.Text("target")).ShouldBe((13, "[\"Month\"]", "Passengers"));
        started.Notes.ShouldContain(note => note.Contains("the changes repeat after 12 rows", StringComparison.Ordinal));
        started.Data.ShouldBeNull("the person's own file is read as it is");
    }

    [Fact]
    public void Spreadsheet_of_Europe_needs_no_editing()
    {
        var (task, _) = Start("werte.csv", StartSamples.European);
        (task.Parameters.Text("decimal"), task.Parameters.Text("thousands"), task.Parameters.Text("separator"), task.Parameters.Text("time")).ShouldBe(("comma", "accept", "semicolon", "[\"Datum\"]"));
    }

    [Fact]
    public void Frame_of_pandas_keeps_its_index_out_and_finds_gaps_words_and_marks()
    {
        var (task, started) = Start("air quality.csv", StartSamples.Pandas, "co");
        task.Parameters.Text("columns").ShouldBe("[\"co\",\"wind\",\"site\"]");
        (task.Parameters.Text("missing"), task.Parameters.Text("missing_values"), task.Parameters.Text("categorical")).ShouldBe(("forward", "[\"-200\"]", "[\"site\"]"));
        task.Parameters.Integer("inputs").ShouldBe(4, "co, wind, north, south");
        started.Name.ShouldBe("air-quality");
        started.Notes.ShouldContain(note => note.Contains("-200 in co", StringComparison.Ordinal));
    }

    [Fact]
    public void Several_series_in_one_file_are_told_apart() =>
        Start("stocks.csv", StartSamples.Interleaved).Task.Parameters.Text("group").ShouldBe("symbol");

    [Fact]
    public void Newest_first_is_read_from_the_oldest_on()
    {
        var (task, started) = Start("stock.csv", StartSamples.NewestFirst);
        task.Parameters.Text("time").ShouldBe("[\"Date\"]");
        started.Notes.ShouldContain(note => note.Contains("the newest first", StringComparison.Ordinal));
    }

    [Fact]
    public void Words_to_ask_for_make_a_classification()
    {
        var (task, _) = Start("moves.csv", StartSamples.Activities);
        (task.Parameters.Text("problem"), task.Parameters.Text("target"), task.Parameters.Integer("classes"), task.Parameters.Text("time")).ShouldBe(("classify", "activity", 2, "[\"t\"]"));
    }

    [Theory]
    [InlineData("plain.csv", nameof(StartSamples.NoHeader), "column2")]
    [InlineData("temps.txt", nameof(StartSamples.Blanks), "temp")]
    [InlineData("load.jsonl", nameof(StartSamples.JsonLines), "load")]
    [InlineData("load.arff", nameof(StartSamples.Arff), "the load")]
    public void Other_tables_are_read_too(string name, string sample, string target)
    {
        var text = (string)typeof(StartSamples).GetProperty(sample)!.GetValue(null)!;
        Start(name, text, target).Task.Parameters.Text("target").ShouldBe(target);
    }

    [Fact]
    public void Training_and_test_file_of_an_archive_become_whole_series_of_unequal_length()
    {
        var started = ExperimentStart.Of([new("Made_TEST.ts", StartSamples.Utf8(StartSamples.Ts(20, 2, 7))), new("Made_TRAIN.ts", StartSamples.Utf8(StartSamples.Ts(30, 2, 0)))], null);
        var spec = Read(started, []);
        var (task, data) = (spec.Conditions[0].Trial.Task, spec.Conditions[0].Data!);
        (task.Parameters.Text("sequence"), task.Parameters.Text("group"), task.Parameters.Text("part"), task.Length).ShouldBe(("whole", "series", "part", 16));
        data.Windows.ShouldBe(new DataWindows(24, 6, 20), "of each class one in five validates");
        (started.Name, started.DataName).ShouldBe(("Made", "Made.csv"));
    }

    [Fact]
    public void Rows_of_label_and_steps_become_whole_series()
    {
        var (task, _) = Start("Made_TRAIN.tsv", StartSamples.Ucr);
        (task.Parameters.Text("sequence"), task.Length, task.Parameters.Integer("classes")).ShouldBe(("whole", 24, 2));
    }

    [Fact]
    public void Tables_with_the_same_columns_are_one_series_each()
    {
        var started = ExperimentStart.Of([new("north.csv", StartSamples.Utf8(StartSamples.Monthly)), new("south.csv", StartSamples.Utf8(StartSamples.Monthly))], null);
        Read(started, []).Conditions[0].Trial.Task.Parameters.Text("group").ShouldBe("file");
    }

    [Fact]
    public async Task Parquet_becomes_a_table()
    {
        var schema = new ParquetSchema(new DataField<double>("load"), new DataField<DateTime>("at"), new DataField<string>("site"));
        var rows = Enumerable.Range(0, 90).Select(IDictionary<string, object?> (row) => new Dictionary<string, object?>(StringComparer.Ordinal) { ["load"] = row % 12 * 0.5, ["at"] = new DateTime(2024, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddHours(row), ["site"] = row % 2 == 0 ? "a" : "b" }).ToList();
        using var stream = new MemoryStream();
        await ParquetSerializer.SerializeUntypedAsync(rows, schema, stream, cancellationToken: TestContext.Current.CancellationToken);
        var started = ExperimentStart.Of([new("load.parquet", stream.ToArray())], null);
        var task = Read(started, []).Conditions[0].Trial.Task;
        (task.Parameters.Text("target"), task.Parameters.Text("time"), task.Parameters.Text("categorical")).ShouldBe(("load", "[\"at\"]", "[\"site\"]"));
        Encoding.UTF8.GetString(NewRows.AsCsv(new("load.parquet", stream.ToArray())).ShouldNotBeNull()).ShouldStartWith("load,at,site\n0,2024-01-01");
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("latin-1")]
    public void Other_encodings_are_named_in_the_file(string encoding)
    {
        var text = StartSamples.Monthly.Replace("Passengers", "Flüge", StringComparison.Ordinal);
        var bytes = encoding == "utf-16" ? Encoding.Unicode.GetBytes(text) : Encoding.Latin1.GetBytes(text);
        var started = ExperimentStart.Of([new("air.csv", bytes)], null);
        var task = Read(started, bytes).Conditions[0].Trial.Task;
        (task.Parameters.Text("encoding"), task.Parameters.Text("target")).ShouldBe((encoding, "Flüge"));
    }

    [Fact]
    public void Prose_becomes_a_character_model() => Start("poem.txt", StartSamples.Prose).Task.Kind.ShouldBe("text");

    [Theory]
    [InlineData("a.csv", "a,b\n1,2\n3\n", "line 3 has 1 fields")]
    [InlineData("a.csv", "a,b\n1,2\n", "nothing to learn|no column could be asked for")]
    [InlineData("a.ts", "@classLabel false\n@data\n1,2\n", "@classLabel false")]
    [InlineData("a.ts", "@classLabel true a b\n@data\n1,x:a\n", "a.ts:3: \"x\" is not a number")]
    [InlineData("a.arff", "@attribute x relational\n@data\n", "relational")]
    [InlineData("a.jsonl", "{\"a\": 1}\n[1]\n", "a.jsonl:2:")]
    [InlineData("a.txt", "short", "At least 400")]
    [InlineData("a.bin", "\0\u0001\u0002", "no text and no Parquet file")]
    [InlineData("a.parquet", "PAR1\0\0\0\0PAR1", "the Parquet file cannot be read")]
    [InlineData("a.xlsx", "PK\u0003\u0004", "save the sheet as CSV")]
    [InlineData("a.csv", "", "is empty")]
    public void Refusal_says_where_and_what_helps(string name, string content, string said) =>
        Should.Throw<StartRefusedException>(() => ExperimentStart.Of([new(name, StartSamples.Utf8(content))], null)).Message.ShouldMatch(System.Text.RegularExpressions.Regex.Escape(said).Replace("\\|", "|", StringComparison.Ordinal));

    [Fact]
    public void Wrong_target_is_refused_with_the_columns_there_are() =>
        Should.Throw<StartRefusedException>(() => ExperimentStart.Of([new("air.csv", StartSamples.Utf8(StartSamples.Monthly))], "Pasengers")).Message.ShouldContain("One of: Month, Passengers");

    /// <summary>Whatever the bytes are, the answer is an experiment or a refusal.</summary>
    [Fact]
    public void Damaged_files_of_every_kind_are_read_or_refused()
    {
        (string Name, string Text)[] kinds =
        [
            ("a.csv", StartSamples.Monthly), ("b.csv", StartSamples.European), ("c.csv", StartSamples.Pandas), ("d.ts", StartSamples.Ts(12, 2, 0)), ("e.arff", StartSamples.Arff),
            ("f.jsonl", StartSamples.JsonLines), ("g.txt", StartSamples.Blanks), ("h.tsv", StartSamples.Ucr), ("i.txt", StartSamples.Prose),
        ];
        var rounds = int.TryParse(Environment.GetEnvironmentVariable("HARNESS_FUZZ"), System.Globalization.CultureInfo.InvariantCulture, out var asked) ? asked / kinds.Length : 60;
        var (made, refused) = (0, 0);
        foreach (var (name, text) in kinds)
        {
            var mutator = new SpecMutator([StartSamples.Utf8(text)], [StartSamples.Utf8(text), StartSamples.Utf8("@data\n;;\"'\n\u00e9,1e999,-,?:{")]);
            for (var index = 0; index < rounds; index++)
            {
                try
                {
                    var file = new SourceFile(name, mutator.Mutation(11, index));
                    NewRows.AsCsv(file)?.ShouldNotBeEmpty();
                    ExperimentStart.Of([file], null).Yaml.ShouldNotBeEmpty();
                    made++;
                }
                catch (StartRefusedException refusal)
                {
                    refusal.Message.ShouldNotBeEmpty();
                    refused++;
                }
            }
        }

        made.ShouldBeGreaterThan(rounds);
        refused.ShouldBeGreaterThan(rounds / 2);
    }

    /// <summary>The files that people know, at the first attempt.</summary>
    [Fact]
    public void Real_files_become_experiments_without_editing()
    {
        var folder = RealData.Require();
        foreach (var path in Directory.GetFiles(folder).Where(path => !path.EndsWith("README.md", StringComparison.Ordinal) && !path.EndsWith("_TEST.ts", StringComparison.Ordinal)))
        {
            string[] paths = path.EndsWith("_TRAIN.ts", StringComparison.Ordinal) ? [path, path.Replace("_TRAIN", "_TEST", StringComparison.Ordinal)] : [path];
            var started = ExperimentStart.Of([.. paths.Select(one => new SourceFile(Path.GetFileName(one), File.ReadAllBytes(one)))], null);
            var spec = Read(started, File.ReadAllBytes(path));
            ExperimentPlanner.Plan(spec).Trials.Count.ShouldBe(24, path);
            spec.Conditions[0].Data!.Windows.Test.ShouldBeGreaterThan(10, path);
        }
    }

    private static (TaskSpec Task, StartedExperiment Started) Start(string name, string text, string? target = null)
    {
        var started = ExperimentStart.Of([new(name, StartSamples.Utf8(text))], target);
        return (Read(started, StartSamples.Utf8(text)).Conditions[0].Trial.Task, started);
    }

    private static ExperimentSpec Read(StartedExperiment started, byte[] own)
    {
        var reading = SpecReader.Read(StartSamples.Utf8(started.Yaml), "new.yaml", [], new OneFile(started.DataName, started.Data ?? own));
        reading.Diagnostics.ShouldBeEmpty($"{DiagnosticText.Human(reading)}\n{started.Yaml}");
        return reading.Spec.ShouldNotBeNull();
    }

    private sealed class OneFile(string name, byte[] content) : IDataFiles
    {
        public DataFile Open(string path) => path == name ? DataFile.Of(path, content) : throw DataFileException.Missing();
    }
}
