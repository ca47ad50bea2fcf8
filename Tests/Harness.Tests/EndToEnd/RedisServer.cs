using System.Diagnostics;
using System.Globalization;
using System.Net;
using Harness.Orchestrator.Hosting;

namespace Harness.Tests.EndToEnd;

/// <summary>A Redis of the test's own on loopback, with a password, that keeps nothing.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private const string Program = "redis-server";

    private readonly Process process;

    private RedisServer(Process process, int port) => (this.process, Url) = (process, string.Create(CultureInfo.InvariantCulture, $"redis://:secret@127.0.0.1:{port}"));

    public string Url { get; }

    public static async Task<RedisServer> Start()
    {
        var isThere = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, Program)));
        if (Environment.GetEnvironmentVariable("CI") != "true") Assert.SkipUnless(isThere, "SKIPPED: redis-server is not installed (apt-get install redis-server).");
        isThere.ShouldBeTrue("redis-server is not installed");
        var port = FreePort.Find(IPAddress.Loopback);
        var process = Process.Start(new ProcessStartInfo(Program,
            ["--bind", "127.0.0.1", "--port", port.ToString(CultureInfo.InvariantCulture), "--requirepass", "secret", "--save", "", "--appendonly", "no", "--dir", Path.GetTempPath()])
        {
            RedirectStandardOutput = true, UseShellExecute = false,
        })!;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
            if (line.Contains("Ready to accept connections", StringComparison.Ordinal)) break;
        process.HasExited.ShouldBeFalse();
        _ = process.StandardOutput.ReadToEndAsync();
        return new RedisServer(process, port);
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }
}
