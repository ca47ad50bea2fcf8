using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Scheduling;

/// <summary>What the scheduler knows of a trial.</summary>
internal sealed class TrialNode(AdmittedTrial admitted, AttemptTerms? terms)
{
    public string Id => admitted.Trial;

    /// <summary>JSON of its spec, handed out with the lease.</summary>
    public string Spec => admitted.Spec;

    public string Label => admitted.Label;

    /// <summary>What a worker must have; the first experiment that asked decides.</summary>
    public TrialNeeds Needs { get; } = admitted.Needs ?? TrialNeeds.None;

    /// <summary>What its attempts are run under, handed out with the lease; the first experiment that asked decides.</summary>
    public AttemptTerms? Terms => terms;

    /// <summary>With which trials it may be trained side by side; null once that may have been its undoing.</summary>
    public PackTerms? Pack { get; private set; } = admitted.TrialFailures + admitted.InfrastructureFailures > 0 ? null : admitted.Pack;

    /// <summary>Only <see cref="ExperimentNode.Enter"/> and the core change it, for experiments count their trials by state.</summary>
    public TrialState State { get; private set; } = admitted.State;

    /// <summary>The number of the latest attempt.</summary>
    public int Attempts { get; set; } = admitted.Attempts;

    public int TrialFailures { get; set; } = admitted.TrialFailures;

    public int InfrastructureFailures { get; set; } = admitted.InfrastructureFailures;

    public string? Failure { get; set; } = admitted.Failure;

    public LiveAttempt? Live { get; set; }

    /// <summary>While backing off: when it may be tried again.</summary>
    public TimeSpan NotBefore { get; set; }

    /// <summary>Different workers that went down with this trial since it last got further.</summary>
    public HashSet<string> WorkersLost { get; } = new(StringComparer.Ordinal);

    /// <summary>The latest step that an attempt which went down had left a checkpoint of.</summary>
    public int Furthest { get; private set; }

    /// <summary>The experiments that wait for it, an experiment with two conditions that are this trial twice.</summary>
    public List<Membership> Memberships { get; } = [];

    /// <summary>Where it is queued or counted as running; null while it is neither, or while no experiment that wants it runs.</summary>
    public Membership? Home { get; set; }

    /// <summary>For a trial that needs a whole machine: the host that is being emptied for it.</summary>
    public string? ReservedHost { get; set; }

    /// <summary>The attempt whose end was accepted last, so that its repetition is recognised.</summary>
    public AttemptKey? Accepted { get; set; }

    public IEnumerable<ExperimentNode> Experiments => Memberships.Select(membership => membership.Experiment).Distinct();

    public void Become(TrialState state)
    {
        foreach (var membership in Memberships) membership.Experiment.Count(membership.Condition, State, -1);
        State = state;
        foreach (var membership in Memberships) membership.Experiment.Count(membership.Condition, State, +1);
    }

    /// <summary>Trains it alone from now on: its next failure is then its own.</summary>
    public void KeepApart() => Pack = null;

    /// <summary>
    /// Counts a worker that went down with the trial. Networks that fail take workers from trials that are not to blame: what left a checkpoint beyond all
    /// earlier ones was on its way, so the count begins anew. What kills its worker always dies at the same place.
    /// </summary>
    public void TookDown(string worker, int savedStep)
    {
        if (savedStep > Furthest)
        {
            Furthest = savedStep;
            WorkersLost.Clear();
        }

        WorkersLost.Add(worker);
    }

    /// <summary>Fresh budgets, as if it had never been tried.</summary>
    public void Forgive()
    {
        (TrialFailures, InfrastructureFailures, Failure, Furthest) = (0, 0, null, 0);
        WorkersLost.Clear();
    }
}

/// <summary>A trial's place in an experiment.</summary>
/// <param name="Ordinal">In the running order.</param>
internal sealed record Membership(ExperimentNode Experiment, int Ordinal, int Condition);

/// <summary>An attempt under way.</summary>
internal sealed class LiveAttempt(AttemptKey key, string host, TimeSpan leaseUntil, TimeSpan startedAt)
{
    public AttemptKey Key => key;

    /// <summary>The machine of its worker.</summary>
    public string Host => host;

    public TimeSpan LeaseUntil { get; set; } = leaseUntil;

    public TimeSpan StartedAt => startedAt;

    public int Step { get; set; }

    public double Loss { get; set; } = double.NaN;

    public int? ResumedFrom { get; set; }

    /// <summary>The step of the newest checkpoint that it left; 0 when there is none.</summary>
    public int SavedStep { get; set; }

    /// <summary>The slot that it is in, alone or with others.</summary>
    public SharedSlot Slot { get; set; } = new(key);
}

/// <summary>A slot, which counts as one towards fairness however many attempts share it.</summary>
/// <param name="first">The attempt that it was leased for.</param>
internal sealed class SharedSlot(AttemptKey first)
{
    /// <summary>Equal for attempts that share it.</summary>
    public string Name => first.ToString();

    /// <summary>Attempts that have not ended.</summary>
    public int Open { get; set; } = 1;
}
