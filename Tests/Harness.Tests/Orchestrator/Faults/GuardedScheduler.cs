using Harness.Abstractions.Contracts;
using Harness.Experiments.Planning;
using Harness.Scheduling;
using Harness.Server.Grains;
using Harness.Store;
using Harness.Tests.Experiments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>A scheduler on a real database behind its door, as workers meet it.</summary>
internal sealed class GuardedScheduler : IAsyncDisposable
{
    public const string Environment =
        """{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":2,"devices":["cpu"],"threads":1}""";

    /// <summary>What a worker says of a trial of 100 steps that went well.</summary>
    public const string Outcome =
        """{"kind":"Completed","steps":100,"final_loss":0.5,"best_loss":0.5,"baseline_loss":1,"solved":false,"parameters":1,"parameters_total":2,"train_seconds":1,"evaluation_seconds":0,"probe_seconds":0}""";

    private readonly TemporaryFolder folder = new();

    public GuardedScheduler()
    {
        Database = ResultsDatabase.Open(folder.Path, TimeProvider.System);
        Writer = new StoreWriter(Database);
        Store = new ExperimentStore(Writer, TimeProvider.System);
        Scheduler = New();
        Door = new Door(Scheduler, Tokens, NullLogger<Door>.Instance);
    }

    public static WorkerHello Hello { get; } = new("w", "host", 1, 100, Environment, SlotMemory: 1L << 40);

    public ResultsDatabase Database { get; }

    public StoreWriter Writer { get; }

    public ExperimentStore Store { get; }

    public Scheduler Scheduler { get; private set; }

    public LeaseTokens Tokens { get; } = LeaseTokens.New();

    public Door Door { get; private set; }

    public Task<long> Submit(params string[] changes) => Scheduler.Submit(ExperimentPlanner.Plan(SpecText.Spec(SpecText.Small, changes)), "text", "x.yaml");

    public Task<IReadOnlyList<Lease>> Acquire(int count = 1, string worker = "w") => Door.Acquire(Hello with { Worker = worker }, count, TimeSpan.Zero, TestContext.Current.CancellationToken);

    public static AttemptCompletion Completed(Lease lease, string outcome = Outcome) => new(lease.Attempt, AttemptEnd.Completed, outcome, null, null, null);

    public Task<bool> Complete(Lease lease, string outcome = Outcome) => Door.Complete(Completed(lease, outcome), lease.Token!);

    /// <summary>Another process on the same database.</summary>
    public async Task Restart()
    {
        Scheduler = New();
        Door = new Door(Scheduler, Tokens, NullLogger<Door>.Instance);
        await Scheduler.Recover();
    }

    public IReadOnlyList<string> Rows(string sql)
    {
        using var connection = Database.Connect();
        return connection.Query(sql, row => string.Join('|', Enumerable.Range(0, row.FieldCount).Select(i => Convert.ToString(row.GetValue(i), System.Globalization.CultureInfo.InvariantCulture))));
    }

    public Task Execute(string sql) => Writer.Enqueue(connection => connection.Execute(sql));

    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Database.Dispose();
        folder.Dispose();
    }

    private Scheduler New() => new(new SchedulerOptions(), Store, TimeProvider.System, NullLogger<Scheduler>.Instance);
}
