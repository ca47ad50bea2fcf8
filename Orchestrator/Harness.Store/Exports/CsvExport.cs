using System.Globalization;
using Harness.Abstractions.Results;

namespace Harness.Store.Exports;

/// <summary>Results as CSV (RFC 4180, UTF-8): one row per trial, and in files beside it one row per recorded point, one per stored prediction of the test part, one per claim and setting, and, where speed was measured, one per arm and round.</summary>
internal static class CsvExport
{
    /// <param name="path">The trials' file; the points go beside it, to <c>NAME.metrics.csv</c>.</param>
    /// <param name="verdicts">The claims as the report decides them.</param>
    /// <returns>The files written.</returns>
    public static IReadOnlyList<string> Write(ExperimentResults results, IReadOnlyList<VerdictRow> verdicts, string path)
    {
        UnfinishedFile.Write(path, file => Lines(file, Trials(results)));
        // A device or standard output has no place beside it.
        if (path == UnfinishedFile.StandardOutput || !FileKind.IsReplaceable(path)) return [path];
        var points = Path.ChangeExtension(path, null) + ".metrics.csv";
        UnfinishedFile.Write(points, file => Lines(file, Points(results)));
        List<string> files = [path, points];
        var predictions = PredictionRow.Of(results);
        if (predictions.Count > 0) Beside("predictions", Predictions(predictions));
        if (verdicts.Count > 0) Beside("verdicts", Verdicts(verdicts));
        if (results.Timings.Any(trial => trial.Result is not null)) Beside("timing", Rounds(results));
        return files;

        void Beside(string what, IEnumerable<IEnumerable<string>> rows)
        {
            files.Add($"{Path.ChangeExtension(path, null)}.{what}.csv");
            UnfinishedFile.Write(files[^1], file => Lines(file, rows));
        }
    }

    private static IEnumerable<IEnumerable<string>> Verdicts(IReadOnlyList<VerdictRow> rows)
    {
        yield return VerdictRow.Columns;
        foreach (var row in rows)
            yield return [Text(row.Claim), row.Verdict, Text(row.Statement), Text(row.Setting), row.SettingVerdict ?? "", row.Scale ?? "", Number(row.Effect), Number(row.Low), Number(row.High), Number(row.Seeds)];
    }

    private static IEnumerable<IEnumerable<string>> Predictions(IReadOnlyList<PredictionRow> rows)
    {
        yield return PredictionRow.Columns;
        foreach (var row in rows)
        {
            yield return
            [
                row.Trial, Text(row.Condition), Number(row.Seed), Text(row.Series), Number(row.Row), Number(row.Step), Number(row.Truth), Text(row.TruthClass), Number(row.Predicted), Text(row.PredictedClass),
                Number(row.Probability), Text(row.Baseline), Number(row.BaselinePredicted), Text(row.BaselineClass), row.Evaluated ? "1" : "0",
            ];
        }
    }

    private static IEnumerable<IEnumerable<string>> Rounds(ExperimentResults results)
    {
        yield return
        [
            "trial", "machine", "arm", "cell", "kernel", "threads", "task", "length", "hidden", "layers", "bidirectional", "batch", "optimizer", "dtype", "device", "round",
            "ms_per_step", "cpu_ms", "data_ms", "forward_ms", "backward_ms", "update_ms",
        ];
        foreach (var trial in results.Timings)
        {
            for (var arm = 0; arm < (trial.Result?.Arms.Count ?? 0); arm++)
            {
                var (of, timing) = (trial.Spec.Arms[arm], trial.Result!.Arms[arm]);
                var step = of.Step;
                for (var round = 0; round < timing.StepMs.Length; round++)
                {
                    yield return
                    [
                        trial.Id, Text(trial.Host), Number(arm), Text(step.Model.Cell), ExperimentStore.Word(step.Model.Kernel), Number(of.Threads), Text(step.Task.Kind), Number(step.Task.Length),
                        Number(step.Model.Hidden), Number(step.Model.Layers), step.Model.Bidirectional ? "1" : "0", Number(step.Train.Batch), ExperimentStore.Word(step.Train.Optimizer.Kind),
                        ExperimentStore.Word(step.Dtype), ExperimentStore.Word(step.Device), Number(round + 1), Number(timing.StepMs[round]), Number(timing.CpuMs[round]),
                        Number(timing.DataMs[round]), Number(timing.ForwardMs[round]), Number(timing.BackwardMs[round]), Number(timing.UpdateMs[round]),
                    ];
                }
            }
        }
    }

    private static IEnumerable<IEnumerable<string>> Trials(ExperimentResults results)
    {
        List<string> factors = [.. results.Conditions.SelectMany(condition => condition.Factors.Keys).Distinct(StringComparer.Ordinal)];
        yield return
        [
            "trial", "condition", .. factors.Select(factor => Text($"factor.{factor}")), "seed", "state", "attempts", .. OutcomeColumn.All.Select(column => column.Name),
            "device", "worker", "failure", "self_check",
        ];
        foreach (var condition in results.Conditions)
        {
            foreach (var trial in condition.Trials)
            {
                yield return
                [
                    trial.Id, Text(condition.Label), .. factors.Select(factor => Text(condition.Factors.GetValueOrDefault(factor))), Number(trial.Seed), ExperimentStore.Word(trial.State), Number(trial.Attempts),
                    .. OutcomeColumn.All.Select(column => Number(column.Name switch
                    {
                        // Counted before training: a trial without an outcome has them, too.
                        "parameters" => condition.Parameters,
                        "parameters_total" => condition.ParametersTotal,
                        _ => trial.Outcome is { } outcome ? column.Value(outcome) : null,
                    })),
                    Text(trial.Device), Text(trial.Worker), Text(trial.Failure), trial.IsUnchecked ? "missing" : "",
                ];
            }
        }
    }

    private static IEnumerable<IEnumerable<string>> Points(ExperimentResults results)
    {
        yield return ["trial", "metric", "step", "value"];
        foreach (var trial in results.Conditions.SelectMany(condition => condition.Trials))
            foreach (var (metric, series) in trial.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
                for (var i = 0; i < series.Steps.Length; i++)
                    yield return [trial.Id, Text(metric), Number(series.Steps[i]), Number(series.Values[i])];
    }

    /// <summary>A text cell. What a spreadsheet would take for a formula gets an apostrophe in front (OWASP, CSV injection).</summary>
    internal static string Text(string? text)
    {
        if (string.IsNullOrEmpty(text)) return "";
        var safe = text[0] is '=' or '+' or '-' or '@' or '\t' or '\r' or '\n' ? "'" + text : text;
        return safe.AsSpan().IndexOfAny("\",\r\n") < 0 ? safe : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }

    private static string Number<T>(T value)
        where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Number<T>(T? value)
        where T : struct, IFormattable => value is { } number ? Number(number) : "";

    private static void Lines(string path, IEnumerable<IEnumerable<string>> rows)
    {
        using var file = new StreamWriter(path) { NewLine = "\r\n" };
        foreach (var row in rows) file.WriteLine(string.Join(',', row));
    }
}
