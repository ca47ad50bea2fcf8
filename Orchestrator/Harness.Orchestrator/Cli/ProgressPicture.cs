using Harness.Scheduling.Stages;

namespace Harness.Orchestrator.Cli;

/// <summary>What a progress display shows of an experiment at one moment.</summary>
/// <param name="Left">Time left, in words.</param>
/// <param name="IsOver">Nothing more will happen, or nothing more can.</param>
internal sealed record ProgressPicture(string Name, long Ended, long Total, long Running, long Waiting, long Diverged, long Failed, string Left, IReadOnlyList<RunningLine> Trials, bool IsOver)
{
    /// <summary>The stage that the experiment is in; null where all trials were known at the start.</summary>
    public StageProgress? Stage { get; init; }

    public static string Named(string name, StageProgress? stage) => stage is null ? name : $"{name} · {stage.Name}";
}

/// <param name="Label">The trial in words, with its attempt when that is not the first.</param>
internal sealed record RunningLine(string Label, int Step, int Steps, double? Loss)
{
    public static string LabelOf(string label, int attempt, int? resumedFrom) =>
        attempt > 1 ? FormattableString.Invariant($"{label} (attempt {attempt}{(resumedFrom > 0 ? FormattableString.Invariant($" from step {resumedFrom}") : "")})") : label;
}
