using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harness.Orchestrator.Cli;

/// <summary>Runs this program in a child and starts it again when it falls: evicted from the cluster, crashed or killed.</summary>
/// <remarks>The child's standard input is this process's word to it: when it ends, because somebody asked or because this process was killed, the child stops in order.</remarks>
internal static partial class Supervisor
{
    /// <summary>Set for the child, which then listens for the end of its input.</summary>
    public const string Variable = "HARNESS_SUPERVISED";

    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>A child that lasted this long is not in a loop of falls, and what it needs was there.</summary>
    private static readonly TimeSpan Steady = TimeSpan.FromMinutes(2);

    private const int SigTerm = 15;

    /// <param name="what">The child, for people.</param>
    /// <param name="arguments">What it is started with.</param>
    /// <returns>What the child that was not started again returned.</returns>
    public static async Task<int> Run(string what, string[] arguments)
    {
        var time = TimeProvider.System;
        using var asked = new CancellationTokenSource();
        var gate = new Lock();
        Process? child = null;
        // A service's stop reaches this process only; a Ctrl-C of a terminal reaches the child, too, which must not count it twice.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Pass(context, counts: true));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Pass(context, counts: false));
        var (pause, isFirst) = (FirstPause, true);
        while (true)
        {
            var began = time.GetTimestamp();
            var running = Start(arguments);
            lock (gate)
            {
                child = running;
                // Asked between two lives.
                if (asked.IsCancellationRequested) running.StandardInput.Close();
            }

            await running.WaitForExitAsync(CancellationToken.None);
            var code = running.ExitCode;
            lock (gate) child = null;
            running.Dispose();
            if (time.GetElapsedTime(began) > Steady) (pause, isFirst) = (FirstPause, false);
            // What never worked needs a person: a database in use, a trainer that does not start.
            if (asked.IsCancellationRequested || code is ExitCode.Ok or ExitCode.Usage or ExitCode.NotFound || (code == ExitCode.Unavailable && isFirst)) return code;
            isFirst = false;
            await Console.Error.WriteLineAsync($"The {what} ended with exit code {code}; it is started again in {pause.TotalSeconds:0} s.");
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

        void Pass(PosixSignalContext context, bool counts)
        {
            context.Cancel = true;
            lock (gate)
            {
                asked.Cancel();
                if (child is not { HasExited: false } running) return;
                if (counts && !OperatingSystem.IsWindows()) _ = Kill(running.Id, SigTerm);
                else running.StandardInput.Close();
            }
        }
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. Program(), .. arguments]) { UseShellExecute = false, RedirectStandardInput = true };
        start.Environment[Variable] = "1";
        return Process.Start(start)!;
    }

    /// <summary>Under <c>dotnet harness.dll</c> the program is an argument itself.</summary>
    private static IEnumerable<string> Program() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
