using System.CommandLine;
using System.Text.Json;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports;
using Harness.Reports.Exports;
using Harness.Reports.Summaries;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Store.Exports.Mlflow;
using Harness.Store.Files;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness export EXPERIMENT --as FORMAT</c>: an experiment's results for other programs.</summary>
internal static class ExportCommand
{
    public static Command Create()
    {
        var experiment = new Argument<string>("experiment") { Description = "Name or number of an experiment in the database; a name means its latest." }.OfExperiments();
        var data = SharedOptions.Data();
        var format = new Option<string>("--as") { Description = "The format: csv, json, parquet, sqlite or tensorboard; mlflow for a tracking server; or paper for figures, tables, methods and references.", HelpName = "FORMAT", Required = true };
        format.AcceptOnlyFromAmong("csv", "json", "mlflow", "paper", "parquet", "sqlite", "tensorboard");
        var output = new Option<string?>("--out") { Description = "Where the results go; - is standard output. Default: NAME.csv or NAME.parquet (and tables beside it), NAME.json, NAME.db, or the folder NAME.tensorboard or NAME.paper.", HelpName = "FILE" };
        var server = new Option<string?>("--to") { Description = "With mlflow, the address of the tracking server. Default: MLFLOW_TRACKING_URI.", HelpName = "URL" };
        var command = new Command("export", "Write an experiment's results as CSV, JSON or Parquet, as a separate SQLite database, for TensorBoard, for MLflow, or for a paper.") { experiment, data, format, output, server };
        command.SetAction((parsed, cancellation) => parsed.GetValue(format) == "mlflow"
            ? Send(parsed.GetValue(experiment)!, parsed.GetValue(data)!, parsed.GetValue(output), parsed.GetValue(server), cancellation)
            : parsed.GetValue(server) is not null ? throw new UsageException("--to belongs to --as mlflow.")
            : Export(parsed.GetValue(experiment)!, parsed.GetValue(data)!, parsed.GetValue(format)!, parsed.GetValue(output)));
        return command;
    }

    private static async Task<int> Export(string experiment, string data, string format, string? output)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (await ExperimentArguments.Find(reader, [experiment], data) is not [var id]) return ExitCode.NotFound;
        var results = reader.Read(id);
        await Damages.Warn(results);
        var path = UnfinishedFile.FullPath(output ?? $"{FileNames.Safe(results.Name)}.{(format == "sqlite" ? "db" : format)}");
        if (path == Path.GetFullPath(connection.DataSource)) throw new StoreException($"'{path}' is the database itself. Name another file with --out.");
        if (IsDataOf(results, path)) throw new StoreException($"'{path}' is a data file that the experiment reads, and the export would replace it. Name another file with --out.");
        if (format is "tensorboard" or "paper" && path == UnfinishedFile.StandardOutput) throw new UsageException($"--as {format} writes a folder: name it with --out.");
        try
        {
            IReadOnlyList<string> written = format switch
            {
                "csv" => CsvExport.Write(results, Verdicts(results), path),
                "json" => JsonExport.Write(results, path, JsonSerializer.SerializeToElement(ExperimentAnswer.Of(results), ApiJson.Default.ReportSummary)),
                "parquet" => ParquetExport.Write(results, Verdicts(results), path),
                "tensorboard" => TensorBoardExport.Write(results, path),
                "paper" => Paper(results, path),
                _ => DatabaseExport.Write(connection, id, path),
            };
            foreach (var file in written) await ReportFile.Tell("export", file);
            return ExitCode.Ok;
        }
        catch (FigureFontException error)
        {
            throw new StoreException($"The figures could not be written: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The results could not be written to '{path}': {error.Message} Name another place with --out.", error);
        }
    }

    private static async Task<int> Send(string experiment, string data, string? output, string? server, CancellationToken cancellation)
    {
        if (output is not null) throw new UsageException("--as mlflow sends to a server and writes no file: name it with --to, without --out.");
        if ((server ?? Environment.GetEnvironmentVariable("MLFLOW_TRACKING_URI")) is not { Length: > 0 } named) throw new UsageException("--as mlflow needs a tracking server: name it with --to, such as --to http://localhost:5000, or in MLFLOW_TRACKING_URI.");
        if (!Uri.TryCreate(named, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new UsageException($"'{named}' is no address of an MLflow server: give one that begins with http:// or https://. MLflow's folder of files (mlruns) is deprecated and not written.");
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (await ExperimentArguments.Find(reader, [experiment], data) is not [var id]) return ExitCode.NotFound;
        var results = reader.Read(id);
        await Damages.Warn(results);
        using var client = new MlflowClient(address, Environment.GetEnvironmentVariable);
        var (sent, known) = await MlflowExport.Send(results, [.. SummaryBuilder.Of(results).Claims.Select(claim => (claim.Id, claim.Text))], client, cancellation);
        await Console.Out.WriteLineAsync(FormattableString.Invariant($"{sent} run{(sent == 1 ? "" : "s")} sent to {address.GetLeftPart(UriPartial.Authority)}{(known == 0 ? "" : FormattableString.Invariant($", {known} were there already"))}"));
        return ExitCode.Ok;
    }

    private static List<VerdictRow> Verdicts(ExperimentResults results) => [.. SummaryBuilder.Of(results).Claims.SelectMany(claim => claim.Settings.Count == 0
        ? [new VerdictRow(claim.Id, claim.Verdict, claim.Statement, null, null, null, null, null, null, null)]
        : claim.Settings.Select(setting => new VerdictRow(
            claim.Id, claim.Verdict, claim.Statement, setting.Setting, setting.Verdict, claim.Scale, setting.Effect, setting.Low, setting.High, setting.Seeds)))];

    /// <summary>Into a folder of its own: files of other people's are never mixed with it.</summary>
    private static IReadOnlyList<string> Paper(ExperimentResults results, string folder)
    {
        if (File.Exists(folder)) throw new UsageException($"'{folder}' is a file, and --as paper writes a folder. Name another one with --out.");
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any() && !File.Exists(Path.Combine(folder, PaperFiles.Checksums)))
            throw new UsageException($"'{folder}' holds other files. Name a new or empty folder with --out.");
        foreach (var (name, bytes) in PaperFiles.Of(results)) UnfinishedFile.Write(Path.Combine(folder, name), file => File.WriteAllBytes(file, bytes));
        return [folder];
    }

    /// <summary>Whether a file holds the data of a condition: <c>harness new</c> names an experiment as its data file is called.</summary>
    private static bool IsDataOf(ExperimentResults results, string path)
    {
        if (!File.Exists(path) || new FileInfo(path).Length > DataFile.LargestBytes) return false;
        var hashes = results.Conditions.Select(condition => condition.Trial.Task.Data).OfType<string>().ToHashSet(StringComparer.Ordinal);
        return hashes.Count > 0 && hashes.Contains(DataFile.HashOfFile(path));
    }
}
