using System.CommandLine;
using Harness.Abstractions.Results;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;
using Harness.Workers.Checkpoints;
using Harness.Workers.Trainer;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness export-weights TRIAL</c>: a finished trial's weights, for PyTorch and others.</summary>
internal static class ExportWeightsCommand
{
    private const int ShortestPrefix = 4, MostNamed = 6;

    private const string StateDict = "state-dict";

    public static Command Create()
    {
        var trial = new Argument<string>("trial") { Description = "A finished trial's identity, or its first characters, as in the report and in the table trial_result." };
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
        var (problem, trial) = Find(name, data);
        if (problem is not null) return await Refuse(ExitCode.NotFound, problem);
        var weights = CheckpointFiles.WeightsOf(data, trial);
        if (!File.Exists(weights))
        {
            return await Refuse(ExitCode.NotFound,
                $"the weights of trial {trial} were not kept at '{weights}'. A finished trial keeps its weights unless its experiment sets run.keep_weights: false.");
        }

        var target = Path.GetFullPath(output ?? $"{trial}.{(format == StateDict ? "pt" : format)}");
        try
        {
            await TrainerExport.Run(weights, format, target, cancellation);
        }
        catch (InvalidOperationException refusal)
        {
            return await Refuse(ExitCode.Failures, refusal.Message);
        }

        await Console.Out.WriteLineAsync($"weights   {target}");
        return ExitCode.Ok;
    }

    private static (string? Problem, string Trial) Find(string name, string data)
    {
        if (name.Length < ShortestPrefix || !name.All(char.IsAsciiHexDigitLower)) return ($"'{name}' is no trial's identity: at least {ShortestPrefix} of its hexadecimal digits are needed.", name);
        using var connection = ResultsDatabase.ConnectForReading(data);
        return TrialReader.StartingWith(connection, name, MostNamed) switch
        {
            [] => ($"there is no trial '{name}' in '{data}'.", name),
            [{ State: TrialState.Diverged } only] => ($"trial {only.Hash} diverged at step {only.DivergedAt}: it has no final weights.", only.Hash),
            [{ State: not TrialState.Completed } only] => ($"trial {only.Hash} is {ExperimentStore.Word(only.State)}: it has no final weights yet.", only.Hash),
            [var only] => (null, only.Hash),
            var found => ($"'{name}' matches several trials: {string.Join(", ", found.Select(trial => trial.Hash))}. Type more digits.", name),
        };
    }

    private static async Task<int> Refuse(int code, string message)
    {
        await Console.Error.WriteLineAsync($"error: {message}");
        return code;
    }
}
