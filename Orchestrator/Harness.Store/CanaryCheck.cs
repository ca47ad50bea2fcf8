using System.Globalization;
using Harness.Abstractions.Contracts;

namespace Harness.Store;

/// <summary>Whether a worker that joins computes what the others compute, about as fast.</summary>
internal static class CanaryCheck
{
    /// <summary>In the place of a digest: the worker should have trained the self-check trial and sent nothing. Null is a worker inside the server's process.</summary>
    public const string Missing = "";

    /// <summary>Whether a worker has others to be compared with: it is a process of its own.</summary>
    public static bool IsOwed(WorkerHello worker) => worker.ProcessId != Environment.ProcessId || worker.Host != Environment.MachineName;

    /// <summary>A neighbour's load moves so short a trial by a third; beyond this it is another kind of machine, or a sick one.</summary>
    private const double Factor = 2;

    /// <summary>What sets it apart from the others, in sentences; nothing when it is the first.</summary>
    public static IEnumerable<string> Of(CanaryResult canary, IReadOnlyCollection<(string Host, CanaryResult Result)> others)
    {
        if (others.Count == 0) yield break;
        var different = others.Where(other => other.Result.Digest != canary.Digest).Select(other => other.Host).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        if (different.Length > 0)
            yield return $"its losses of the canary trial are not bit for bit those of {string.Join(", ", different)}: a trial that is taken up on the other machine may end a little differently.";
        var speeds = others.Select(other => other.Result.MillisecondsPerStep).Order().ToArray();
        var ratio = canary.MillisecondsPerStep / speeds[speeds.Length / 2];
        if (ratio is > Factor or < 1 / Factor)
            yield return string.Create(CultureInfo.InvariantCulture, $"it takes {ratio:0.0} times as long for a step of the canary trial as the others: times are not to be compared between them.");
    }
}
