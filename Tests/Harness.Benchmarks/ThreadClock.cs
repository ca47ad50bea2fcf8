using System.Runtime.InteropServices;

namespace Harness.Benchmarks;

/// <summary>Processor time of the calling thread: what other work on the machine takes from it does not count. Wall time where the system has no such clock.</summary>
internal static partial class ThreadClock
{
    private const int ThreadProcessorTime = 3;

    public static double Milliseconds() => OperatingSystem.IsLinux() && GetTime(ThreadProcessorTime, out var time) == 0
        ? time.Seconds * 1e3 + time.Nanoseconds / 1e6
        : TimeProvider.System.GetElapsedTime(0).TotalMilliseconds;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
