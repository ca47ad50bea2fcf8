using System.Globalization;
using Harness.Abstractions.Results;

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
    /// <param name="devices">Those that a trainer sees that is told nothing. A slot may get any of them, so the smallest counts.</param>
    /// <returns>0 when there is none, or the driver does not tell.</returns>
    public static long MemoryPerSlot(IReadOnlyList<CudaDevice> devices, int slots) =>
        devices.Count == 0 ? 0 : devices.Min(device => device.Memory) / ((slots + devices.Count - 1) / devices.Count);
}
