using Harness.Abstractions.Contracts;
using Harness.Server.Grains;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Orchestrator;

/// <summary>The last half hour of the workers: right, and bounded.</summary>
public sealed class FleetHistoryTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void A_span_has_the_latest_load_and_the_trials_that_ended_in_it()
    {
        var fleet = new FleetHistory(time);
        fleet.Loaded("a", Load(0.2, 0.5, 1));
        fleet.Loaded("a", Load(0.4));
        fleet.Finished("a");
        fleet.Finished("a");
        time.Advance(TimeSpan.FromSeconds(2 * FleetHistory.SpanSeconds));
        fleet.Loaded("a", Load(0.6, 0.25, 0.75));
        fleet.Finished("a");

        var track = fleet.Of("a").ShouldNotBeNull();
        track.Processor.TakeLast(3).ShouldBe([0.4, null, 0.6]);
        track.Devices.TakeLast(3).ShouldBe([null, null, 0.5]);
        track.Finished.TakeLast(3).ShouldBe([2, 0, 1]);
        track.Processor.Count.ShouldBe(FleetHistory.Spans);
        track.TrialsPerHour.ShouldBe(3 * 3600 / (3.0 * FleetHistory.SpanSeconds));
        fleet.Of("nobody").ShouldBeNull();
    }

    [Fact]
    public void What_is_older_than_half_an_hour_is_forgotten()
    {
        var fleet = new FleetHistory(time);
        fleet.Loaded("a", Load(0.9));
        for (var i = 0; i < 5; i++) fleet.Finished("a");
        time.Advance(TimeSpan.FromMinutes(29));
        fleet.Of("a")!.Finished.Sum().ShouldBe(5);
        time.Advance(TimeSpan.FromMinutes(1));
        var track = fleet.Of("a")!;
        track.Finished.Sum().ShouldBe(0);
        track.Processor.ShouldAllBe(share => share == null);
        time.Advance(TimeSpan.FromDays(40));
        fleet.Finished("a");
        fleet.Of("a")!.TrialsPerHour.ShouldBe(2);
    }

    [Fact]
    public void It_holds_so_many_workers_and_no_more()
    {
        var fleet = new FleetHistory(time);
        fleet.Finished("oldest");
        time.Advance(TimeSpan.FromMinutes(1));
        for (var i = 0; i < FleetHistory.MostWorkers; i++) fleet.Finished(FormattableString.Invariant($"worker-{i}"));
        fleet.Of("oldest").ShouldBeNull();
        fleet.Of("worker-0").ShouldNotBeNull();
    }

    private static WorkerLoad Load(double processor, params double[] devices) =>
        new(processor, null, null, null, null, null, [.. devices.Select((share, index) => new DeviceLoad(index, "gpu", share, null, null, null, null))]);
}
