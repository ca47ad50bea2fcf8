using System.Globalization;
using System.Text;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;

namespace Harness.Orchestrator.Cli;

/// <summary>The last screen of a run: one line per condition.</summary>
internal static class RunSummary
{
    public static string Text(ExperimentResults results)
    {
        var text = new StringBuilder();
        var width = Math.Max(9, results.Conditions.Max(condition => condition.Label.Length));
        text.AppendLine(CultureInfo.InvariantCulture, $"{results.Name}: {results.Question}");
        text.AppendLine(CultureInfo.InvariantCulture, $"{"condition".PadRight(width)}  {"parameters",10}  {"solved",7}  {"final loss",10}  {"baseline",9}  {"ms/step",8}");
        foreach (var condition in results.Conditions)
        {
            var statistics = new TrialStatistics(condition); // as in the report
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{condition.Label.PadRight(width)}  {condition.Parameters,10}  {$"{statistics.Solved}/{statistics.Finished}",7}  {Numbers.Short(statistics.FinalLoss?.Value),10}  {Numbers.Short(statistics.Baseline),9}  {Numbers.Short(statistics.MillisecondsPerStep?.Value),8}");
        }

        if (results.Conditions.Any(condition => condition.Trial.Task.Data is not null))
        {
            foreach (var condition in results.Conditions)
            {
                var (statistics, trial) = (new TrialStatistics(condition), condition.Trials.FirstOrDefault(trial => TrialMetrics.BestBaseline(trial) is not null));
                if (statistics.TestLoss is not { } test || trial is null) continue;
                var best = TrialMetrics.BestBaseline(trial)!;
                text.AppendLine(CultureInfo.InvariantCulture, $"{condition.Label.PadRight(width)}  test loss {Numbers.Short(test.Value)}; the baseline, {best.Words.English}: {Numbers.Short(TrialMetrics.Recorded(trial, MetricCatalog.BaselineOnTest(best.Name)))}");
            }
        }

        foreach (var trial in results.Timings)
        {
            if (trial.Result is { } result) text.AppendLine(CultureInfo.InvariantCulture, $"ms/step: measured alone on {trial.Host}, {result.CalibrationMs.Length} rounds of {trial.Spec.Arms.Count} interleaved steps.");
            else text.AppendLine(CultureInfo.InvariantCulture, $"timing    {trial.Id[..8]} {trial.State.ToString().ToLowerInvariant()}{(trial.Failure is null ? "" : ": " + trial.Failure)}");
        }

        var trials = results.Conditions.SelectMany(condition => condition.Trials).ToArray();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"{trials.Count(trial => trial.State.HasResult())} of {trials.Length} trials have a result; {trials.Count(trial => trial.State == TrialState.Diverged)} diverged, {trials.Count(trial => trial.State == TrialState.Failed)} failed (losses and times are medians over seeds).");
        foreach (var trial in trials.Where(trial => trial.State == TrialState.Failed).Take(5))
            text.AppendLine(CultureInfo.InvariantCulture, $"failed    {trial.Id[..8]} seed {trial.Seed} after {trial.Attempts} attempts: {trial.Failure}");
        return text.ToString();
    }
}
