using System.Diagnostics;

namespace Harness.Tests;

/// <summary>Finds a Python that has what a test needs: the first on the path, or the system's own, for which packages are installed.</summary>
internal static class PythonWith
{
    /// <summary>The interpreter that can import a module; null where there is none.</summary>
    public static async Task<string?> Module(string module)
    {
        foreach (var candidate in new[] { "python3", "/usr/bin/python3" })
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(candidate, ["-c", $"import {module}"]) { RedirectStandardError = true, UseShellExecute = false })!;
                await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
                await process.WaitForExitAsync(TestContext.Current.CancellationToken);
                if (process.ExitCode == 0) return candidate;
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not installed: the next one.
            }
        }

        return null;
    }
}
