using Harness.Reports.Model;
using Harness.Server.Api;
using Harness.Store;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Api;

/// <summary>Many look at once, and the database is read once for all of them.</summary>
public sealed class LiveFeedTests : IAsyncLifetime
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider time = new();
    private int ticks;
    private RunningServer server = null!;
    private ReadConnections connections = null!;
    private LiveFeed feed = null!;

    public async ValueTask InitializeAsync()
    {
        server = await RunningServer.Start();
        connections = new ReadConnections(() => server.Harness.Database.Connect());
        feed = new LiveFeed(connections, server.Harness.Scheduler, time, NullLogger<LiveFeed>.Instance);
    }

    public async ValueTask DisposeAsync()
    {
        feed.Dispose();
        connections.Dispose();
        await server.DisposeAsync();
    }

    [Fact]
    public async Task Nobody_watches_and_nothing_is_read()
    {
        await server.Submit();
        time.Advance(Tick * 20);
        connections.Reads.ShouldBe(0);
        feed.Now.Version.ShouldBe(0);
    }

    [Fact]
    public async Task Fifty_viewers_cost_one_read_a_tick()
    {
        var viewers = Enumerable.Range(0, 50).Select(_ => feed.Watch()).ToList();
        var first = await feed.After(0, TestContext.Current.CancellationToken);
        connections.Reads.ShouldBe(1);

        await server.Submit();
        var waiting = viewers.Select(_ => feed.After(first.Version, TestContext.Current.CancellationToken)).ToList();
        var moments = await AdvanceUntil(Task.WhenAll(waiting));
        moments.Distinct().ShouldHaveSingleItem().Recent.ShouldHaveSingleItem().Event.Kind.ShouldBe("experiment_submitted");
        foreach (var viewer in viewers) viewer.Dispose();
        var read = connections.Reads;
        read.ShouldBeLessThanOrEqualTo(1 + ticks);
        for (var tick = 0; tick < 20; tick++) time.Advance(Tick);
        connections.Reads.ShouldBeLessThanOrEqualTo(read + 1, "one may have been under way");
    }

    [Fact]
    public async Task A_step_is_a_change_too()
    {
        using var watch = feed.Watch();
        await server.Submit();
        var lease = (await server.Acquire()).ShouldHaveSingleItem();
        var before = await feed.After(0, TestContext.Current.CancellationToken);
        await server.Report(lease, 20);
        var after = await AdvanceUntil(feed.After(before.Version, TestContext.Current.CancellationToken));
        after.Version.ShouldBeGreaterThan(before.Version);
    }

    [Fact]
    public async Task What_one_viewer_was_given_serves_the_others_for_a_moment()
    {
        var memo = new Memo(time, feed);
        var computed = 0;
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => memo.Get("page", Tick, Tick, () => Task.FromResult(++computed))));
        answers.ShouldAllBe(answer => answer.Value == 1);
        time.Advance(Tick * 2);
        (await memo.Get("page", Tick, Tick, () => Task.FromResult(++computed))).Value.ShouldBe(2);
        await Should.ThrowAsync<InvalidOperationException>(() => memo.Get<int>("broken", Tick, Tick, () => throw new InvalidOperationException()));
        (await memo.Get("broken", Tick, Tick, () => Task.FromResult(7))).Value.ShouldBe(7);
        memo.Forget();
        (await memo.Get("page", Tick, Tick, () => Task.FromResult(++computed))).Value.ShouldBe(3);
    }

    [Fact]
    public async Task The_pages_share_what_they_show()
    {
        await server.Submit();
        var counted = server.Server.Services.GetRequiredService<ReadConnections>();
        var before = counted.Reads;
        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => server.Operator.GetStringAsync("queue?part=summary", TestContext.Current.CancellationToken)));
        (counted.Reads - before).ShouldBeLessThan(30);
    }

    private async Task<T> AdvanceUntil<T>(Task<T> awaited)
    {
        while (!awaited.IsCompleted)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            time.Advance(Tick);
            ticks++;
            await Task.Yield();
        }

        return await awaited;
    }
}
