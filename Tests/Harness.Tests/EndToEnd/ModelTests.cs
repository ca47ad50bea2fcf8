using System.Globalization;

namespace Harness.Tests.EndToEnd;

/// <summary>From a person's file to predictions for new rows: run, export-model, predict, evaluate.</summary>
[Collection("end to end")]
public sealed class ModelTests
{
    private static string Series(int rows) => "level,wind\n" + string.Concat(Enumerable.Range(0, rows).Select(row => FormattableString.Invariant($"{row * row % 17},{row % 5}\n")));

    [SlowFact(Category.Runs)]
    public async Task Three_commands_lead_from_a_file_to_predictions()
    {
        using var folder = new TemporaryFolder();
        var cancellation = TestContext.Current.CancellationToken;
        await File.WriteAllTextAsync(folder.File("series.csv"), Series(80), cancellation);
        await File.WriteAllTextAsync(folder.File("own.yaml"),
            """
            version: 1
            name: own
            task: { kind: csv, file: series.csv, target: level, length: 5 }
            model: { hidden: 4 }
            matrix: { cell: [rnn, gru] }
            seeds: 2
            train: { steps: 40, batch: 4 }
            probe: { gradients: none }
            report: { data_licence: CC BY 4.0 }
            """, cancellation);
        var (data, model) = (folder.File("data"), folder.File("model"));
        (await HarnessProcess.Run("run", folder.File("own.yaml"), "--data", data)).ExitCode.ShouldBe(0);

        var (code, output, errors) = await HarnessProcess.Run("export-model", "own/GRU", "--data", data, "--out", model);
        code.ShouldBe(0, errors);
        Directory.GetFiles(model).Select(Path.GetFileName).ShouldBe(["model.json", "weights.safetensors", "README.md", "model.onnx"], ignoreOrder: true);
        (await File.ReadAllTextAsync(Path.Combine(model, "README.md"), cancellation)).ShouldContain("Licence of the data: CC BY 4.0.");
        var trial = output.Split('\n')[0].Split(' ')[^1];

        // New rows: the same law, six rows more.
        await File.WriteAllTextAsync(folder.File("new.csv"), Series(86), cancellation);
        (code, output, errors) = await HarnessProcess.Run("predict", model, folder.File("new.csv"));
        code.ShouldBe(0, errors);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        lines[0].ShouldBe("last_row,answer_row,predicted.level");
        lines.Length.ShouldBe(1 + 86 - 5 + 1);
        lines[^1].ShouldStartWith("86,87,");
        (await HarnessProcess.Run("predict", model, folder.File("new.csv"), "--out", folder.File("p.csv"))).Output.ShouldContain("predicted 82 rows");
        (await File.ReadAllTextAsync(folder.File("p.csv"), cancellation)).ShouldBe(output);

        // Rows in another format, and predictions for other programs.
        await File.WriteAllLinesAsync(folder.File("new.jsonl"), Series(86).Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(line => line.Split(',')).Select(cells => $"{{\"wind\": {cells[1]}, \"level\": {cells[0]}}}"), cancellation);
        (code, var same, errors) = await HarnessProcess.Run("predict", model, folder.File("new.jsonl"));
        (code, same).ShouldBe((0, output), errors);
        (await HarnessProcess.Run("predict", model, folder.File("new.jsonl"), "--out", folder.File("p.parquet"))).ExitCode.ShouldBe(0);
        await using (var reader = await Parquet.ParquetReader.CreateAsync(folder.File("p.parquet"), cancellationToken: cancellation))
        {
            reader.Schema.DataFields.Select(field => (field.Name, field.ClrType)).ShouldBe([("last_row", typeof(long)), ("answer_row", typeof(long)), ("predicted.level", typeof(double))]);
            using var group = reader.OpenRowGroupReader(0);
            var values = new double?[group.RowCount];
            await group.ReadAsync<double>(reader.Schema.DataFields[2], values.AsMemory(), null, cancellation);
            values.ShouldBe(lines.Skip(1).Select(line => (double?)double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture)));
        }

        // The file of training, scored on the part that training left alone: the number of training.
        (code, output, errors) = await HarnessProcess.Run("evaluate", model, folder.File("series.csv"), "--part", "test");
        code.ShouldBe(0, errors);
        var loss = output.Split('\n')[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        loss[0].ShouldBe("model");
        output.ShouldContain("linear regression");
        using (var connection = Store.ResultsDatabase.ConnectForReading(data))
        {
            var recorded = Store.SqliteCommands.Scalar<double>(connection, "SELECT value FROM metric_point WHERE trial = $hash AND metric = 'test.loss'", ("$hash", trial));
            ((float)double.Parse(loss[1], CultureInfo.InvariantCulture)).ShouldBe((float)recorded);
        }

        (await HarnessProcess.Run("evaluate", model, folder.File("series.csv"))).Errors.ShouldContain("was trained on this file");
        (code, _, errors) = await HarnessProcess.Run("export-model", "own/lstm", "--data", data);
        (code, errors.Contains("It has: rnn, gru", StringComparison.Ordinal)).ShouldBe((3, true), errors);
        (code, _, errors) = await HarnessProcess.Run("export-model", trial[..8], "--data", data, "--as", "state-dict", "--out", data);
        (code, errors.Contains("Name another folder", StringComparison.Ordinal)).ShouldBe((1, true), errors);
        await File.WriteAllTextAsync(folder.File("bad.csv"), "level,wnd\n1,2\n", cancellation);
        (code, _, errors) = await HarnessProcess.Run("predict", model, folder.File("bad.csv"));
        (code, errors.Contains("bad.csv:1:1: there is no column \"wind\"", StringComparison.Ordinal)).ShouldBe((1, true), errors);
        (code, _, errors) = await HarnessProcess.Run("predict", folder.Path, folder.File("new.csv"));
        (code, errors.Contains("A model is the folder", StringComparison.Ordinal)).ShouldBe((1, true), errors);
    }
}
