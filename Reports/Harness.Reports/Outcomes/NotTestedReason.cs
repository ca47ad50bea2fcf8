namespace Harness.Reports.Outcomes;

public enum NotTestedReason
{
    /// <summary>The experiment has no such arm, or never has both in otherwise equal conditions.</summary>
    MissingCondition,

    /// <summary>Trials are still to come; looking early and often finds differences that are not there.</summary>
    StillRunning,

    /// <summary>Fewer than three paired seeds.</summary>
    TooFewSeeds,

    /// <summary>More than a fifth of the planned trials failed or were cancelled.</summary>
    TooManyFailures,

    /// <summary>Some finished trials have no value, so only survivors could be compared.</summary>
    CoverageDiffers,

    /// <summary>Times from different devices.</summary>
    DifferentDevices,

    /// <summary>Fewer than three seeds of which both trials were timed on one machine.</summary>
    DifferentMachines,

    /// <summary>The metric has no better direction, or no ratio where the claim needs one.</summary>
    MetricCannotDecide,

    /// <summary>No arm learned more than the baseline knows, see <see cref="Verdicts.LearningFloor"/>.</summary>
    NothingLearned,

    /// <summary>Every finished seed diverged.</summary>
    EveryDiverged,

    /// <summary>No seed of any arm reached the target, or too few for the claim.</summary>
    NeverReached,

    /// <summary>Every pair is 0/0, or both of its runs diverged.</summary>
    NoInformation,

    /// <summary>The best value of a tuned setting lies at the edge of what was searched, so that an arm may not be at its best.</summary>
    SearchTooNarrow,

    /// <summary>Times of training runs, which share the machine: they are shown and decide nothing.</summary>
    NotTimed,
}
