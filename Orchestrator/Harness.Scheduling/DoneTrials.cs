using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Scheduling;

/// <summary>The little that is kept of trials that have their result.</summary>
internal sealed class DoneTrials
{
    /// <summary>More ends than workers can have under way that were accepted while their answer was lost.</summary>
    private const int Answers = 4096;

    private readonly Queue<AttemptKey> order = new();
    private readonly HashSet<AttemptKey> accepted = [];
    private readonly Dictionary<string, TrialState> states = new(StringComparer.Ordinal);
    private int admissions;

    /// <summary>Takes over which admissions are under way; what the earlier core took for done may have been refused.</summary>
    public void Inherit(DoneTrials before) => admissions = before.admissions;

    public void Add(TrialNode trial)
    {
        if (admissions > 0) states[trial.Id] = trial.State;
        if (trial.Accepted is not { } attempt || !accepted.Add(attempt)) return;
        order.Enqueue(attempt);
        if (order.Count > Answers) accepted.Remove(order.Dequeue());
    }

    /// <summary>Whether this end was accepted lately: a worker tells it again when the answer was lost.</summary>
    public bool Accepted(AttemptKey attempt) => accepted.Contains(attempt);

    /// <summary>Remembers states from now on: an experiment that is being read may show a trial as it was before its end.</summary>
    public void Remember() => admissions++;

    public void Forget()
    {
        if (--admissions == 0) states.Clear();
    }

    /// <summary>How a trial ended since states are remembered; null for any other.</summary>
    public TrialState? StateOf(string trial) => states.TryGetValue(trial, out var state) ? state : null;
}
