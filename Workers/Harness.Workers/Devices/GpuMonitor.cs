using Harness.Abstractions.Contracts;

namespace Harness.Workers.Devices;

/// <summary>How a machine's GPUs are doing, as their driver tells. What it does not tell stays unknown.</summary>
/// <param name="library">Null where there is none; asked for once, at the first reading.</param>
internal sealed class GpuMonitor(Func<INvml?> library, TimeProvider time)
{
    /// <summary>More than any machine has; a count beyond it is not believed.</summary>
    private const uint MostDevices = 64;

    private readonly Dictionary<uint, (ulong Millijoules, long At)> energies = [];
    private INvml? nvml;
    private uint devices;
    private bool isAsked;

    /// <summary>Every device that answers; null where there is no library, no driver or no device. May take long: a driver that has lost a device thinks about it.</summary>
    public IReadOnlyList<DeviceLoad>? Read()
    {
        if (!isAsked) Open();
        if (nvml is null) return null;
        var answers = new List<DeviceLoad>();
        for (var index = 0u; index < devices; index++)
            if (nvml.Handle(index, out var device) == NvmlReturn.Success) answers.Add(Of(nvml, index, device));
        return answers.Count == 0 ? null : answers;
    }

    private void Open()
    {
        isAsked = true;
        if (library() is { } found && found.Init() == NvmlReturn.Success && found.Count(out var count) == NvmlReturn.Success && count is > 0 and <= MostDevices) (nvml, devices) = (found, count);
    }

    private DeviceLoad Of(INvml nvml, uint index, nint device)
    {
        var hasMemory = nvml.Memory(device, out var used, out var total) == NvmlReturn.Success && total > 0 && used <= total;
        return new DeviceLoad(
            (int)index,
            nvml.Name(device, out var name) == NvmlReturn.Success && name.Length > 0 ? name : null,
            nvml.Utilisation(device, out var percent) == NvmlReturn.Success && percent <= 100 ? percent / 100.0 : null,
            hasMemory ? (long)used : null, hasMemory ? (long)total : null,
            nvml.Temperature(device, out var celsius) == NvmlReturn.Success ? celsius : null,
            Power(nvml, index, device));
    }

    /// <summary>Watts: the mean since the last reading where the board counts its energy, else of the moment.</summary>
    private double? Power(INvml nvml, uint index, nint device)
    {
        double? mean = null;
        if (nvml.Energy(device, out var now) == NvmlReturn.Success)
        {
            // A driver that was loaded anew counts from the beginning.
            if (energies.TryGetValue(index, out var before) && now > before.Millijoules && time.GetElapsedTime(before.At) is { TotalSeconds: > 0 } elapsed) mean = (now - before.Millijoules) / 1000.0 / elapsed.TotalSeconds;
            energies[index] = (now, time.GetTimestamp());
        }

        return mean ?? (nvml.Power(device, out var milliwatts) == NvmlReturn.Success ? milliwatts / 1000.0 : null);
    }
}
