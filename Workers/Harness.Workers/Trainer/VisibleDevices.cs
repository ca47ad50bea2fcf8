using System.Globalization;
using Harness.Experiments.Contracts;

namespace Harness.Workers.Trainer;

/// <summary>Which CUDA device each slot's trainer sees: one only, so that it cannot take memory or time on another slot's.</summary>
internal static class VisibleDevices
{
    public const string Variable = "CUDA_VISIBLE_DEVICES";

    /// <summary>What the variable says in the trainer of a slot; null when there is nothing to divide.</summary>
    /// <param name="devices">How many CUDA devices a trainer sees that is told nothing.</param>
    /// <param name="restriction">The variable in this process: indices or names of those that may be used at all, if somebody chose.</param>
    /// <remarks>With more slots than devices, slots share them evenly; with fewer, the later devices stay idle.</remarks>
    public static string? Of(int slot, int devices, string? restriction)
    {
        if (devices < 2) return null;
        string[] names = string.IsNullOrWhiteSpace(restriction)
            ? [.. Enumerable.Range(0, devices).Select(index => index.ToString(CultureInfo.InvariantCulture))]
            : restriction.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        // CUDA ignores what follows an unknown entry, so the list may be longer than what is seen.
        return names[slot % Math.Min(devices, names.Length)];
    }

    /// <summary>What a slot may take of its device's memory, in bytes, where slots share devices evenly.</summary>
    /// <param name="loads">What the driver tells of the machine's devices; which of them trainers see it does not know, so the smallest counts.</param>
    /// <param name="devices">How many CUDA devices a trainer sees that is told nothing; at least 1.</param>
    /// <returns>0 when the driver does not tell.</returns>
    public static long MemoryPerSlot(IReadOnlyList<DeviceLoad>? loads, int devices, int slots)
    {
        var totals = (loads ?? []).Select(load => load.MemoryTotal).OfType<long>().ToArray();
        return totals.Length == 0 ? 0 : totals.Min() / ((slots + devices - 1) / devices);
    }
}
