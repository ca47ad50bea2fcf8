using System.Globalization;
using Harness.Experiments.Contracts;
using Harness.Experiments.Results;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Checkpoints;

/// <summary>
/// Where trainers leave checkpoints and where final weights are kept. All workers of one machine share both folders: files
/// carry the trial's identity, and any sound checkpoint of a trial serves every later attempt at it.
/// </summary>
/// <param name="checkpoints">Full path of the folder of running trials' checkpoints; trainers create it.</param>
/// <param name="weights">Full path of the folder of finished trials' weights.</param>
/// <param name="log">Where is said what could not be moved or removed.</param>
public sealed class CheckpointFiles(string checkpoints, string weights, ILogger log)
{
    private const string Extension = ".ckpt";

    /// <summary>The files of a data folder.</summary>
    public static CheckpointFiles In(string dataFolder, ILogger log) =>
        new(Path.GetFullPath(Path.Combine(dataFolder, "checkpoints")), Path.GetFullPath(Path.Combine(dataFolder, "weights")), log);

    /// <summary>The checkpoint that holds a finished trial's weights, when they were kept.</summary>
    public static string WeightsOf(string dataFolder, string trial) => Path.GetFullPath(Path.Combine(dataFolder, "weights", trial + Extension));

    public CheckpointRequest Request(AttemptTerms terms) => new(checkpoints, EverySeconds: terms.CheckpointSeconds);

    /// <summary>The trial has its result, and the orchestrator knows: keeps the final weights, if there are any and they are wanted, and removes the rest.</summary>
    public void Settle(string trial, TrialOutcome outcome, bool keepWeights) => Quietly(trial, () =>
    {
        var last = Path.Combine(checkpoints, string.Create(CultureInfo.InvariantCulture, $"{trial}-{outcome.Steps:d10}{Extension}"));
        if (keepWeights && outcome.Kind != OutcomeKind.Diverged && File.Exists(last))
        {
            Directory.CreateDirectory(weights);
            File.Move(last, Path.Combine(weights, trial + Extension), overwrite: true);
        }

        foreach (var file in FilesOf(trial)) File.Delete(file);
    });

    /// <summary>Removes what no trial will go on from, and settles what an earlier process did not come to settle.</summary>
    /// <param name="states">Whether a trial is open, and its outcome and wish for weights when it has a result; null for one that is not known.</param>
    public void Sweep(Func<string, (bool Open, TrialOutcome? Outcome, bool KeepWeights)?> states)
    {
        if (!Directory.Exists(checkpoints)) return;
        var trials = Directory.EnumerateFiles(checkpoints).Select(file => Path.GetFileName(file).Split('-')[0]).Distinct(StringComparer.Ordinal).ToArray();
        foreach (var trial in trials)
        {
            if (states(trial) is not { } known) Quietly(trial, () => FilesOf(trial).ForEach(File.Delete));
            else if (known.Outcome is { } outcome) Settle(trial, outcome, known.KeepWeights);
            else if (!known.Open) Quietly(trial, () => FilesOf(trial).ForEach(File.Delete));
        }
    }

    private List<string> FilesOf(string trial) => Directory.Exists(checkpoints) ? [.. Directory.EnumerateFiles(checkpoints, trial + "-*")] : [];

    private void Quietly(string trial, Action action)
    {
        try
        {
            action();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The result is safe; at worst a file too many stays, or weights are not there to export.
            WorkerLog.FilesLeft(log, trial, error.Message);
        }
    }
}
