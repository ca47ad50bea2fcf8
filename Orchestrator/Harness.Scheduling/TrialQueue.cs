namespace Harness.Scheduling;

/// <summary>
/// The trials that can be leased. Higher priority first; among experiments of one priority the one with the fewest running
/// trials, so that they share the slots evenly; within an experiment the plan's order.
/// </summary>
internal sealed class TrialQueue
{
    private readonly SortedDictionary<long, ExperimentNode> active = [];

    /// <summary>Queues a pending trial with the experiment that serves it best; parks it while none of its experiments runs.</summary>
    public void Add(TrialNode trial)
    {
        Remove(trial);
        var home = trial.Memberships.Where(membership => membership.Experiment.State == ExperimentState.Running)
            .OrderByDescending(membership => membership.Experiment.Priority).ThenBy(membership => membership.Experiment.Id).ThenBy(membership => membership.Ordinal)
            .FirstOrDefault();
        trial.Home = home;
        if (home is null) return;
        if (!home.Experiment.Ready.TryGetValue(trial.Needs, out var ready)) home.Experiment.Ready.Add(trial.Needs, ready = []);
        ready.Add(home.Ordinal, trial);
        if (trial.Pack is { Kind: var kind })
        {
            if (!home.Experiment.Packable.TryGetValue(kind, out var alike)) home.Experiment.Packable.Add(kind, alike = []);
            alike.Add(home.Ordinal, trial);
        }

        active[home.Experiment.Id] = home.Experiment;
    }

    /// <summary>Takes a trial out, if it is queued.</summary>
    public void Remove(TrialNode trial)
    {
        if (trial.Home is not { } home || !home.Experiment.Ready.TryGetValue(trial.Needs, out var ready)) return;
        if (!ready.TryGetValue(home.Ordinal, out var queued) || queued != trial) return;
        ready.Remove(home.Ordinal);
        if (trial.Pack is { Kind: var kind } && home.Experiment.Packable.TryGetValue(kind, out var alike) && alike.Remove(home.Ordinal) && alike.Count == 0)
            home.Experiment.Packable.Remove(kind);
        trial.Home = null;
        if (ready.Count == 0) home.Experiment.Ready.Remove(trial.Needs);
        if (home.Experiment.Ready.Count == 0) active.Remove(home.Experiment.Id);
    }

    /// <summary>The trial that is next in turn among those that <paramref name="suits"/>.</summary>
    /// <param name="suits">Asked for the first trial of each kind of needs.</param>
    public TrialNode? Next(Func<TrialNode, bool> suits)
    {
        TrialNode? best = null;
        foreach (var experiment in active.Values)
        {
            if (best is not null && Compare(best.Home!.Experiment, experiment) <= 0) continue;
            if (First(experiment, suits) is { } first) best = first;
        }

        return best;
    }

    /// <summary>The trials of an experiment that wait and may be trained beside one another, in turn.</summary>
    public static IReadOnlyCollection<TrialNode> Packable(ExperimentNode experiment, string kind) => experiment.Packable.TryGetValue(kind, out var alike) ? alike.Values : [];

    public bool IsEmpty => active.Count == 0;

    /// <summary>Whether a machine is being emptied for one of the trials that are next in turn.</summary>
    public bool IsReserved(string host) => active.Values.Any(experiment => experiment.Ready.Values.Any(ready => ready.First().Value.ReservedHost == host));

    private static int Compare(ExperimentNode a, ExperimentNode b)
    {
        if (a.Priority != b.Priority) return b.Priority.CompareTo(a.Priority);
        return a.Share != b.Share ? a.Share.CompareTo(b.Share) : a.Id.CompareTo(b.Id);
    }

    private static TrialNode? First(ExperimentNode experiment, Func<TrialNode, bool> suits)
    {
        TrialNode? first = null;
        foreach (var ready in experiment.Ready.Values)
        {
            var candidate = ready.First().Value;
            if ((first is null || candidate.Home!.Ordinal < first.Home!.Ordinal) && suits(candidate)) first = candidate;
        }

        return first;
    }
}
