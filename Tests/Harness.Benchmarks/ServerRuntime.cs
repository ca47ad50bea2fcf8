using System.Diagnostics;

namespace Harness.Benchmarks;

/// <summary>Runs a benchmark in a process with the runtime's settings of the real server: the collector's, above all, are not those of a trainer.</summary>
internal static class ServerRuntime
{
    /// <param name="word">What this program is called with to measure, rather than to have measured.</param>
    public static async Task Run(string word)
    {
        using var process = Process.Start("dotnet",
            ["exec", "--runtimeconfig", Beside("harness.runtimeconfig.json"), "--depsfile", Beside("Harness.Benchmarks.deps.json"), Beside("Harness.Benchmarks.dll"), word]);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"It ended with exit code {process.ExitCode}.");
    }

    private static string Beside(string file) => Path.Combine(AppContext.BaseDirectory, file);
}
