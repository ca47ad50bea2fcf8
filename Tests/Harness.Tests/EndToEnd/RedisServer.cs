using System.Diagnostics;
using System.Globalization;
using System.Net;
using Harness.Server.Hosting;

namespace Harness.Tests.EndToEnd;

/// <summary>A Redis of the test's own, with a password, that keeps nothing.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    private readonly Process process;

    private RedisServer(Process process, string address, int port) => (this.process, Url) = (process, string.Create(CultureInfo.InvariantCulture, $"redis://:secret@{address}:{port}"));

    public string Url { get; }

    public static Task<RedisServer> Start() => Start([], "127.0.0.1");

    /// <param name="prefix">What starts it elsewhere: <c>ip netns exec NAME</c>.</param>
    /// <param name="address">Where it listens.</param>
    public static async Task<RedisServer> Start(string[] prefix, string address)
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Program)));
        if (Environment.GetEnvironmentVariable("CI") != "true") Assert.SkipUnless(isThere, "SKIPPED: redis-server is not installed (apt-get install redis-server).");
        isThere.ShouldBeTrue("redis-server is not installed");
        var port = FreePort.Find(IPAddress.Loopback);
        string[] command = [.. prefix, Program, "--bind", address, "--port", port.ToString(CultureInfo.InvariantCulture), "--requirepass", "secret", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()];
        var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) break;
        process.HasExited.ShouldBeFalse();
        _ = process.StandardOutput.ReadToEndAsync();
        return new RedisServer(process, address, port);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
