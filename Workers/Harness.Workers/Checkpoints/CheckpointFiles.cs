using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Workers.Connection;
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
    public static string WeightsOf(string dataFolder, string trial) => Path.GetFullPath(Path.Combine(dataFolder, "weights", WireNames.Trial(trial) + Extension));

    public CheckpointRequest Request(AttemptTerms terms) => new(checkpoints, EverySeconds: terms.CheckpointSeconds);

    /// <summary>Where a trial's checkpoint of a step is.</summary>
    /// <exception cref="NameRefusedException">The name is not a trial's identity, or the step is negative.</exception>
    public string PathOf(string trial, int step)
    {
        if (step < 0) throw new NameRefusedException(string.Create(CultureInfo.InvariantCulture, $"Step {step} does not name a checkpoint: steps begin at 0."));
        return Path.Combine(checkpoints, string.Create(CultureInfo.InvariantCulture, $"{WireNames.Trial(trial)}-{step:d10}{Extension}"));
    }

    /// <summary>The step of a trial's newest checkpoint; null when there is none.</summary>
    public int? Newest(string trial) => StepsOf(trial).Select(step => (int?)step).Max();

    /// <summary>Removes all checkpoints of a trial but the last two, as its trainer does.</summary>
    public void KeepNewest(string trial) => Quietly(trial, () =>
    {
        foreach (var step in StepsOf(trial).OrderDescending().Skip(2)) File.Delete(PathOf(trial, step));
    });

    /// <summary>The trial has its result, and the server knows: keeps the final weights, if there are any and they are wanted, and removes the rest.</summary>
    public void Settle(string trial, TrialOutcome outcome, bool keepWeights) => Quietly(trial, () =>
    {
        var last = PathOf(trial, outcome.Steps);
        if (keepWeights && outcome.Kind != OutcomeKind.Diverged && File.Exists(last))
        {
            Directory.CreateDirectory(weights);
            File.Move(last, Path.Combine(weights, trial + Extension), overwrite: true);
        }

        foreach (var file in FilesOf(trial)) File.Delete(file);
    });

    /// <summary>Removes what no trial will resume from, and settles what an earlier process did not come to settle.</summary>
    /// <param name="states">Whether a trial is open, and its outcome and wish for weights when it has a result; null for one that is not known.</param>
    public void Sweep(Func<string, (bool Open, TrialOutcome? Outcome, bool KeepWeights)?> states)
    {
        foreach (var trial in Trials()) Settle(trial, states(trial));
    }

    /// <summary>The trials that have files here.</summary>
    public IReadOnlyList<string> Trials() => Directory.Exists(checkpoints)
        ? [.. Directory.EnumerateFiles(checkpoints).Select(file => Path.GetFileName(file).Split('-')[0]).Where(WireNames.IsTrial).Distinct(StringComparer.Ordinal)]
        : [];

    /// <summary>Removes all checkpoints of a trial.</summary>
    public void Remove(string trial) => Quietly(trial, () => FilesOf(trial).ForEach(File.Delete));

    /// <summary>Removes everything that is kept of a trial, its final weights too.</summary>
    public void RemoveAll(string trial) => Quietly(trial, () =>
    {
        FilesOf(trial).ForEach(File.Delete);
        if (Directory.Exists(weights)) File.Delete(Path.Combine(weights, WireNames.Trial(trial) + Extension));
    });

    /// <summary>Keeps and removes what has to be, by what became of the trial; see <see cref="Sweep"/>.</summary>
    public void Settle(string trial, (bool Open, TrialOutcome? Outcome, bool KeepWeights)? fate)
    {
        if (fate is { Outcome: { } outcome } known) Settle(trial, outcome, known.KeepWeights);
        else if (fate is not { Open: true }) Remove(trial);
    }

    /// <exception cref="NameRefusedException">The name is not a trial's identity: as a pattern it would reach other files.</exception>
    private List<string> FilesOf(string trial)
    {
        var pattern = WireNames.Trial(trial) + "-*";
        return Directory.Exists(checkpoints) ? [.. Directory.EnumerateFiles(checkpoints, pattern)] : [];
    }

    private IEnumerable<int> StepsOf(string trial) => FilesOf(trial)
        .Where(file => file.EndsWith(Extension, StringComparison.Ordinal))
        .Select(file => int.TryParse(Path.GetFileNameWithoutExtension(file.AsSpan())[(trial.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var step) ? step : -1)
        .Where(step => step >= 0);

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
