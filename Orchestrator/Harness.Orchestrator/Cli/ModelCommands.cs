using System.CommandLine;
using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Experiments.Starting;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Workers.Trainer;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness predict MODEL FILE</c> and <c>harness evaluate MODEL FILE</c>: what was learned, on new rows.</summary>
internal static class ModelCommands
{
    public static Command CreatePredict()
    {
        var (model, file) = (Model(), new Argument<string>("file") { Description = "New rows with the model's columns, in any order and beside others, in any format that harness new reads; or a text. The target may be missing." });
        var output = new Option<string>("--out") { Description = "Where the predictions go: Parquet if the name ends with .parquet, else CSV; - is standard output.", HelpName = "FILE", DefaultValueFactory = _ => UnfinishedFile.StandardOutput };
        var horizon = new Option<bool>("--horizon") { Description = "Predict only what follows the end of the file, or of each series in it: every row of the model's horizon, with its time where that follows from the rows before." };
        var data = SharedOptions.Data();
        var command = new Command("predict", "Predict what follows each window of new rows, in the column's unit, or as a class with its probability.") { model, file, horizon, output, data };
        command.SetAction((parsed, cancellation) => Predict(parsed.GetValue(model)!, parsed.GetValue(file)!, parsed.GetValue(horizon), parsed.GetValue(output)!, parsed.GetValue(data)!, cancellation));
        return command;
    }

    public static Command CreateEvaluate()
    {
        var (model, file) = (Model(), new Argument<string>("file") { Description = "Rows with the model's columns and its target, in any format that harness new reads; or a text." });
        var part = new Option<string>("--part") { Description = "The rows to score: all, or the validation or test part of the file that the model was trained on.", HelpName = "PART", DefaultValueFactory = _ => "all" };
        part.AcceptOnlyFromAmong("all", "validation", "test");
        var windows = SharedOptions.Number("--windows", "Score at most so many windows, spread evenly as in training (evaluation.sequences). Default: every window.", 1, int.MaxValue);
        var data = SharedOptions.Data();
        var command = new Command("evaluate", "Score a trained model on rows whose answers are known, beside the baseline.") { model, file, part, windows, data };
        command.SetAction((parsed, cancellation) => Evaluate(parsed.GetValue(model)!, parsed.GetValue(file)!, parsed.GetValue(part)!, parsed.GetValue(windows), parsed.GetValue(data)!, cancellation));
        return command;
    }

    private static Argument<string> Model() => new("model") { Description = "The folder that harness export-model wrote; or EXPERIMENT/ARM, or a trial's identity, as export-model takes them." };

    /// <summary>The model's folder: the one that is named, or one that is written for a trial that is named.</summary>
    /// <returns>Null after standard error said what is not there.</returns>
    private static async Task<string?> FolderOf(string model, string data, string temporary, CancellationToken cancellation)
    {
        if (Path.Exists(model) || !ResultsDatabase.IsThere(data) || !(model.Contains('/', StringComparison.Ordinal) || model.All(char.IsAsciiHexDigitLower))) return Path.GetFullPath(model);
        return await ExportModelCommand.Export(model, data, "safetensors", _ => Path.Combine(temporary, "model"), cancellation) is var (_, folder) ? folder : null;
    }

    /// <summary>The file; or the CSV that trainers read in its place, where it has another format.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be read in its format; the message says where.</exception>
    private static string Readable(string file, string temporary)
    {
        var path = Path.GetFullPath(file);
        try
        {
            if (new FileInfo(path) is not { Exists: true, Length: <= DataFile.LargestBytes } || NewRows.AsCsv(new(Path.GetFileName(path), File.ReadAllBytes(path))) is not { } csv) return path;
            var written = Path.Combine(temporary, Path.GetFileName(path) + ".csv");
            File.WriteAllBytes(written, csv);
            return written;
        }
        catch (StartRefusedException refusal)
        {
            throw new InvalidOperationException(refusal.Message, refusal);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The trainer says what is wrong with the file.
            return path;
        }
    }

    private static async Task<int> Predict(string model, string file, bool fromEnd, string output, string data, CancellationToken cancellation)
    {
        var temporary = Directory.CreateTempSubdirectory("harness-predict-");
        try
        {
            var whole = Path.Combine(temporary.FullName, "predictions.csv");
            if (await FolderOf(model, data, temporary.FullName, cancellation) is not { } folder) return ExitCode.NotFound;
            var reply = await TrainerModels.Run(new PredictRequest(folder, Readable(file, temporary.FullName), whole, fromEnd), cancellation);
            PredictionFile.Write(whole, reply.Columns!, output);
            if (output != UnfinishedFile.StandardOutput) await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"predicted {reply.Rows:N0} rows: {UnfinishedFile.FullPath(output)}"));
            return ExitCode.Ok;
        }
        catch (InvalidOperationException refusal)
        {
            return await TrialArgument.Refuse(ExitCode.Failures, refusal.Message);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The predictions could not be written to '{output}': {error.Message} Name another place with --out.", error);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static async Task<int> Evaluate(string model, string file, string part, int? windows, string data, CancellationToken cancellation)
    {
        var temporary = Directory.CreateTempSubdirectory("harness-evaluate-");
        try
        {
            if (await FolderOf(model, data, temporary.FullName, cancellation) is not { } folder) return ExitCode.NotFound;
            var reply = await TrainerModels.Run(new EvaluateRequest(folder, Readable(file, temporary.FullName), part, windows), cancellation);
            var scores = reply.Scores!;
            await Console.Out.WriteAsync(Table(scores));
            if (scores.Steps is { } steps)
            {
                await Console.Out.WriteLineAsync();
                await Console.Out.WriteAsync(TextTable.Of(["rows ahead", "RMSE", "MAE"], [.. steps.Select(step => (string[])[step.Step.ToString(CultureInfo.InvariantCulture), Number(step.RootMeanSquare), Number(step.MeanAbsolute)])]));
            }

            if (scores.IsTrainingData && part == "all")
                await Console.Error.WriteLineAsync("note: the model was trained on this file. Its error on rows that it has seen says little; --part test scores the others.");
            return ExitCode.Ok;
        }
        catch (InvalidOperationException refusal)
        {
            return await TrialArgument.Refuse(ExitCode.Failures, refusal.Message);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    /// <summary>The model and the baselines, a line each: losses, then accuracies or errors in the target's unit, where there are any.</summary>
    private static string Table(ModelScores scores)
    {
        var model = new PredictorScore("model", scores.Loss, scores.Accuracy, scores.RootMeanSquare, scores.MeanAbsolute);
        IReadOnlyList<PredictorScore> baselines = scores.Baselines.Count > 0 ? scores.Baselines : [new("baseline", scores.Baseline, null, scores.BaselineRootMeanSquare, null)];
        (string Name, Func<PredictorScore, double?> Value)[] columns = [("loss", score => score.Loss), ("accuracy", score => score.Accuracy), ("RMSE", score => score.RootMeanSquare), ("MAE", score => score.MeanAbsolute)];
        var shown = columns.Where(column => column.Value(model) is not null).ToArray();
        return TextTable.Of(
            [$"{scores.Windows.ToString("N0", CultureInfo.InvariantCulture)} window{(scores.Windows == 1 ? "" : "s")}", .. shown.Select(column => column.Name)],
            [.. baselines.Prepend(model).Select(score => (string[])[BaselineCatalog.Find(score.Name)?.Words.English ?? score.Name, .. shown.Select(column => column.Value(score) is { } value ? Number(value) : "")])]);
    }

    /// <summary>Every digit, so that the numbers can be compared with those of training.</summary>
    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
