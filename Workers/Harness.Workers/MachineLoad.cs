using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Harness.Abstractions.Contracts;

namespace Harness.Workers;

/// <summary>Tells how busy this machine is, and this process with its trainers. What a system does not tell stays unknown.</summary>
/// <param name="devices">Reads the machine's GPUs; may take as long as it likes.</param>
internal sealed class MachineLoad(TimeProvider time, Func<IReadOnlyList<DeviceLoad>?> devices)
{
    private Task<IReadOnlyList<DeviceLoad>?>? reading;
    private (long Busy, long All)? machine;
    private Dictionary<int, TimeSpan> processors = [];
    private long takenAt;

    /// <summary>Since the last call; the first knows neither shares nor devices yet.</summary>
    /// <param name="trainers">Process ids.</param>
    public WorkerLoad Take(IEnumerable<int> trainers)
    {
        var (before, now) = (machine, OperatingSystem.IsLinux() ? ProcessorTimes(Text("/proc/stat")) : null);
        machine = now;
        var (used, total) = OperatingSystem.IsLinux() ? Memory(Text("/proc/meminfo")) : (null, null);
        var (cores, resident) = Own([Environment.ProcessId, .. trainers]);
        return new WorkerLoad(now is { } later && before is { } earlier && later.All > earlier.All ? Math.Clamp((double)(later.Busy - earlier.Busy) / (later.All - earlier.All), 0, 1) : null, used, total, cores, resident,
            OperatingSystem.IsLinux() ? ProcessorTemperature.Read("/sys/class") : null, Devices());
    }

    /// <summary>What the reading found that the last call began. Nobody waits for a driver, which may never answer again when its device is lost: leases hang on heartbeats.</summary>
    private IReadOnlyList<DeviceLoad>? Devices()
    {
        if (reading is { IsCompleted: false }) return null;
        var found = reading is { IsCompletedSuccessfully: true } ? reading.Result : null;
        reading = Task.Run(devices);
        return found;
    }

    /// <summary>Ticks that all processors were busy, and all ticks, from the first line of /proc/stat (proc(5)): user, nice, system, idle, iowait, irq, softirq, steal.</summary>
    internal static (long Busy, long All)? ProcessorTimes(string? text)
    {
        if (text?.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries) is not ["cpu", .. var fields] || fields.Length < 4) return null;
        var ticks = new List<long>();
        // Guest time is in user time already.
        foreach (var field in fields.Take(8))
        {
            if (!long.TryParse(field, NumberStyles.None, CultureInfo.InvariantCulture, out var tick)) return null;
            ticks.Add(tick);
        }

        var idle = ticks[3] + (ticks.Count > 4 ? ticks[4] : 0);
        return (ticks.Sum() - idle, ticks.Sum());
    }

    /// <summary>Bytes that are not available, and all, from /proc/meminfo (proc(5)).</summary>
    internal static (long? Used, long? Total) Memory(string? text)
    {
        var (total, available) = (Bytes("MemTotal:"), Bytes("MemAvailable:"));
        return (total - available, total);

        long? Bytes(string name) => text?.Split('\n').FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var number, "kB"]
            && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var kilobytes) ? kilobytes * 1024 : null;
    }

    /// <summary>Cores that the processes used since the last call, and their resident bytes.</summary>
    private (double? Cores, long? Resident) Own(IReadOnlyList<int> ids)
    {
        var (now, since, resident) = (new Dictionary<int, TimeSpan>(), TimeSpan.Zero, 0L);
        foreach (var id in ids)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                now[id] = process.TotalProcessorTime;
                resident += process.WorkingSet64;
                if (processors.TryGetValue(id, out var before)) since += now[id] - before;
            }
            catch (Exception error) when (error is ArgumentException or InvalidOperationException or Win32Exception)
            {
                // It has just ended.
            }
        }

        var elapsed = time.GetElapsedTime(takenAt);
        var isFirst = processors.Count == 0;
        (processors, takenAt) = (now, time.GetTimestamp());
        return (isFirst || elapsed <= TimeSpan.Zero ? null : Math.Max(0, since / elapsed), resident == 0 ? null : resident);
    }

    private static string? Text(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
