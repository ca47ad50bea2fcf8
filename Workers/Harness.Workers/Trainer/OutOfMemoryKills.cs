using System.Globalization;

namespace Harness.Workers.Trainer;

/// <summary>
/// Tells whether the kernel killed a process for want of memory. A signal 9 alone does not say who sent it; the kernel counts its own kills, per cgroup
/// (cgroups v2, <c>memory.events</c>) or for the whole machine (<c>/proc/vmstat</c>).
/// </summary>
/// <remarks>The kernel's documentation: Documentation/admin-guide/cgroup-v2.rst, memory.events, field <c>oom_kill</c>.</remarks>
internal sealed class OutOfMemoryKills
{
    private const string Counter = "oom_kill";

    private readonly string? source;
    private readonly long before;

    private OutOfMemoryKills(string? source)
    {
        this.source = source;
        before = source is null ? 0 : Count(source) ?? 0;
    }

    /// <summary>Begins to watch over a process that lives.</summary>
    /// <param name="root">The file system's root; another one in tests.</param>
    public static OutOfMemoryKills Watch(int process, string root = "/")
    {
        if (!OperatingSystem.IsLinux()) return new OutOfMemoryKills(null);
        string[] sources = [.. CgroupOf(process, root) is { } cgroup ? [Path.Combine(root, "sys/fs/cgroup", cgroup, "memory.events")] : Array.Empty<string>(), Path.Combine(root, "proc/vmstat")];
        return new OutOfMemoryKills(Array.Find(sources, source => Count(source) is not null));
    }

    /// <summary>Whether the kernel has killed a process there since.</summary>
    public bool HaveHappened => source is not null && Count(source) > before;

    /// <summary>The process's cgroup of version 2, relative to the mount; null where there is none.</summary>
    private static string? CgroupOf(int process, string root) =>
        Lines(Path.Combine(root, "proc", process.ToString(CultureInfo.InvariantCulture), "cgroup")).FirstOrDefault(line => line.StartsWith("0::/", StringComparison.Ordinal))?["0::/".Length..];

    private static long? Count(string source) => Lines(source)
        .Select(line => line.Split(' ') is [Counter, var count] && long.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (long?)number : null)
        .FirstOrDefault(count => count is not null);

    private static string[] Lines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
