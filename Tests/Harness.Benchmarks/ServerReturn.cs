using System.Diagnostics;
using Harness.Server.Api;

namespace Harness.Benchmarks;

/// <summary>How long a data folder is without a server that is killed (SIGKILL) and restarted at once: until the next one answers <c>/health/ready</c> with 200.</summary>
internal static class ServerReturn
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(10);

    /// <param name="server">Is killed.</param>
    /// <param name="data">Its data folder.</param>
    /// <returns>The next server, and the seconds from the signal to its answer.</returns>
    public static async Task<(Process Server, double Seconds)> After(Process server, string data)
    {
        var began = TimeProvider.System.GetTimestamp();
        server.Kill();
        await server.WaitForExitAsync();
        var next = HarnessRun.Start("serve", "--once", "--data", data);
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(1) };
        while (!await IsReady(http, next, data)) await Task.Delay(Glance, TimeProvider.System);
        return (next, TimeProvider.System.GetElapsedTime(began).TotalSeconds);
    }

    private static async Task<bool> IsReady(HttpClient http, Process server, string data)
    {
        if (server.HasExited) throw new InvalidOperationException($"The server ended with exit code {server.ExitCode}.");
        // The file of the killed one is still there.
        if (AddressFile.Read(data) is not { } address || address.ProcessId != server.Id) return false;
        try
        {
            using var answer = await http.GetAsync(new Uri($"{address.Url}/health/ready"));
            return answer.IsSuccessStatusCode;
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
