using System.Diagnostics;

namespace Harness.Server.Hosting;

internal static class LiveProcess
{
    /// <summary>Whether a process of this machine has ended for certain; one of another machine never has.</summary>
    public static bool IsGone(string host, int processId)
    {
        if (host != Environment.MachineName) return false;
        try
        {
            using var process = Process.GetProcessById(processId);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true;
        }
    }
}
