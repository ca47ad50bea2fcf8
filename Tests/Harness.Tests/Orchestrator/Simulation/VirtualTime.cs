namespace Harness.Tests.Orchestrator.Simulation;

/// <summary>Time that moves when the simulation says so. The wall clock can be stepped without the monotonic one noticing.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private TimeSpan wallClockError;

    public TimeSpan Now { get; private set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch + Now + wallClockError;

    public void MoveTo(TimeSpan instant) => Now = instant;

    public void StepWallClock(TimeSpan by) => wallClockError += by;
}
