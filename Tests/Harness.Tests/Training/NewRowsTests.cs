using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Experiments.Starting;
using Harness.Tests.Experiments;
using Harness.Training.Models;

namespace Harness.Tests.Training;

/// <summary>Models on new rows in the formats of the time-series archives, and in those of tables.</summary>
public sealed class NewRowsTests
{
    private static readonly SourceFile train = new("Made_TRAIN.ts", StartSamples.Utf8(StartSamples.Ts(30, 2, 0))), test = new("Made_TEST.ts", StartSamples.Utf8(StartSamples.Ts(20, 2, 7)));

    [Fact]
    public void Test_file_of_an_archive_scores_as_the_test_part_of_training_did()
    {
        using var folder = new TemporaryFolder();
        var (frames, model) = Trained(folder, [train, test]);
        File.WriteAllBytes(folder.File("test.csv"), NewRows.AsCsv(test).ShouldNotBeNull());
        var scores = ModelUse.Evaluate(new(model, folder.File("test.csv"))).Scores!;
        scores.Windows.ShouldBe(20);
        ((float)scores.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single());
        ((float)scores.Accuracy!.Value).ShouldBe(Trials.Curve(frames, MetricCatalog.TestAccuracy).Values.Single());
    }

    [Fact]
    public void Series_without_a_class_are_predicted_as_those_with_one()
    {
        using var folder = new TemporaryFolder();
        var (_, model) = Trained(folder, [train, test]);
        var unknown = string.Join('\n', StartSamples.Ts(20, 2, 7).Split('\n').Select(line => line.StartsWith("@classLabel", StringComparison.Ordinal) ? "@classLabel false" : line.Contains(':', StringComparison.Ordinal) ? line[..line.LastIndexOf(':')] : line));
        var predicted = Predict("unknown.ts", unknown);
        predicted[0].ShouldBe("series,last_row,answer_row,predicted.answer,probability,p.up,p.down");
        predicted.Length.ShouldBe(1 + 20);
        predicted.Skip(1).Select(line => line.Split(',')[0]).ShouldBe(Enumerable.Range(1, 20).Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        predicted.ShouldBe(Predict("known.ts", StartSamples.Ts(20, 2, 7)));

        string[] Predict(string name, string text)
        {
            File.WriteAllBytes(folder.File("rows.csv"), NewRows.AsCsv(new(name, StartSamples.Utf8(text))).ShouldNotBeNull());
            ModelUse.Predict(new(model, folder.File("rows.csv"), folder.File("predicted.csv"))).Rows.ShouldBe(20);
            return File.ReadAllLines(folder.File("predicted.csv"));
        }
    }

    [Fact]
    public void Rows_of_label_and_steps_score_as_in_training()
    {
        using var folder = new TemporaryFolder();
        var rows = new SourceFile("Made_TEST.tsv", StartSamples.Utf8(StartSamples.Ucr));
        var (frames, model) = Trained(folder, [rows with { Name = "Made_TRAIN.tsv" }, rows]);
        File.WriteAllBytes(folder.File("test.csv"), NewRows.AsCsv(rows).ShouldNotBeNull());
        ((float)ModelUse.Evaluate(new(model, folder.File("test.csv"))).Scores!.Loss).ShouldBe(Trials.Curve(frames, MetricCatalog.TestLoss).Values.Single());
    }

    [Fact]
    public void Rows_of_label_and_steps_are_known_in_a_large_file_too()
    {
        var large = string.Concat(Enumerable.Repeat(StartSamples.Ucr, 60));
        large.Length.ShouldBeGreaterThan(300_000);
        System.Text.Encoding.UTF8.GetString(NewRows.AsCsv(new("Large_TEST.tsv", StartSamples.Utf8(large))).ShouldNotBeNull()).ShouldStartWith("series,answer,value\n1,1,");
    }

    [Fact]
    public void Tables_of_other_formats_keep_the_names_of_their_columns() =>
        System.Text.Encoding.UTF8.GetString(NewRows.AsCsv(new("load.arff", StartSamples.Utf8(StartSamples.Arff))).ShouldNotBeNull()).ShouldStartWith("time,the load,day\n0,0,work\n");

    [Theory]
    [InlineData("air.csv", nameof(StartSamples.Monthly))]
    [InlineData("werte.csv", nameof(StartSamples.European))]
    [InlineData("prose.txt", nameof(StartSamples.Prose))]
    public void What_a_trainer_reads_itself_stays_as_it_is(string name, string sample) =>
        NewRows.AsCsv(new(name, StartSamples.Utf8((string)typeof(StartSamples).GetProperty(sample)!.GetValue(null)!))).ShouldBeNull();

    [Theory]
    [InlineData("a.ts", "@classLabel true a b\n@data\n1,x:a\n", "a.ts:3: \"x\" is not a number")]
    [InlineData("a.jsonl", "{\"a\": 1}\n{\"a\": \n", "a.jsonl:2")]
    [InlineData("a.xlsx", "PK\u0003\u0004", "save the sheet as CSV")]
    [InlineData("a.parquet", "PAR1", "a.parquet")]
    public void A_file_that_cannot_be_read_is_refused_with_its_place(string name, string text, string said) =>
        Should.Throw<StartRefusedException>(() => NewRows.AsCsv(new(name, StartSamples.Utf8(text)))).Message.ShouldContain(said);

    private static (List<TrainerFrame> Frames, string Model) Trained(TemporaryFolder folder, IReadOnlyList<SourceFile> files)
    {
        var started = ExperimentStart.Of(files, null);
        var data = System.Text.Encoding.UTF8.GetString(started.Data!);
        var spec = SpecText.SpecWith(new MemoryFiles((started.DataName, data)), started.Yaml).Conditions.First(condition => condition.Trial.Model.Cell == "gru").Trial;
        spec = spec with { Seed = 1, Train = spec.Train with { Steps = 20, Batch = 8 }, Model = spec.Model with { Hidden = 4 }, Evaluation = spec.Evaluation with { Every = 10 }, Probe = new([], 1) };
        var (_, frames, model) = Models.Export(folder, spec, data, "safetensors");
        return (frames, model);
    }
}
