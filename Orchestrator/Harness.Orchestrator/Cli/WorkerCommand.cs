using System.CommandLine;
using Harness.Server.Hosting;
using Harness.Store.Files;
using Harness.Workers;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;
using Harness.Workers.Settings;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness worker</c>: trains for the server of a data folder or of a cluster, in a process that is restarted after a crash.</summary>
internal static class WorkerCommand
{
    public static Command Create()
    {
        var data = SharedOptions.Data();
        var slots = SharedOptions.Slots("Trials at once. Default: one per core.");
        var label = new Option<string[]>("--label") { Description = "A label that experiments can require with run.label. May be repeated.", HelpName = "NAME" };
        var once = SharedOptions.Once();
        var verbose = SharedOptions.Verbose();
        var command = new Command("worker", "Train for the server ('harness serve') of a data folder or of a cluster.") { data, slots, label, once, verbose };
        var cluster = new ClusterOptions();
        cluster.AddTo(command);
        command.SetAction((parsed, _) => parsed.GetValue(once)
            ? Work(parsed.GetValue(data)!, cluster.Resolve(parsed, parsed.GetValue(data)!), parsed.GetValue(slots), parsed.GetValue(label) ?? [], parsed.GetValue(verbose))
            : Supervisor.Run("worker", [.. Environment.GetCommandLineArgs().Skip(1), "--once"]));
        return command;
    }

    private static async Task<int> Work(string data, Cluster cluster, int? slots, string[] labels, bool verbose)
    {
        using var signals = new Interruption();
        using var loggers = Logging.ToStandardError(verbose, inCluster: true);
        OwnerFolder.Claim(data, loggers.CreateLogger("Harness.Worker"));
        var options = new WorkerOptions
        {
            Slots = slots ?? Environment.ProcessorCount, Labels = labels, Files = CheckpointFiles.In(data, loggers.CreateLogger<CheckpointFiles>()), Content = ContentFolder.In(data),
            Canary = true,
            OwnFolder = cluster.Redis is null ? null : Path.GetFullPath(data),
        };
        using var host = SiloHost.Build(loggers, scheduler: null, door: null, files: null, options, cluster);
        var agent = host.Services.GetRequiredService<WorkerAgent>();
        try
        {
            await cluster.Reach();
            await SiloHost.Start(host, signals.First);
            await agent.Started.WaitAsync(signals.First);
            await Console.Error.WriteLineAsync($"Training for {Path.GetFullPath(data)} with {options.Slots} slot{(options.Slots == 1 ? "" : "s")}. Ctrl-C releases running trials with a checkpoint.");
            Supervisor.SayReady();
            using var either = CancellationTokenSource.CreateLinkedTokenSource(signals.First, host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, either.Token);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            await using var second = signals.Second.Register(agent.StopNow);
            try
            {
                await host.StopAsync(CancellationToken.None);
            }
            catch (Exception error)
            {
                // Shutdown raced with joining or eviction; leases expire on their own.
                await Console.Error.WriteLineAsync($"warning: could not leave the cluster cleanly: {error.Message}");
                return ExitCode.StartAgain;
            }
        }
        catch (Exception error) when (signals.First.IsCancellationRequested && error is not OperationCanceledException)
        {
            // Joining fails in many ways when it is broken off.
            await Console.Error.WriteLineAsync($"warning: stopped while joining the cluster: {error.Message}");
            return ExitCode.StartAgain;
        }
        catch (OperationCanceledException)
        {
            // A part of it has ended unasked; the log says why.
            return ExitCode.StartAgain;
        }

        return ExitCode.Ok;
    }
}
