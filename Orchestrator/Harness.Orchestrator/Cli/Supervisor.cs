using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harness.Orchestrator.Cli;

/// <summary>Runs this program in a child and starts it again when it falls: evicted from the cluster, crashed or killed.</summary>
internal static partial class Supervisor
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A child that lasted this long is not in a loop of falls.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(2);

    private const int SigTerm = 15;

    /// <returns>What the child that was not started again returned.</returns>
    public static async Task<int> Run(string[] arguments)
    {
        var time = TimeProvider.System;
        using var asked = new CancellationTokenSource();
        Process? child = null;
        // A service's stop reaches this process only; a Ctrl-C of a terminal reaches the child, too, which must not count it twice.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Pass(context, isForChild: true));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Pass(context, isForChild: false));
        var pause = FirstPause;
        while (true)
        {
            var began = time.GetTimestamp();
            child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, [.. Program(), .. arguments]) { UseShellExecute = false })!;
            await child.WaitForExitAsync(CancellationToken.None);
            var code = child.ExitCode;
            child.Dispose();
            if (asked.IsCancellationRequested || code is ExitCode.Ok or ExitCode.Usage or ExitCode.NotFound or ExitCode.Unavailable) return code;
            if (time.GetElapsedTime(began) > Steady) pause = FirstPause;
            await Console.Error.WriteLineAsync($"The worker ended with exit code {code}; it is started again in {pause.TotalSeconds:0} s.");
            try
            {
                await Task.Delay(pause, time, asked.Token);
            }
            catch (OperationCanceledException)
            {
                return code;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        void Pass(PosixSignalContext context, bool isForChild)
        {
            context.Cancel = true;
            asked.Cancel();
            if (isForChild && !OperatingSystem.IsWindows() && child is { HasExited: false } running) _ = Kill(running.Id, SigTerm);
        }
    }

    /// <summary>Under <c>dotnet harness.dll</c> the program is an argument itself.</summary>
    private static IEnumerable<string> Program() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
