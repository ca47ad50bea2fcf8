using System.Globalization;
using Harness.Experiments.Planning;
using Harness.Orchestrator.Scheduling;
using Harness.Orchestrator.Store;
using Harness.Workers;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;

namespace Harness.Orchestrator.Hosting;

/// <summary>
/// Orchestrator and worker in one process: the database and the scheduler at once, and, when there is something to train,
/// an Orleans silo on loopback with a worker and its trainer children.
/// </summary>
public sealed class EmbeddedHarness : IAsyncDisposable
{
    private readonly StoreWriter writer;
    private readonly ILoggerFactory loggers;
    private readonly TaskCompletionSource<Exception> halted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IHost? host;
    private bool stopping;

    private EmbeddedHarness(ResultsDatabase database, StoreWriter writer, ILoggerFactory loggers)
    {
        (Database, this.writer, this.loggers) = (database, writer, loggers);
        Content = new ContentFolder(Path.Combine(Path.GetDirectoryName(database.Path)!, "files"));
        Store = new ExperimentStore(writer, TimeProvider.System);
        Scheduler = new Scheduler(new SchedulerOptions(), Store, TimeProvider.System, loggers.CreateLogger<Scheduler>());
    }

    public ResultsDatabase Database { get; }

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

    /// <summary>The worker, once <see cref="StartWorker"/> was called.</summary>
    public WorkerAgent? Worker { get; private set; }

    /// <summary>Opens the data folder and recovers what an earlier process left unfinished.</summary>
    /// <param name="folder">Data folder; created when it does not exist.</param>
    /// <param name="loggers">Where log lines go; stays the caller's.</param>
    /// <exception cref="StoreException">The database cannot be had.</exception>
    public static async Task<EmbeddedHarness> Open(string folder, ILoggerFactory loggers)
    {
        var database = ResultsDatabase.Open(folder, TimeProvider.System);
        var harness = new EmbeddedHarness(database, new StoreWriter(database, trouble => Tell(loggers, trouble)), loggers);
        try
        {
            await harness.Store.CloseInterruptedAttempts();
            return harness;
        }
        catch
        {
            await harness.DisposeAsync();
            throw;
        }
    }

    /// <summary>Keeps the data files that the plan's tasks read, by their content, then stores the plan.</summary>
    /// <exception cref="StoreException">They cannot be written.</exception>
    public Task<long> Submit(ExperimentPlan plan, string specText, string specPath)
    {
        try
        {
            foreach (var file in plan.Files) Content.Add(file.Sha256, file.Content.Span);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"The data files could not be copied into the data folder: {error.Message} Name another one with --data.", error);
        }

        return Scheduler.Submit(plan, specText, specPath);
    }

    /// <summary>Starts the silo and the worker; returns when its trainers answer.</summary>
    /// <exception cref="Exception">The trainer does not start; the message says why and what to do.</exception>
    public async Task StartWorker(WorkerOptions options, CancellationToken cancellation)
    {
        options.Files = CheckpointFiles.In(System.IO.Path.GetDirectoryName(Database.Path)!, loggers.CreateLogger<CheckpointFiles>());
        using (var connection = Database.Connect()) options.Files.Sweep(new TrialFate(connection).Of);
        options.Content = Content;
        host = Build(options);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(() =>
        {
            if (!stopping) halted.TrySetResult(new InvalidOperationException("The scheduler or the worker ended unasked; the log above says why."));
        });
        await host.StartAsync(cancellation);
        Worker = host.Services.GetRequiredService<WorkerAgent>();
        await Worker.Started.WaitAsync(cancellation);
    }

    /// <summary>Lets running trials finish within the worker's grace, gives the others back, and stops the silo.</summary>
    public async Task StopWorker()
    {
        if (host is null) return;
        stopping = true;
        await host.StopAsync(CancellationToken.None);
        host.Dispose();
        host = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopWorker();
        await writer.DisposeAsync();
        Database.Dispose();
    }

    private static void Tell(ILoggerFactory loggers, string? trouble)
    {
        var log = loggers.CreateLogger<StoreWriter>();
        if (trouble is null) SchedulerLog.StoreWell(log);
        else SchedulerLog.StoreTrouble(log, trouble);
    }

    private IHost Build(WorkerOptions worker)
    {
        // Nothing of the surroundings configures an embedded run: no settings files, no environment variables.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddSingleton<IHostLifetime, CallerOwnsLifetime>();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromSeconds(45));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton(Scheduler);
        builder.Services.AddSingleton(worker);
        builder.Services.AddSingleton(Identity());
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Find(), gatewayPort: 0, serviceId: "harness", clusterId: "embedded"));

        // After the silo, so that they start when it is active and stop while it still answers.
        builder.Services.AddHostedService<LeaseSweeper>();
        builder.Services.AddSingleton<WorkerAgent>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerAgent>());
        return builder.Build();
    }

    private static WorkerIdentity Identity()
    {
        var started = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        return new WorkerIdentity(
            string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}-{Environment.ProcessId}-{started:x}"),
            Environment.MachineName,
            Environment.ProcessId);
    }

    /// <summary>Signals are the command's business: the host must not react to Ctrl-C by itself.</summary>
    private sealed class CallerOwnsLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
