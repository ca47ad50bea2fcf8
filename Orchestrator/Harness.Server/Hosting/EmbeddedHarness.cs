using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Server.Grains;
using Harness.Server.Hosting.Security;
using Harness.Store;
using Harness.Store.Files;
using Harness.Store.Views;
using Harness.Workers;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;
using Harness.Workers.Settings;

namespace Harness.Server.Hosting;

/// <summary>
/// Orchestrator and worker in one process: the database and the scheduler at once, and, when there is something to train,
/// an Orleans silo on loopback with a worker and its trainer children.
/// </summary>
public sealed class EmbeddedHarness : IAsyncDisposable
{
    private readonly StoreWriter writer;
    private readonly ILoggerFactory loggers;
    private readonly TaskCompletionSource<Exception> halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    /// <summary>Held while data files come or go with the experiments that name them.</summary>
    private readonly SemaphoreSlim dataFiles = new(1, 1);
    private IHost? host;
    private bool stopping;

    private EmbeddedHarness(ResultsDatabase database, StoreWriter writer, ILoggerFactory loggers)
    {
        (Database, this.writer, this.loggers) = (database, writer, loggers);
        Content = ContentFolder.In(Path.GetDirectoryName(database.Path)!);
        Store = new ExperimentStore(writer, TimeProvider.System);
        Scheduler = new Scheduler(new SchedulerOptions(), Store, TimeProvider.System, loggers.CreateLogger<Scheduler>());
    }

    public ResultsDatabase Database { get; }

    /// <summary>The data folder's full path.</summary>
    public string Folder => Path.GetDirectoryName(Database.Path)!;

    public ExperimentStore Store { get; }

    public Scheduler Scheduler { get; }

    /// <summary>
    /// Completes, with the reason, when training cannot go on: the database cannot be written, or a part of the silo or the
    /// worker ended unasked.
    /// </summary>
    public async Task<Exception> Failure()
    {
        var first = await Task.WhenAny(writer.Broken, Scheduler.Failed, halted.Task);
        return first == halted.Task ? await halted.Task : await (Task<StoreException>)first;
    }

    /// <summary>The data files of all experiments, by their content.</summary>
    public ContentFolder Content { get; }

    /// <summary>The worker, once <see cref="StartSilo"/> has started one.</summary>
    public WorkerAgent? Worker { get; private set; }

    /// <summary>Opens the data folder.</summary>
    /// <param name="folder">Data folder; created when it does not exist.</param>
    /// <param name="loggers">Where log lines go; stays the caller's.</param>
    /// <param name="keepAttempts">Whether workers in processes of their own may still be at the attempts of an earlier server.</param>
    /// <exception cref="StoreException">The database cannot be had.</exception>
    public static async Task<EmbeddedHarness> Open(string folder, ILoggerFactory loggers, bool keepAttempts = false)
    {
        Claim(folder, loggers);
        var database = ResultsDatabase.Open(folder, TimeProvider.System);
        var harness = new EmbeddedHarness(database, new StoreWriter(database, trouble => Tell(loggers, trouble)), loggers);
        try
        {
            await harness.Store.CloseInterruptedAttempts(keepAttempts ? LiveProcess.IsGone : (_, _) => true);
            return harness;
        }
        catch
        {
            await harness.DisposeAsync();
            throw;
        }
    }

    /// <exception cref="StoreException">The folder cannot be created.</exception>
    private static void Claim(string folder, ILoggerFactory loggers)
    {
        try
        {
            OwnerFolder.Claim(folder, loggers.CreateLogger<EmbeddedHarness>());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The data folder '{folder}' cannot be created: {error.Message} Choose another with --data.", error);
        }
    }

    /// <summary>Keeps the data files that the plan's tasks read, by their content, then stores the plan.</summary>
    /// <exception cref="StoreException">They cannot be written.</exception>
    /// <param name="paused">Whether what of it is new waits until it is resumed.</param>
    public async Task<long> Submit(ExperimentPlan plan, string specText, string specPath, bool paused = false, string? actor = null)
    {
        await dataFiles.WaitAsync();
        try
        {
            foreach (var file in plan.Files) Content.Add(file.Sha256, file.Content.Span);
            return await Scheduler.Submit(plan, specText, specPath, paused, actor);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The data files could not be copied into the data folder: {error.Message} Name another one with --data.", error);
        }
        finally
        {
            dataFiles.Release();
        }
    }

    /// <summary>Removes an experiment that has ended: its trials that no other experiment asks for, their checkpoints, weights and data files, and its report.</summary>
    /// <returns>How many trials were removed; null when it has not ended.</returns>
    public async Task<int?> Delete(long experiment, string? actor = null)
    {
        string? name;
        await using (var connection = Database.Connect()) name = ExperimentReader.Name(connection, experiment);
        if (!await Scheduler.Delete(experiment, actor)) return null;
        var checkpoints = CheckpointFiles.In(Folder, loggers.CreateLogger<CheckpointFiles>());
        var (removed, data) = (0, new HashSet<string>(StringComparer.Ordinal));
        for (var after = 0L; await Store.RemoveUnwanted(after) is { Count: > 0 } trials; after = trials[^1].Id)
        {
            removed += trials.Count;
            data.UnionWith(trials.SelectMany(trial => trial.Files));
            foreach (var trial in trials) checkpoints.RemoveAll(trial.Trial);
        }

        await RemoveFiles(name, data);
        await Store.ReclaimSpace();
        return removed;
    }

    /// <summary>Removes the data files that no trial reads any more, and the report that is no experiment's.</summary>
    private async Task RemoveFiles(string? name, IEnumerable<string> data)
    {
        await dataFiles.WaitAsync();
        try
        {
            await using var connection = Database.Connect();
            foreach (var file in data.Where(file => !TrialReader.IsFileUsed(connection, file))) Content.Remove(file);
            if (name is not null && !ExperimentReader.IsNameUsed(connection, name)) File.Delete(FileNames.ReportIn(Folder, name));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The results are gone; at worst a file too many stays.
            HostingLog.FilesLeft(loggers.CreateLogger<EmbeddedHarness>(), error.Message);
        }
        finally
        {
            dataFiles.Release();
        }
    }

    /// <summary>Starts the silo, and the worker if there is to be one; returns when its trainers answer.</summary>
    /// <param name="worker">How it trains; null for a server without slots.</param>
    /// <param name="cluster">How workers in processes of their own meet it; null when none can.</param>
    /// <exception cref="Exception">The trainer does not start; the message says why and what to do.</exception>
    internal async Task StartSilo(WorkerOptions? worker, Cluster? cluster, CancellationToken cancellation)
    {
        var files = CheckpointFiles.In(Folder, loggers.CreateLogger<CheckpointFiles>());
        using (var connection = Database.Connect()) files.Sweep(new TrialFate(connection).Of);
        if (worker is not null) (worker.Files, worker.Content) = (files, Content);
        host = SiloHost.Build(
            loggers, Scheduler, new Door(Scheduler, LeaseTokens.Of(Folder), loggers.CreateLogger<Door>()), new SharedFiles(Database, Content, files), worker, cluster);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
        {
            if (!stopping) halted.TrySetResult(new InvalidOperationException("The scheduler or the worker stopped unexpectedly; the log above says why."));
        });
        await SiloHost.Start(host, cancellation, cluster);
        if (worker is null) return;
        Worker = host.Services.GetRequiredService<WorkerAgent>();
        await Worker.Started.WaitAsync(cancellation);
    }

    /// <summary>Lets running trials finish within the worker's grace, gives the others back, and stops the silo.</summary>
    public async Task StopSilo()
    {
        if (host is null) return;
        stopping = true;
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
        host = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopSilo();
        await writer.DisposeAsync();
        Database.Dispose();
        dataFiles.Dispose();
    }

    private static void Tell(ILoggerFactory loggers, string? trouble)
    {
        var log = loggers.CreateLogger<StoreWriter>();
        if (trouble is null) SchedulerLog.StoreWell(log);
        else SchedulerLog.StoreTrouble(log, trouble);
    }
}
