using System.CommandLine;
using System.Globalization;
using Harness.Abstractions.Contracts;
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
        var (model, file) = (Model(), new Argument<string>("file") { Description = "New rows (CSV) with the model's columns, in any order and beside others; or a text. The target may be missing." });
        var output = new Option<string>("--out") { Description = "Where the predictions go, as CSV; - is standard output.", HelpName = "FILE", DefaultValueFactory = _ => UnfinishedFile.StandardOutput };
        var command = new Command("predict", "Predict what follows each window of new rows, in the column's unit, or as a class with its probability.") { model, file, output };
        command.SetAction((parsed, cancellation) => Predict(parsed.GetValue(model)!, parsed.GetValue(file)!, parsed.GetValue(output)!, cancellation));
        return command;
    }

    public static Command CreateEvaluate()
    {
        var (model, file) = (Model(), new Argument<string>("file") { Description = "Rows (CSV) with the model's columns and its target; or a text." });
        var part = new Option<string>("--part") { Description = "The rows to score: all, or the validation or test part of the file that the model was trained on.", HelpName = "PART", DefaultValueFactory = _ => "all" };
        part.AcceptOnlyFromAmong("all", "validation", "test");
        var windows = SharedOptions.Number("--windows", "Score at most so many windows, spread evenly as in training (evaluation.sequences). Default: every window.", 1, int.MaxValue);
        var command = new Command("evaluate", "Score an exported model on rows whose answers are known, beside the baseline.") { model, file, part, windows };
        command.SetAction((parsed, cancellation) => Evaluate(parsed.GetValue(model)!, parsed.GetValue(file)!, parsed.GetValue(part)!, parsed.GetValue(windows), cancellation));
        return command;
    }

    private static Argument<string> Model() => new("model") { Description = "The folder that harness export-model wrote." };

    private static async Task<int> Predict(string model, string file, string output, CancellationToken cancellation)
    {
        var temporary = Directory.CreateTempSubdirectory("harness-predict-");
        try
        {
            var whole = Path.Combine(temporary.FullName, "predictions.csv");
            var reply = await TrainerModels.Run(new PredictRequest(Path.GetFullPath(model), Path.GetFullPath(file), whole), cancellation);
            UnfinishedFile.Write(output, target => File.Copy(whole, target));
            if (output != UnfinishedFile.StandardOutput) await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"predicted {reply.Rows:N0} windows: {UnfinishedFile.FullPath(output)}"));
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

    private static async Task<int> Evaluate(string model, string file, string part, int? windows, CancellationToken cancellation)
    {
        try
        {
            var reply = await TrainerModels.Run(new EvaluateRequest(Path.GetFullPath(model), Path.GetFullPath(file), part, windows), cancellation);
            var scores = reply.Scores!;
            List<string[]> rows = [["loss", Number(scores.Loss), Number(scores.Baseline)]];
            if (scores.Accuracy is { } accuracy) rows.Add(["accuracy", Number(accuracy), ""]);
            if (scores is { RootMeanSquare: { } square, MeanAbsolute: { } absolute }) rows.AddRange([["RMSE", Number(square), Number(scores.BaselineRootMeanSquare!.Value)], ["MAE", Number(absolute), ""]]);
            await Console.Out.WriteAsync(TextTable.Of([$"{scores.Windows.ToString("N0", CultureInfo.InvariantCulture)} windows", "model", "baseline"], rows));
            if (scores.IsTrainingData && part == "all")
                await Console.Error.WriteLineAsync("note: the model was trained on this file. Its error on rows that it has seen says little; --part test scores the others.");
            return ExitCode.Ok;
        }
        catch (InvalidOperationException refusal)
        {
            return await TrialArgument.Refuse(ExitCode.Failures, refusal.Message);
        }
    }

    /// <summary>Every digit, so that the numbers can be compared with those of training.</summary>
    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
