using System.Globalization;

namespace Harness.Training.Timing;

/// <summary>What all processes of the machine together have computed, as Linux counts it.</summary>
internal static class MachineLoad
{
    /// <summary>Linux reports hundredths of a second to programs, independent of its own tick.</summary>
    private const double TicksPerSecond = 100;

    /// <summary>user, nice, system, irq, softirq of "cpu user nice system idle iowait irq softirq steal guest guest_nice"; guests are in user and nice already.</summary>
    private static readonly int[] busy = [1, 2, 3, 6, 7];

    /// <summary>Processor seconds of all cores since the machine started, without idling, waiting and what other virtual machines took; null where the system does not say.</summary>
    /// <param name="path"><c>/proc/stat</c> on Linux.</param>
    public static double? BusySeconds(string path)
    {
        if (!File.Exists(path)) return null;
        var words = File.ReadLines(path).FirstOrDefault(line => line.StartsWith("cpu ", StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (words is not { Length: >= 8 }) return null;
        return busy.Sum(column => double.Parse(words[column], NumberStyles.None, CultureInfo.InvariantCulture)) / TicksPerSecond;
    }

    /// <summary>Cores that others kept busy, on average.</summary>
    /// <param name="own">Processor time of this process in the same span.</param>
    public static double? OtherCores(double? before, double? after, TimeSpan own, TimeSpan wall) =>
        before is { } from && after is { } to && wall > TimeSpan.Zero ? Math.Max(0, (to - from - own.TotalSeconds) / wall.TotalSeconds) : null;
}
