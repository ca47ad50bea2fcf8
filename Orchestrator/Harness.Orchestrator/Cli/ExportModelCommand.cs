using System.CommandLine;
using Harness.Abstractions.Contracts;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Files;
using Harness.Workers.Data;
using Harness.Workers.Trainer;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness export-model TRIAL|EXPERIMENT/ARM</c>: a trained model as a folder that stands alone.</summary>
internal static class ExportModelCommand
{
    public static Command Create()
    {
        var trial = new Argument<string>("trial") { Description = "A finished trial's identity, or its first characters; or EXPERIMENT/ARM for the condition's trial with the smallest evaluation loss." }.OfTrials();
        var data = SharedOptions.Data();
        var format = new Option<string>("--as") { Description = "Beside description and weights: onnx for a graph, state-dict for torch.load, safetensors for nothing more.", HelpName = "FORMAT", DefaultValueFactory = _ => "onnx" };
        format.AcceptOnlyFromAmong("onnx", "safetensors", "state-dict");
        var output = new Option<string?>("--out") { Description = "The folder to write. Default: the trial's identity in the current folder.", HelpName = "DIR" };
        var command = new Command("export-model", "Write a trained model as a folder: graph or weights, columns, scaling, classes, metrics, and a model card.") { trial, data, format, output };
        command.SetAction((parsed, cancellation) => Export(parsed.GetValue(trial)!, parsed.GetValue(data)!, parsed.GetValue(format)!, parsed.GetValue(output), cancellation));
        return command;
    }

    private static async Task<int> Export(string name, string data, string format, string? output, CancellationToken cancellation)
    {
        try
        {
            if (await Export(name, data, format, trial => output ?? trial, cancellation) is not var (trial, folder)) return ExitCode.NotFound;
            await Console.Out.WriteLineAsync($"trial     {trial}");
            await Console.Out.WriteLineAsync($"model     {folder}");
            return ExitCode.Ok;
        }
        catch (InvalidOperationException refusal)
        {
            return await TrialArgument.Refuse(ExitCode.Failures, refusal.Message);
        }
    }

    /// <summary>Writes a trial's folder.</summary>
    /// <param name="folderOf">The folder to write, by the trial's identity.</param>
    /// <returns>The trial's identity and the folder's full path; null after standard error said what is not there.</returns>
    /// <exception cref="InvalidOperationException">The trainer refused; the message says why.</exception>
    public static async Task<(string Trial, string Folder)?> Export(string name, string data, string format, Func<string, string> folderOf, CancellationToken cancellation)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        if (await TrialArgument.Find(connection, name, data) is not var (trial, weights)) return null;
        string? content = null;
        if (trial.Spec.Task.Data is { } hash && (content = ContentFolder.In(data).Find(hash)) is null)
        {
            await TrialArgument.Refuse(ExitCode.NotFound, $"the data file with SHA-256 {hash} is not in '{data}', and the scaling is computed from it. Submitting the experiment again puts it back.");
            return null;
        }

        var folder = Path.GetFullPath(folderOf(trial.Hash));
        var reply = await TrainerModels.Run(
            new ExportModelRequest(trial.Spec, weights, content, format, folder, trial.Metrics, $"harness {HarnessVersion.Text}", trial.Experiment, trial.Condition) { DataLicence = trial.DataLicence }, cancellation);
        OwnerFolder.Release(folder);
        foreach (var file in reply.Files) OwnerFolder.Release(file);
        return (trial.Hash, folder);
    }
}
