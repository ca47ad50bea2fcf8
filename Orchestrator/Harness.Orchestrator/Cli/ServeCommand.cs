using System.CommandLine;
using System.Runtime.ExceptionServices;
using Harness.Server;
using Harness.Server.Hosting;
using Harness.Server.Hosting.Security;
using Harness.Workers.Settings;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness serve</c>: the server on its own, for workers and runs in processes of their own, restarted after a crash.</summary>
internal static class ServeCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Data();
        var slots = SharedOptions.Slots("Trials at once in this process. Default: none; workers train.");
        var port = SharedOptions.Number("--port", $"Port of API and dashboard on this machine; 0 takes any. Default: {ApiServer.UsualPort} if it is free, else any.", 0, 65535);
        var secure = SecureOption.Create();
        var roots = SharedOptions.DataRoot();
        var once = SharedOptions.Once();
        var verbose = SharedOptions.Verbose();
        var command = new Command("serve", "Run a server with a dashboard: 'harness worker' trains for it, 'harness run' submits experiments to it.") { data, slots, port, secure, roots, once, verbose };
        var cluster = new ClusterOptions();
        cluster.AddTo(command);
        command.SetAction((parsed, _) => parsed.GetValue(once)
            ? Serve(parsed.GetValue(data)!, cluster.Resolve(parsed, parsed.GetValue(data)!), parsed.GetValue(slots), new ApiServerOptions(
                parsed.GetValue(port), parsed.GetValue(roots), Secure: SecureOption.Resolve(parsed.GetValue(secure), parsed.GetValue(data)!, TimeProvider.System.GetUtcNow())), parsed.GetValue(verbose))
            : Supervisor.Run("server", [.. Environment.GetCommandLineArgs().Skip(1), "--once"]));
        return command;
    }

    private static async Task<int> Serve(string data, Cluster cluster, int? slots, ApiServerOptions options, bool verbose)
    {
        using var signals = new Interruption();
        using var loggers = Logging.ToStandardError(verbose, inCluster: true);
        await cluster.Reach();
        await using var harness = await EmbeddedHarness.Open(data, loggers, keepAttempts: true);
        await harness.Scheduler.Recover();
        try
        {
            await harness.StartSilo(slots is { } count ? new WorkerOptions { Slots = count } : null, cluster, signals.First);
            await using var api = await ApiServer.Start(harness, loggers, options);
            await Console.Error.WriteLineAsync($"Serving {harness.Folder}. {HowToJoin(data, cluster)} Ctrl-C ends this process; workers keep training and deliver when it is back.");
            await Console.Error.WriteLineAsync($"Dashboard (this link works once; 'harness dashboard' prints another): {api.NewLink()}");
            if (api.NewSecureLink() is { } link) await Console.Error.WriteLineAsync($"From other machines, whose browser trusts {ClusterAuthority.CertificateFile(data)}: {link}");
            Supervisor.SayReady();
            var failure = harness.Failure();
            if (await Task.WhenAny(failure, Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, signals.First)) == failure) ExceptionDispatchInfo.Throw(await failure);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            // Asked to end while starting.
        }

        await using var second = signals.Second.Register(() => harness.Worker?.StopNow());
        await harness.StopSilo();
        return ExitCode.Ok;
    }

    private static string HowToJoin(string data, Cluster cluster) => cluster.Redis is null
        ? $"Start workers with: harness worker --data {data}."
        : $"Workers join with the same --cluster{(cluster.Certificate is null ? "" : ", each with a certificate from 'harness cluster join'")}.";
}
