using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Orchestrator.Scheduling;

/// <summary>What the scheduler knows of a trial.</summary>
internal sealed class TrialNode(string id, string spec, string label)
{
    public string Id => id;

    /// <summary>JSON of its spec, handed out with the lease.</summary>
    public string Spec => spec;

    public string Label => label;

    /// <summary>What its attempts are run under, handed out with the lease; the first experiment that asked decides.</summary>
    public AttemptTerms? Terms { get; init; }

    public TrialState State { get; set; } = TrialState.Pending;

    /// <summary>The number of the latest attempt.</summary>
    public int Attempts { get; set; }

    public int TrialFailures { get; set; }

    public int InfrastructureFailures { get; set; }

    public string? Failure { get; set; }

    public LiveAttempt? Live { get; set; }

    /// <summary>While backing off: when it may be tried again.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Different workers whose process this trial took down, one after the other.</summary>
    public HashSet<string> WorkersLost { get; } = new(StringComparer.Ordinal);

    /// <summary>The experiments that wait for it.</summary>
    public HashSet<long> Experiments { get; } = [];

    /// <summary>Its place among the ready ones; the first experiment that asked decides.</summary>
    public ReadyKey Rank { get; set; }
}

/// <summary>Who is first: higher priority, then the older experiment, then the plan's order.</summary>
internal readonly record struct ReadyKey(int Priority, long Experiment, int Ordinal) : IComparable<ReadyKey>
{
    public int CompareTo(ReadyKey other)
    {
        if (Priority != other.Priority) return other.Priority.CompareTo(Priority);
        return Experiment != other.Experiment ? Experiment.CompareTo(other.Experiment) : Ordinal.CompareTo(other.Ordinal);
    }
}

/// <summary>An attempt under way.</summary>
internal sealed class LiveAttempt(AttemptKey key, TimeSpan leaseUntil, TimeSpan startedAt)
{
    public AttemptKey Key => key;

    public TimeSpan LeaseUntil { get; set; } = leaseUntil;

    public TimeSpan StartedAt => startedAt;

    public int Step { get; set; }

    public double Loss { get; set; } = double.NaN;

    public int? ResumedFrom { get; set; }
}
