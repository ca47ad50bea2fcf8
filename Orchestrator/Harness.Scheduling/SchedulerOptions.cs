namespace Harness.Scheduling;

/// <summary>The scheduler's numbers.</summary>
public sealed class SchedulerOptions
{
    /// <summary>How long a lease holds without a heartbeat. Longer survives longer silences, shorter re-leases sooner.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>First pause after a second infrastructure failure; it doubles up to <see cref="LongestBackoff"/>. The first retry does not wait.</summary>
    public TimeSpan FirstBackoff { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestBackoff { get; set; } = TimeSpan.FromSeconds(60);
}
