namespace Harness.Abstractions.Results;

/// <summary>A number of an outcome as tables call it. The CSV export and the data within a report have a column for each.</summary>
/// <param name="Name">In snake_case.</param>
/// <param name="Value">The number, 1 and 0 for yes and no; null where the outcome has none.</param>
public sealed record OutcomeColumn(string Name, Func<TrialOutcome, double?> Value)
{
    /// <summary>Whether it says yes or no.</summary>
    public bool IsFlag { get; private init; }

    /// <summary>The columns in the order of the CSV export. A new one goes to the end, so that old scripts keep their places.</summary>
    public static IReadOnlyList<OutcomeColumn> All { get; } =
    [
        new("steps", outcome => outcome.Steps),
        new("final_loss", outcome => outcome.FinalLoss),
        new("best_loss", outcome => outcome.BestLoss),
        new("final_accuracy", outcome => outcome.FinalAccuracy),
        new("baseline_loss", outcome => outcome.BaselineLoss),
        new("solved", outcome => outcome.Solved ? 1 : 0) { IsFlag = true },
        new("steps_to_target", outcome => outcome.StepsToTarget),
        new("seconds_to_target", outcome => outcome.SecondsToTarget),
        new("diverged_at_step", outcome => outcome.DivergedAtStep),
        new("parameters", outcome => outcome.Parameters),
        new("parameters_total", outcome => outcome.ParametersTotal),
        new("ms_per_step", outcome => outcome.MillisecondsPerStep),
        new("sequences_per_second", outcome => outcome.SequencesPerSecond),
        new("train_seconds", outcome => outcome.TrainSeconds),
        new("clipped_share", outcome => outcome.ClippedShare),
        new("kept_step", outcome => outcome.KeptStep),
        new("evaluation_seconds", outcome => outcome.EvaluationSeconds),
    ];
}
