using Harness.Abstractions.Results;

namespace Harness.Store.Exports;

/// <summary>Results as Parquet: one row per trial; in files beside it one per recorded point, one per lag of a gradient profile, one per stored prediction of the test part, one per claim and setting and, where speed was measured, one per arm and round.</summary>
internal static class ParquetExport
{
    /// <param name="path">The trials' file; the others go beside it, to <c>NAME.metrics.parquet</c> and so on.</param>
    /// <param name="verdicts">The claims as the report decides them.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Write(ExperimentResults results, IReadOnlyList<VerdictRow> verdicts, string path)
    {
        Trials(results).Write(path);
        // A device or standard output has no place beside it.
        if (path == UnfinishedFile.StandardOutput || !FileKind.IsReplaceable(path)) return [path];
        var files = new List<string> { path };
        Beside("metrics", Points(results));
        Beside("gradients", Gradients(results));
        var predictions = PredictionRow.Of(results);
        if (predictions.Count > 0) Beside("predictions", Predictions(predictions));
        if (verdicts.Count > 0) Beside("verdicts", Verdicts(verdicts));
        if (results.Timings.Any(trial => trial.Result is not null)) Beside("timing", Rounds(results));
        return files;

        void Beside(string what, ParquetTable table)
        {
            files.Add($"{Path.ChangeExtension(path, null)}.{what}.parquet");
            table.Write(files[^1]);
        }
    }

    private static ParquetTable Trials(ExperimentResults results)
    {
        var rows = results.Conditions.SelectMany(condition => condition.Trials.Select(trial => (Condition: condition, Trial: trial, trial.Outcome))).ToArray();
        var table = new ParquetTable();
        table.Add("trial", [.. rows.Select(row => row.Trial.Id)]);
        table.Add("condition", [.. rows.Select(row => row.Condition.Label)]);
        foreach (var factor in results.Conditions.SelectMany(condition => condition.Factors.Keys).Distinct(StringComparer.Ordinal))
            table.Add($"factor.{factor}", [.. rows.Select(row => row.Condition.Factors.GetValueOrDefault(factor))]);
        table.Add("cell", [.. rows.Select(row => row.Condition.Trial.Model.Cell)]);
        table.Add("seed", rows.Select(row => row.Trial.Seed).ToArray());
        table.Add("state", [.. rows.Select(row => ExperimentStore.Word(row.Trial.State))]);
        table.Add("attempts", rows.Select(row => row.Trial.Attempts).ToArray());
        foreach (var column in OutcomeColumn.All)
        {
            double?[] values = [.. rows.Select(row => column.Name switch
            {
                // Counted before training: a trial without an outcome has them, too.
                "parameters" => row.Condition.Parameters,
                "parameters_total" => row.Condition.ParametersTotal,
                _ => row.Outcome is { } outcome ? column.Value(outcome) : null,
            })];
            if (column.IsFlag) table.Add<bool>(column.Name, Array.ConvertAll(values, value => value is { } flag ? flag == 1 : (bool?)null));
            else table.Add<double>(column.Name, values);
        }

        table.Add("device", [.. rows.Select(row => row.Trial.Device)]);
        table.Add("worker", [.. rows.Select(row => row.Trial.Worker)]);
        table.Add("failure", [.. rows.Select(row => row.Trial.Failure)]);
        return table;
    }

    private static ParquetTable Verdicts(IReadOnlyList<VerdictRow> rows)
    {
        var table = new ParquetTable();
        table.Add("claim", [.. rows.Select(row => row.Claim)]);
        table.Add("verdict", [.. rows.Select(row => row.Verdict)]);
        table.Add("statement", [.. rows.Select(row => row.Statement)]);
        table.Add("setting", [.. rows.Select(row => row.Setting)]);
        table.Add("setting_verdict", [.. rows.Select(row => row.SettingVerdict)]);
        table.Add("scale", [.. rows.Select(row => row.Scale)]);
        table.Add<double>("effect", [.. rows.Select(row => row.Effect)]);
        table.Add<double>("low", [.. rows.Select(row => row.Low)]);
        table.Add<double>("high", [.. rows.Select(row => row.High)]);
        table.Add<int>("seeds", [.. rows.Select(row => row.Seeds)]);
        return table;
    }

    private static ParquetTable Points(ExperimentResults results)
    {
        var rows = results.Conditions.SelectMany(condition => condition.Trials)
            .SelectMany(trial => trial.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).SelectMany(metric => metric.Value.Steps.Zip(metric.Value.Values, (step, value) => (trial.Id, metric.Key, Step: step, Value: value)))).ToArray();
        var table = new ParquetTable();
        table.Add("trial", [.. rows.Select(row => row.Id)]);
        table.Add("metric", [.. rows.Select(row => row.Key)]);
        table.Add("step", rows.Select(row => row.Step).ToArray());
        table.Add("value", rows.Select(row => row.Value).ToArray());
        return table;
    }

    private static ParquetTable Gradients(ExperimentResults results)
    {
        var rows = results.Conditions.SelectMany(condition => condition.Trials)
            .SelectMany(trial => trial.Gradients.SelectMany(profile => profile.Norms.Select((norm, lag) => (trial.Id, Profile: profile, Lag: lag, Norm: norm)))).ToArray();
        var table = new ParquetTable();
        table.Add("trial", [.. rows.Select(row => row.Id)]);
        table.Add("moment", [.. rows.Select(row => ExperimentStore.Word(row.Profile.Moment))]);
        table.Add("step", rows.Select(row => row.Profile.Step).ToArray());
        table.Add("state", [.. rows.Select(row => row.Profile.State)]);
        table.Add("layer", rows.Select(row => row.Profile.Layer).ToArray());
        table.Add("backwards", rows.Select(row => row.Profile.Backwards).ToArray());
        table.Add("half_life", rows.Select(row => row.Profile.HalfLife).ToArray());
        table.Add("lag", rows.Select(row => row.Lag).ToArray());
        table.Add("norm", rows.Select(row => row.Norm).ToArray());
        return table;
    }

    private static ParquetTable Predictions(IReadOnlyList<PredictionRow> rows)
    {
        var table = new ParquetTable();
        table.Add("trial", [.. rows.Select(row => row.Trial)]);
        table.Add("condition", [.. rows.Select(row => row.Condition)]);
        table.Add("seed", rows.Select(row => row.Seed).ToArray());
        table.Add("series", [.. rows.Select(row => row.Series)]);
        table.Add("row", rows.Select(row => row.Row).ToArray());
        table.Add<int>("step", rows.Select(row => row.Step).ToArray());
        table.Add<double>("truth", rows.Select(row => row.Truth).ToArray());
        table.Add("truth_class", [.. rows.Select(row => row.TruthClass)]);
        table.Add<double>("predicted", rows.Select(row => row.Predicted).ToArray());
        table.Add("predicted_class", [.. rows.Select(row => row.PredictedClass)]);
        table.Add<double>("probability", rows.Select(row => row.Probability).ToArray());
        table.Add("baseline", [.. rows.Select(row => row.Baseline)]);
        table.Add<double>("baseline_predicted", rows.Select(row => row.BaselinePredicted).ToArray());
        table.Add("baseline_class", [.. rows.Select(row => row.BaselineClass)]);
        table.Add("evaluated", rows.Select(row => row.Evaluated).ToArray());
        return table;
    }

    private static ParquetTable Rounds(ExperimentResults results)
    {
        var rows = results.Timings.Where(trial => trial.Result is not null).SelectMany(trial => trial.Spec.Arms.Zip(trial.Result!.Arms)
            .SelectMany((pair, arm) => pair.Second.StepMs.Select((ms, round) => (Trial: trial, Arm: arm, Step: pair.First.Step, pair.First.Threads, Timing: pair.Second, Round: round, Ms: ms)))).ToArray();
        var table = new ParquetTable();
        table.Add("trial", [.. rows.Select(row => row.Trial.Id)]);
        table.Add("machine", [.. rows.Select(row => row.Trial.Host)]);
        table.Add("arm", rows.Select(row => row.Arm).ToArray());
        table.Add("cell", [.. rows.Select(row => row.Step.Model.Cell)]);
        table.Add("kernel", [.. rows.Select(row => ExperimentStore.Word(row.Step.Model.Kernel))]);
        table.Add("threads", rows.Select(row => row.Threads).ToArray());
        table.Add("task", [.. rows.Select(row => row.Step.Task.Kind)]);
        table.Add("length", rows.Select(row => row.Step.Task.Length).ToArray());
        table.Add("hidden", rows.Select(row => row.Step.Model.Hidden).ToArray());
        table.Add("layers", rows.Select(row => row.Step.Model.Layers).ToArray());
        table.Add("batch", rows.Select(row => row.Step.Train.Batch).ToArray());
        table.Add("round", rows.Select(row => row.Round + 1).ToArray());
        table.Add("ms_per_step", rows.Select(row => row.Ms).ToArray());
        table.Add("cpu_ms", rows.Select(row => row.Timing.CpuMs[row.Round]).ToArray());
        return table;
    }
}
