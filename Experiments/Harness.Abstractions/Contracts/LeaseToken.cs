namespace Harness.Abstractions.Contracts;

/// <summary>The secret of a lease, 128 bits: who presents it holds the lease. It is never logged, shown or stored.</summary>
[GenerateSerializer, Immutable, Alias("harness.lease-token")]
public sealed record LeaseToken([property: Id(0), Longest(64)] string Value)
{
    /// <summary>Nothing, so that no log line can tell it.</summary>
    public override string ToString() => "(secret)";
}

/// <summary>An attempt with the proof that it is the caller's.</summary>
[GenerateSerializer, Immutable, Alias("harness.held-lease")]
public sealed record HeldLease([property: Id(0)] AttemptKey Attempt, [property: Id(1)] LeaseToken Token);
