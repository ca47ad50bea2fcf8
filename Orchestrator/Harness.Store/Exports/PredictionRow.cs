using Harness.Abstractions.Results;

namespace Harness.Store.Exports;

/// <summary>A stored prediction of the test part, as the exports write it: numbers in the target's unit, or the names of classes.</summary>
/// <param name="Row">The row of the file that is asked for, from 1 without the header; the last row of a whole series.</param>
/// <param name="Step">How many rows beyond the window's last that row lies; null where all answers lie equally far.</param>
/// <param name="Evaluated">Whether it counts in the measures; the others fill the stretch at the start of the test part.</param>
internal sealed record PredictionRow(
    string Trial, string Condition, long Seed, string? Series, int Row, int? Step, double? Truth, string? TruthClass, double? Predicted, string? PredictedClass, double? Probability,
    string Baseline, double? BaselinePredicted, string? BaselineClass, bool Evaluated)
{
    public static IReadOnlyList<string> Columns { get; } =
    [
        "trial", "condition", "seed", "series", "row", "step", "truth", "truth_class", "predicted", "predicted_class", "probability", "baseline", "baseline_predicted", "baseline_class", "evaluated",
    ];

    /// <summary>The rows of all trials, in the order of conditions, seeds and time; empty where nothing was predicted.</summary>
    public static IReadOnlyList<PredictionRow> Of(ExperimentResults results) =>
        [.. results.Conditions.SelectMany(condition => condition.Trials.Where(trial => trial.Test?.Answers is not null).SelectMany(trial => Of(condition.Label, trial, trial.Test!, trial.Test!.Answers!)))];

    private static IEnumerable<PredictionRow> Of(string condition, TrialResult trial, TestAnalysis analysis, PredictedAnswers answers)
    {
        var classes = analysis.Classes;
        for (var i = 0; i < answers.Rows.Length; i++)
        {
            yield return new(
                trial.Id, condition, trial.Seed, answers.Series?[answers.SeriesOf![i]], answers.Rows[i] + 1, answers.Steps?[i], Value(answers.Truth[i]), Name(answers.Truth[i]), Value(answers.Predicted[i]),
                Name(answers.Predicted[i]), answers.Probabilities?[i], answers.Baseline, Value(answers.BaselinePredicted[i]), Name(answers.BaselinePredicted[i]), answers.Evaluated[i]);
        }

        double? Value(double number) => classes is null ? number : null;

        string? Name(double number) => classes?[(int)number];
    }
}
