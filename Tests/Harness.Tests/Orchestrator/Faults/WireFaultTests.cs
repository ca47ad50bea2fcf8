using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Orchestrator.Cli;
using Harness.Reports.Model;
using Harness.Store;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>
/// Every field of everything that a worker can send, spoiled in every way. A message is accepted or refused as itself; nothing else is thrown,
/// the scheduler continues, and accepted results can be read.
/// </summary>
public sealed class WireFaultTests : IAsyncDisposable
{
    private readonly GuardedScheduler cluster = new();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task No_introduction_harms_anybody()
    {
        var experiment = await cluster.Submit("seeds.count=40");
        var hello = Specimen.Of<WorkerHello>((name, _) => name switch { "Environment" => GuardedScheduler.Environment, "SlotMemory" => 1L << 40, "Cuda" => false, _ => null });
        await Try("sound", () => cluster.Door.Acquire(hello, 1, TimeSpan.Zero, TestContext.Current.CancellationToken), mustBeAccepted: true);
        foreach (var (place, spoiled) in Specimen.Spoiled(hello)) await Try(place, () => cluster.Door.Acquire(spoiled, 0, TimeSpan.Zero, TestContext.Current.CancellationToken));
        await Try("null", () => cluster.Door.Acquire(null!, 1, TimeSpan.Zero, TestContext.Current.CancellationToken));
        foreach (var (slots, wait) in ((int, TimeSpan)[])[(-5, TimeSpan.Zero), (int.MaxValue, TimeSpan.Zero), (1, TimeSpan.MaxValue), (1, TimeSpan.MinValue)])
            await Try($"{slots} slots, {wait}", () => cluster.Door.Acquire(hello, slots, wait, TestContext.Current.CancellationToken));
        await Innocent(experiment);
    }

    [Fact]
    public async Task No_heartbeat_and_no_farewell_harms_anybody()
    {
        var experiment = await cluster.Submit("seeds.count=2");
        var lease = (await cluster.Acquire()).Single();
        var held = new HeldLease(lease.Attempt, lease.Token!);
        var load = Specimen.Of<WorkerLoad>((_, _) => null);
        foreach (var (place, spoiled) in Specimen.Spoiled(load)) await Try(place, () => Task.FromResult(cluster.Door.Heartbeat("w", [held], spoiled)));
        foreach (var (place, spoiled) in Specimen.Spoiled(held)) await Try(place, () => Task.FromResult(cluster.Door.Heartbeat("w", [spoiled], null)));
        foreach (var (place, spoiled) in Specimen.Spoiled(held)) await Try(place, async () => { await cluster.Door.Leave("x", [spoiled]); return true; });
        foreach (var name in (string[])[null!, "", "\0", new string('x', 1 << 20)])
        {
            await Try($"name {name?.Length}", () => Task.FromResult(cluster.Door.Heartbeat(name!, [], null)));
            await Try($"name {name?.Length}", async () => { await cluster.Door.Leave(name!, []); return true; });
        }

        await Try("no leases", () => Task.FromResult(cluster.Door.Heartbeat("w", null!, null)));
        await Try("a null lease", () => Task.FromResult(cluster.Door.Heartbeat("w", [null!], null)));
        await Try("no leases", async () => { await cluster.Door.Leave("x", null!); return true; });
        (await cluster.Complete(lease)).ShouldBeTrue();
        await Innocent(experiment);
    }

    [Fact]
    public async Task No_report_harms_anybody()
    {
        var experiment = await cluster.Submit("seeds.count=20");
        var lease = (await cluster.Acquire()).Single();
        var report = Report(lease);
        await Try("sound", () => cluster.Door.Report(report, lease.Token!), mustBeAccepted: true);
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'measurements_refused'").ShouldBe(["0"]);
        foreach (var (place, spoiled) in Specimen.Spoiled(report)) await Try(place, () => cluster.Door.Report(spoiled, TokenOf(spoiled.Attempt, lease)));
        foreach (var (place, spoiled) in JsonOf(report)) await Try(place, () => cluster.Door.Report(spoiled, lease.Token!));
        await Try("null", () => cluster.Door.Report(null!, lease.Token!));
        // Whatever the door let in, the store could take.
        cluster.Rows("SELECT count(*) FROM event WHERE kind = 'measurements_refused'").ShouldBe(["0"]);
        (await cluster.Complete(lease)).ShouldBeTrue();
        await Innocent(experiment);
    }

    [Fact]
    public async Task No_end_harms_anybody()
    {
        var experiment = await cluster.Submit("seeds.count=400", "run.trial_retries=100", "run.infrastructure_retries=100");
        var left = new Queue<Lease>();
        var accepted = 0;
        var outcome = JsonSerializer.Deserialize(GuardedScheduler.Outcome, HarnessJson.Default.TrialOutcome)!;
        var sound = new AttemptCompletion(new AttemptKey("t", 1, "w"), AttemptEnd.Completed, GuardedScheduler.Outcome, "message", 1, null, "log", Shared: false);
        (string Place, AttemptCompletion Spoiled)[] all =
        [
            .. Specimen.Spoiled(sound).Where(one => !one.Place.StartsWith(".Attempt", StringComparison.Ordinal)),
            .. Specimen.Spoiled(outcome).Select(one => ($"outcome{one.Place}", sound with { Outcome = Serialized(one.Spoiled) })),
        ];
        foreach (var (place, spoiled) in all)
        {
            if (left.Count == 0) foreach (var next in await cluster.Acquire(50)) left.Enqueue(next);
            var lease = left.Peek();
            if (await Try(place, () => cluster.Door.Complete(spoiled with { Attempt = lease.Attempt, Remainder = Report(lease) with { Gradients = [] } }, lease.Token!)))
            {
                left.Dequeue();
                accepted++;
            }
        }

        accepted.ShouldBeInRange(all.Length / 4, all.Length - 1);
        foreach (var lease in left) (await cluster.Complete(lease)).ShouldBeTrue();
        await Innocent(experiment);

        static string Serialized(TrialOutcome spoiled) => JsonSerializer.Serialize(spoiled, HarnessJson.Default.TrialOutcome);
    }

    /// <summary>Whether the message was accepted. Every other message was refused with its own exception type.</summary>
    private async Task<bool> Try<T>(string place, Func<Task<T>> call, bool mustBeAccepted = false)
    {
        try
        {
            await call();
        }
        catch (Exception error) when (error is MessageRefusedException or WorkerGoneException && !mustBeAccepted)
        {
            error.Message.Length.ShouldBeLessThan(2000, place);
            return false;
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{place}: {error.Message}", error);
        }

        cluster.Scheduler.Failed.IsCompleted.ShouldBeFalse(place);
        return true;
    }

    /// <summary>Somebody else's trials are leased, reported and ended, and everything that was accepted is read.</summary>
    private async Task Innocent(long experiment)
    {
        var other = await cluster.Submit("name=innocent", "task.length=21", "run.priority=9");
        foreach (var lease in await cluster.Acquire(6, worker: "innocent"))
        {
            (await cluster.Door.Report(Report(lease), lease.Token!)).ShouldBeTrue();
            (await cluster.Complete(lease)).ShouldBeTrue();
        }

        cluster.Scheduler.Progress(other)!.Finished.ShouldBeTrue();
        cluster.Rows("PRAGMA integrity_check").ShouldBe(["ok"]);
        using var folder = new TemporaryFolder();
        using var connection = cluster.Database.Connect();
        foreach (var id in (long[])[experiment, other]) await ReportFile.Write(new ResultsReader(connection).Read(id), folder.File("x.html"));
    }

    private static LeaseToken TokenOf(AttemptKey? attempt, Lease lease) => attempt == lease.Attempt ? lease.Token! : new LeaseToken("0");

    /// <summary>A report with something in every field, of a trial of 100 steps.</summary>
    private static AttemptReport Report(Lease lease) => Specimen.Of<AttemptReport>((name, type) => (name, type) switch
    {
        ("Attempt", _) => lease.Attempt,
        ("Metric", _) => "train.loss",
        ("Gradients", { IsGenericType: false }) => Json(Profile),
        ("GateTraces", { IsGenericType: false }) => Json(Trace),
        ("Sample", _) => Json(Sample),
        ("TestAnalysis", _) => Json(Analysis),
        _ => null,
    });

    private static GradientProfile Profile => Specimen.Of<GradientProfile>((name, _) => name switch { "State" => "h", "Layer" => 0, _ => null });

    private static GateTrace Trace => Specimen.Of<GateTrace>((name, type) => (name, type.IsArray) switch { ("Length", _) => 2, ("Gate", _) => "forget", _ => null });

    private static TaskSample Sample => new(2, 1, [0], [1], 1, [0.5f], [1], [0.5f]);

    private static TestAnalysis Analysis => new(1) { Answers = Answers, Classes = ["no", "yes"], Confusion = [0, 1, 0, 0], LookBack = new([1, 2], [0.7, 0.5], 1) };

    private static PredictedAnswers Answers => new([5], [5], [0], [1], "previous", [0], [true]) { Probabilities = [0.5f], Series = ["s"], SeriesOf = [0] };

    private static string Json<T>(T value) => JsonSerializer.Serialize(value, HarnessJson.Default.GetTypeInfo(typeof(T))!);

    /// <summary>The report with the JSON inside spoiled, field by field.</summary>
    private static IEnumerable<(string Place, AttemptReport Report)> JsonOf(AttemptReport report) =>
    [
        .. Specimen.Spoiled(Profile).Select(one => ($"profile{one.Place}", report with { Gradients = [Json(one.Spoiled)] })),
        .. Specimen.Spoiled(Trace).Select(one => ($"trace{one.Place}", report with { GateTraces = [Json(one.Spoiled)] })),
        .. Specimen.Spoiled(Answers).Select(one => ($"answers{one.Place}", report with { TestAnalysis = Json(Analysis with { Answers = one.Spoiled }) })),
        .. Specimen.Spoiled(Analysis.LookBack!).Select(one => ($"look-back{one.Place}", report with { TestAnalysis = Json(Analysis with { LookBack = one.Spoiled }) })),
        ("test analysis without series", report with { TestAnalysis = Json(Analysis with { Answers = Answers with { Series = null } }) }),
        ("test analysis of no class", report with { TestAnalysis = Json(Analysis with { Answers = Answers with { Predicted = [2] } }) }),
        ("test analysis without classes", report with { TestAnalysis = Json(Analysis with { Classes = [] }) }),
        .. Specimen.Spoiled(Sample).Select(one => ($"sample{one.Place}", report with { Sample = Json(one.Spoiled) })),
    ];
}
