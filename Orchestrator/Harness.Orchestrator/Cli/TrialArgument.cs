using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Views;
using Harness.Workers.Checkpoints;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Cli;

/// <summary>Finds the finished trial that a command line names, and its weights.</summary>
internal static class TrialArgument
{
    /// <summary>The trial, with the file of its weights; null after standard error said why there is none.</summary>
    /// <param name="name">A trial's identity or its first characters, or EXPERIMENT/ARM.</param>
    public static async Task<(FinishedTrial Trial, string Weights)?> Find(SqliteConnection connection, string name, string data)
    {
        var (trial, problem) = Find(name, connection, data);
        if (trial is null)
        {
            await Refuse(ExitCode.NotFound, problem!);
            return null;
        }

        var weights = CheckpointFiles.WeightsOf(data, trial.Hash);
        if (File.Exists(weights)) return (trial, weights);
        await Refuse(ExitCode.NotFound,
            $"the weights of trial {trial.Hash} were not kept at '{weights}'. A finished trial keeps its weights unless its experiment sets run.keep_weights: false.");
        return null;
    }

    public static async Task<int> Refuse(int code, string message)
    {
        await Console.Error.WriteLineAsync($"error: {message}");
        return code;
    }

    private static (FinishedTrial? Trial, string? Problem) Find(string name, SqliteConnection connection, string data)
    {
        if (name.Split('/', 2) is not [var experiment, var arm]) return FinishedTrials.Find(connection, name, data);
        var reader = new ResultsReader(connection);
        return reader.Find(experiment) is { } id
            ? FinishedTrials.FindBest(connection, id, arm)
            : (null, $"there is no experiment '{experiment}' in '{data}'. Known: {reader.Known()}.");
    }
}
