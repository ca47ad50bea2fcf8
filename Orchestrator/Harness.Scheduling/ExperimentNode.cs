using Harness.Abstractions.Results;
using Harness.Scheduling.Stages;

namespace Harness.Scheduling;

/// <summary>What the scheduler knows of an experiment. Its trials are counted as they change, so that asking for progress costs the same however many there are.</summary>
internal sealed class ExperimentNode(AdmittedExperiment admitted)
{
    private readonly int[] counts = new int[Enum.GetValues<TrialState>().Length];
    private readonly Dictionary<int, int[]> conditions = [];

    // Copied one by one: the record itself holds the specs of all trials.
    public long Id { get; } = admitted.Id;

    /// <summary>Only the core changes it, for what waits is queued by it.</summary>
    public int Priority { get; set; } = admitted.Priority;

    public int TrialRetries { get; } = admitted.TrialRetries;

    public int InfrastructureRetries { get; } = admitted.InfrastructureRetries;

    public ExperimentState State { get; set; } = admitted.State;

    /// <summary>Its trials without a result. Those that have one are counted and forgotten, so that memory does not grow with what is done.</summary>
    public HashSet<TrialNode> Trials { get; } = [];

    /// <summary>How many trials it has, those with a result included; a trial of two conditions counts twice.</summary>
    public int Total => counts.Sum();

    /// <summary>Its trials that run, each once, wherever they were queued.</summary>
    public HashSet<TrialNode> Running { get; } = [];

    /// <summary>How many slots train trials that were queued here: what fairness compares.</summary>
    public int Share { get; set; }

    /// <summary>Trials that can be leased, by what they need, in running order.</summary>
    public Dictionary<TrialNeeds, SortedDictionary<int, TrialNode>> Ready { get; } = [];

    /// <summary>Those of them that may be trained side by side, by the kind of their packs, in running order.</summary>
    public Dictionary<string, SortedDictionary<int, TrialNode>> Packable { get; } = new(StringComparer.Ordinal);

    public bool Finished { get; set; }

    /// <summary>The stage that it is in; null for an experiment whose trials were all known at the start.</summary>
    public StageProgress? Stage { get; } = admitted.Stage;

    /// <summary>Why its next stage could not be decided; null when all is well.</summary>
    public string? Undecidable { get; set; }

    /// <summary>Whether its trials all have results and a decision has to follow. A trial that failed holds the decision back: it may be tried again.</summary>
    public bool AwaitsDecision => Stage is { IsLast: false } && State != ExperimentState.Cancelled && !HasOpen && counts[(int)TrialState.Failed] + counts[(int)TrialState.Cancelled] == 0;

    public bool HasOpen => counts[(int)TrialState.Pending] + counts[(int)TrialState.Running] + counts[(int)TrialState.BackingOff] > 0;

    public int CountOf(TrialState state) => counts[(int)state];

    public IReadOnlyDictionary<TrialState, int> Counts() => Named(counts);

    /// <summary>Trials by state of so many conditions from one of them on.</summary>
    public IReadOnlyDictionary<int, IReadOnlyDictionary<TrialState, int>> Counts(int from, int limit) =>
        Enumerable.Range(from, limit).Where(conditions.ContainsKey).ToDictionary(condition => condition, condition => (IReadOnlyDictionary<TrialState, int>)Named(conditions[condition]));

    /// <summary>Trials that wait for a slot or back off, by condition.</summary>
    public IReadOnlyDictionary<int, int> Waiting() =>
        conditions.Select(condition => (condition.Key, Waiting: condition.Value[(int)TrialState.Pending] + condition.Value[(int)TrialState.BackingOff]))
            .Where(condition => condition.Waiting > 0).ToDictionary(condition => condition.Key, condition => condition.Waiting);

    public void Enter(TrialNode trial, Membership membership)
    {
        Trials.Add(trial);
        trial.Memberships.Add(membership);
        Count(membership.Condition, trial.State, +1);
        if (trial.Live is not null) Running.Add(trial);
    }

    public void Count(int condition, TrialState state, int by)
    {
        counts[(int)state] += by;
        if (!conditions.TryGetValue(condition, out var ofIt)) conditions.Add(condition, ofIt = new int[counts.Length]);
        ofIt[(int)state] += by;
    }

    private static Dictionary<TrialState, int> Named(int[] counts) =>
        Enum.GetValues<TrialState>().Where(state => counts[(int)state] > 0).ToDictionary(state => state, state => counts[(int)state]);
}
