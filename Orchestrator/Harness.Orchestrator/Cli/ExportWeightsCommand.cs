using System.CommandLine;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Workers.Trainer;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness export-weights TRIAL</c>: a finished trial's weights, for PyTorch and others.</summary>
internal static class ExportWeightsCommand
{
    private const string StateDict = "state-dict";

    public static Command Create()
    {
        var trial = new Argument<string>("trial") { Description = "A finished trial's identity, or its first characters, as in the report and in the table trial_result." }.OfTrials();
        var data = SharedOptions.Data();
        var format = new Option<string>("--as") { Description = "The format: safetensors, or state-dict for torch.load.", HelpName = "FORMAT", DefaultValueFactory = _ => "safetensors" };
        format.AcceptOnlyFromAmong("safetensors", StateDict);
        var output = new Option<string?>("--out") { Description = "Where the weights go. Default: TRIAL.safetensors or TRIAL.pt in the current folder.", HelpName = "FILE" };
        var command = new Command("export-weights", "Write the weights of a finished trial under PyTorch's names, as safetensors or as a state_dict.") { trial, data, format, output };
        command.SetAction((parsed, cancellation) => Export(parsed.GetValue(trial)!, parsed.GetValue(data)!, parsed.GetValue(format)!, parsed.GetValue(output), cancellation));
        return command;
    }

    private static async Task<int> Export(string name, string data, string format, string? output, CancellationToken cancellation)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        if (await TrialArgument.Find(connection, name, data) is not var (trial, weights)) return ExitCode.NotFound;
        var target = Path.GetFullPath(output ?? $"{trial.Hash}.{(format == StateDict ? "pt" : format)}");
        try
        {
            await TrainerExport.Run(weights, format, target, cancellation);
        }
        catch (InvalidOperationException refusal)
        {
            return await TrialArgument.Refuse(ExitCode.Failures, refusal.Message);
        }

        await Console.Out.WriteLineAsync($"weights   {target}");
        return ExitCode.Ok;
    }
}
