using Harness.Abstractions.Results;

namespace Harness.Orchestrator.Cli;

/// <summary>Says on standard error which of the results that a file is made from are damaged.</summary>
internal static class Damages
{
    private const int Shown = 5;

    public static async Task Warn(ExperimentResults results)
    {
        if (results.Damage.Count == 0) return;
        await Console.Error.WriteLineAsync(FormattableString.Invariant($"warning: stored results of '{results.Name}' are damaged; the file is marked."));
        foreach (var part in results.Damage.Take(Shown)) await Console.Error.WriteLineAsync($"  {part}");
        await Console.Error.WriteLineAsync("  'harness verify' lists every damaged part and what to do.");
    }
}
