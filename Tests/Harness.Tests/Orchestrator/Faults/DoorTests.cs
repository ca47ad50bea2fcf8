using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Server.Grains;
using Harness.Store;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;

namespace Harness.Tests.Orchestrator.Faults;

/// <summary>Who may say what to the scheduler, and how a refusal travels.</summary>
public sealed class DoorTests : IAsyncDisposable
{
    private static readonly AttemptReport empty = new(new AttemptKey("", 0, ""), [], [], 1, 0.5, "cpu");

    private readonly GuardedScheduler cluster = new();

    public ValueTask DisposeAsync() => cluster.DisposeAsync();

    [Fact]
    public async Task A_lease_without_its_token_gives_no_right_to_anything()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=2");
        var leases = await cluster.Acquire(2);
        foreach (var token in (LeaseToken[])[null!, new(null!), new(""), new(new string('0', 32)), leases[1].Token!])
        {
            var report = empty with { Attempt = leases[0].Attempt };
            await Should.ThrowAsync<MessageRefusedException>(() => cluster.Door.Report(report, token));
            await Should.ThrowAsync<MessageRefusedException>(() => cluster.Door.Complete(GuardedScheduler.Completed(leases[0]), token));
            Should.Throw<MessageRefusedException>(() => cluster.Door.MayWrite(new HeldLease(leases[0].Attempt, token), 1, 0, new FilePiece([1], true)));
        }

        cluster.Door.Heartbeat("w", [new(leases[0].Attempt, leases[1].Token!), new(leases[1].Attempt, leases[1].Token!)], null).Revoked.ShouldBe([leases[0].Attempt]);
        await Should.ThrowAsync<MessageRefusedException>(() => cluster.Door.Leave("w", []));
        await Should.ThrowAsync<MessageRefusedException>(() => cluster.Door.Leave("w", [new(leases[0].Attempt, leases[1].Token!)]));
        cluster.Rows("SELECT DISTINCT state FROM trial").ShouldBe(["running"]);

        foreach (var lease in leases) (await cluster.Complete(lease)).ShouldBeTrue();
        await cluster.Door.Leave("w", []);
        cluster.Rows("SELECT DISTINCT state FROM trial").ShouldBe(["completed"]);
    }

    [Fact]
    public async Task A_worker_that_shows_a_token_of_its_own_leaves_with_all_it_holds()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=2");
        var leases = await cluster.Acquire(2);
        await cluster.Door.Leave("w", [new(leases[1].Attempt, leases[1].Token!)]);
        cluster.Rows("SELECT ending FROM attempt").ShouldBe(["drained", "drained"]);
    }

    [Fact]
    public void A_token_is_of_its_attempt_and_folder_alone_and_outlives_the_server()
    {
        using var folder = new TemporaryFolder();
        var tokens = LeaseTokens.Of(folder.Path);
        AttemptKey[] attempts = [new("a", 1, "w"), new("a", 11, "w"), new("a1", 1, "w"), new("a", 1, "1w"), new("a:1", 1, "w"), new("a", 1, "1:w")];
        attempts.Select(attempt => tokens.Of(attempt).Value).Distinct(StringComparer.Ordinal).Count().ShouldBe(attempts.Length);
        tokens.Of(attempts[0]).Value.Length.ShouldBe(32);
        LeaseTokens.Of(folder.Path).Proves(attempts[0], tokens.Of(attempts[0])).ShouldBeTrue();
        LeaseTokens.New().Proves(attempts[0], tokens.Of(attempts[0])).ShouldBeFalse();
        if (OperatingSystem.IsWindows()) return;
        File.GetUnixFileMode(LeaseTokens.PathIn(folder.Path)).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        // Others could have read it: what it proved, it proves no more.
        File.SetUnixFileMode(LeaseTokens.PathIn(folder.Path), UnixFileMode.UserRead | UnixFileMode.OtherRead);
        LeaseTokens.Of(folder.Path).Proves(attempts[0], tokens.Of(attempts[0])).ShouldBeFalse();
    }

    [Fact]
    public async Task No_text_tells_a_token()
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1");
        var lease = (await cluster.Acquire()).Single();
        lease.ToString().ShouldNotContain(lease.Token!.Value);
        new HeldLease(lease.Attempt, lease.Token).ToString().ShouldNotContain(lease.Token.Value);
    }

    public static TheoryData<string, string> Untrue => new()
    {
        { """{"metric":"junk.1","first":1,"stride":1,"count":1}""", "no metric" },
        { """{"metric":"train.loss","first":-5,"stride":1,"count":1}""", "do not fit" },
        { """{"metric":"train.loss","first":1,"stride":0,"count":2}""", "do not fit" },
        { """{"metric":"train.loss","first":1,"stride":-1,"count":2}""", "do not fit" },
        { """{"metric":"train.loss","first":2147483647,"stride":2147483647,"count":2}""", "do not fit" },
        { """{"metric":"train.loss","first":50,"stride":1,"count":52}""", "do not fit" },
        { """{"metric":"train.loss","first":1,"stride":1,"count":0}""", "no values" },
        { """{"metric":"train.loss","first":1,"stride":1,"count":257}""", "more than 256" },
    };

    [Theory]
    [MemberData(nameof(Untrue))]
    public async Task Points_that_the_trial_cannot_have_are_refused_with_the_reason(string batch, string reason)
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1");
        var lease = (await cluster.Acquire()).Single();
        var json = System.Text.Json.JsonDocument.Parse(batch).RootElement;
        var points = new MetricBatch(json.GetProperty("metric").GetString()!, json.GetProperty("first").GetInt32(), json.GetProperty("stride").GetInt32(), new float[json.GetProperty("count").GetInt32()]);
        (await Should.ThrowAsync<MessageRefusedException>(() => cluster.Door.Report(empty with { Attempt = lease.Attempt, Metrics = [points] }, lease.Token!))).Message.ShouldContain(reason);
        cluster.Rows("SELECT count(*) FROM metric_chunk").ShouldBe(["0"]);
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("""{"kind":"Diverged","steps":100,"baseline_loss":1,"solved":false,"parameters":1,"parameters_total":2,"train_seconds":1,"evaluation_seconds":0,"probe_seconds":0}""")]
    [InlineData("""{"kind":"Completed","steps":101,"baseline_loss":1,"solved":false,"parameters":1,"parameters_total":2,"train_seconds":1,"evaluation_seconds":0,"probe_seconds":0}""")]
    [InlineData("""{"kind":"Completed","steps":-1,"baseline_loss":1,"solved":false,"parameters":1,"parameters_total":2,"train_seconds":1,"evaluation_seconds":0,"probe_seconds":0}""")]
    public async Task A_result_that_is_none_is_refused_and_decides_nothing(string? outcome)
    {
        await cluster.Submit("matrix.cell=[rnn]", "seeds.count=1");
        var lease = (await cluster.Acquire()).Single();
        if (outcome != "{}") await Should.ThrowAsync<MessageRefusedException>(() => cluster.Complete(lease, outcome!));
        (await cluster.Complete(lease)).ShouldBeTrue();
    }

    /// <summary>Orleans tells a remote caller of a type that it cannot serialise as CodecNotFoundException, without the message.</summary>
    [Fact]
    public void A_refusal_reaches_another_process_as_itself()
    {
        using var services = new ServiceCollection().AddSerializer(serializer => serializer.AddAssembly(typeof(ISchedulerGrain).Assembly).AddAssembly(typeof(StoreException).Assembly)).BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        Exception[] refusals =
        [
            new MessageRefusedException("no"), new WorkerGoneException("w"), new StoreException("full"), new StoreException("full", new IOException("disk")),
            new WriteRefusedException(new Microsoft.Data.Sqlite.SqliteException("constraint", 19)),
        ];
        foreach (var refusal in refusals)
        {
            var there = serializer.Deserialize<Exception>(serializer.SerializeToArray(refusal));
            there.ShouldNotBeNull().GetType().ShouldBe(refusal.GetType());
            there.Message.ShouldBe(refusal.Message);
        }
    }
}
