using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Harness.Orchestrator.Cli;

/// <summary>Runs this program in a child and restarts it after a fall, as <see cref="RestartPolicy"/> says.</summary>
/// <remarks>
/// The child stops in order when its standard input ends: somebody asked, or this process was killed. It creates a file when it is ready for its work.
/// </remarks>
internal static partial class Supervisor
{
    /// <summary>Set for the child, which then listens for the end of its input.</summary>
    public const string Variable = "HARNESS_SUPERVISED";

    /// <summary>Set for the child to the path of the file that it creates when it is ready.</summary>
    private const string ReadyVariable = "HARNESS_READY_FILE";

    private const int SigTerm = 15;

    /// <summary>In the child: it is ready for its work, so a later fall is not a failed start.</summary>
    public static void SayReady()
    {
        if (Environment.GetEnvironmentVariable(ReadyVariable) is not { Length: > 0 } path) return;
        try
        {
            File.WriteAllText(path, "");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // At worst it is not restarted where it could be.
        }
    }

    /// <param name="what">The child, for people.</param>
    /// <param name="arguments">What it is started with.</param>
    /// <returns>What the last child returned.</returns>
    public static async Task<int> Run(string what, string[] arguments)
    {
        var ready = Path.Combine(Path.GetTempPath(), $"harness-{Environment.ProcessId}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}.ready");
        try
        {
            return await Run(what, arguments, ready);
        }
        finally
        {
            File.Delete(ready);
        }
    }

    private static async Task<int> Run(string what, string[] arguments, string ready)
    {
        var time = TimeProvider.System;
        using var asked = new CancellationTokenSource();
        var gate = new Lock();
        Process? child = null;
        // A service's stop reaches this process only; a Ctrl-C of a terminal reaches the child, too, which must not count it twice.
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Pass(context, counts: true));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Pass(context, counts: false));
        var policy = new RestartPolicy();
        while (true)
        {
            var began = time.GetTimestamp();
            File.Delete(ready);
            var running = Start(arguments, ready);
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
            if (asked.IsCancellationRequested) return code;
            var decision = policy.After(code, File.Exists(ready), time.GetElapsedTime(began), time.GetUtcNow());
            if (decision.Reason is { } reason) await Console.Error.WriteLineAsync($"error: the {what} ended with exit code {code}. {reason}");
            if (decision.Pause is not { } pause) return code;
            await Console.Error.WriteLineAsync(FormattableString.Invariant($"The {what} ended with exit code {code}; restarting in {pause.TotalSeconds:0.##} s."));
            try
            {
                await Task.Delay(pause, time, asked.Token);
            }
            catch (OperationCanceledException)
            {
                return code;
            }
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

    private static Process Start(string[] arguments, string ready)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [.. Program(), .. arguments]) { UseShellExecute = false, RedirectStandardInput = true };
        start.Environment[Variable] = "1";
        start.Environment[ReadyVariable] = ready;
        return Process.Start(start)!;
    }

    /// <summary>Under <c>dotnet harness.dll</c> the program is an argument itself.</summary>
    private static IEnumerable<string> Program() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [Environment.GetCommandLineArgs()[0]] : [];

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
