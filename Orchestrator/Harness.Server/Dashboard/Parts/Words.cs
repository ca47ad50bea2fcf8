using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Reports.Formatting;
using Harness.Store.Views;

namespace Harness.Server.Dashboard.Parts;

/// <summary>States, times and numbers in words, letters and shapes: no reader depends on colour.</summary>
internal static class Words
{
    /// <summary>In the order in which they are shown.</summary>
    public static IReadOnlyList<string> States { get; } = ["completed", "diverged", "failed", "cancelled", "running", "backing_off", "pending"];

    public static string Word(string state) => state switch { "backing_off" => "backing off", _ => state };

    /// <summary>One letter per state, for tiles.</summary>
    public static string Letter(string state) => state switch
    {
        "completed" => "C",
        "diverged" => "D",
        "failed" => "F",
        "cancelled" => "X",
        "running" => "R",
        "backing_off" => "B",
        _ => "·",
    };

    /// <summary>A shape per state, for lists.</summary>
    public static string Shape(string state) => state switch
    {
        "completed" or "finished" => "✓",
        "diverged" => "◆",
        "failed" => "✗",
        "cancelled" => "⊘",
        "running" => "▶",
        "backing_off" => "↻",
        "paused" => "‖",
        _ => "○",
    };

    public static string Count(long number) => Numbers.Count(number);

    public static string Plural(long number, string noun) => $"{Numbers.Count(number)} {noun}{(number == 1 ? "" : "s")}";

    public static string Span(TimeSpan span) => span switch
    {
        { TotalSeconds: < 1 } => "0 s",
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0} s"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min {span.Seconds:00} s"),
        { TotalHours: < 24 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h {span.Minutes:00} min"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} d {span.Hours} h"),
    };

    /// <summary>How long ago, in one unit: it is written anew only when that changes.</summary>
    public static string Ago(TimeSpan span) => span switch
    {
        { TotalSeconds: < 5 } => "just now",
        { TotalSeconds: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalSeconds / 5 * 5} s ago"),
        { TotalMinutes: < 60 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalMinutes} min ago"),
        { TotalHours: < 48 } => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalHours} h ago"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{(int)span.TotalDays} days ago"),
    };

    public static string Machine(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static string Full(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) + " UTC";

    /// <summary>A worker's address is long: the host and the process tell it apart for people.</summary>
    public static string Worker(WorkerView worker) => $"{worker.Host} · process {worker.ProcessId.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>How busy a machine is, as far as it tells; null when it tells nothing.</summary>
    public static string? Load(WorkerLoad? load)
    {
        var words = new List<string>();
        if (load?.Processor is { } processor) words.Add(string.Create(CultureInfo.InvariantCulture, $"processor {100 * processor:0} %"));
        if (load?.ProcessorTemperature is { } degrees) words.Add(Degrees(degrees));
        if (load is { MemoryUsed: { } used, MemoryTotal: { } total }) words.Add(string.Create(CultureInfo.InvariantCulture, $"memory {used / 1e9:0.0} of {total / 1e9:0.0} GB"));
        if (load?.OwnProcessor is { } cores) words.Add(string.Create(CultureInfo.InvariantCulture, $"this worker {cores:0.0} cores{(load.OwnMemory is { } own ? string.Create(CultureInfo.InvariantCulture, $", {own / 1e9:0.0} GB") : "")}"));
        return words.Count == 0 ? null : string.Join(" · ", words);
    }

    /// <summary>How busy a GPU is, as far as its driver tells.</summary>
    public static string Load(DeviceLoad device)
    {
        List<string> words = [string.Create(CultureInfo.InvariantCulture, $"GPU {device.Index}{(device.Name is null ? "" : " " + device.Name)}")];
        if (device.Utilisation is { } share) words.Add(string.Create(CultureInfo.InvariantCulture, $"{100 * share:0} %"));
        if (device is { MemoryUsed: { } used, MemoryTotal: { } total }) words.Add(string.Create(CultureInfo.InvariantCulture, $"memory {used / 1e9:0.0} of {total / 1e9:0.0} GB"));
        if (device.Temperature is { } degrees) words.Add(Degrees(degrees));
        if (device.Power is { } watts) words.Add(string.Create(CultureInfo.InvariantCulture, $"{watts:0} W"));
        return string.Join(" · ", words);
    }

    private static string Degrees(double celsius) => string.Create(CultureInfo.InvariantCulture, $"{celsius:0} °C");

    /// <summary>A hash as people compare it.</summary>
    public static string Hash(string hash) => hash[..Math.Min(8, hash.Length)];

    public static string Kind(string kind) => kind.Replace('_', ' ');

    /// <summary>What to do about an attempt that ended like that; null when there is nothing to do.</summary>
    public static string? Cure(string? ending) => ending switch
    {
        "user_error" => "The trainer refused the trial, or failed in its code. The message says why: change the experiment file and submit it again.",
        "gpu_out_of_memory" => "The device's memory did not suffice: a smaller train.batch, model.hidden or task.length, or fewer slots per device.",
        "host_out_of_memory" => "The system killed the process because memory ran out. Use fewer slots on that machine ('harness worker --slots'), or run.memory in the experiment file, so that only workers with enough of it take the trial.",
        "killed" => "The trainer process was killed (signal 9). The system reports no lack of memory. The trial is retried.",
        "native_crash" => "The trainer process crashed in native code. 'harness doctor' on that machine checks its libtorch; a retry on another worker shows whether machine or trial is at fault.",
        "hung" => "The trainer was silent for run.hung_after. If single steps of this trial take that long, raise it; else retry.",
        "lease_lost" => "Its worker crashed or could not be reached. The trial resumes from its checkpoint elsewhere. If this repeats, check the worker's log and its machine.",
        _ => null,
    };
}
