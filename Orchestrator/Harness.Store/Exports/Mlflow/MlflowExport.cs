using System.Globalization;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Store.Exports.Mlflow;

/// <summary>
/// Sends an experiment to an MLflow server: a run for each trial with its settings, curves and results, and the verdicts as tags of the experiment.
/// A trial that is there already is not sent again, and a run that an interrupted export left is replaced.
/// </summary>
internal static class MlflowExport
{
    /// <summary>The most that one request may hold, see <c>runs/log-batch</c>.</summary>
    public const int MostMetrics = 1000, MostParameters = 100;

    /// <summary>The longest value that all versions of MLflow take: of a parameter, and of a tag.</summary>
    public const int LongestParameter = 500, LongestTag = 5000;

    /// <summary>The tag that says which trial a run is.</summary>
    public const string TrialTag = "harness.trial";

    /// <param name="verdicts">By claim, the verdict and its sentence.</param>
    /// <returns>How many runs were sent, and how many were there already.</returns>
    public static async Task<(int Sent, int Known)> Send(ExperimentResults results, IReadOnlyList<(string Claim, string Text)> verdicts, MlflowClient server, CancellationToken cancellation)
    {
        var experiment = await server.Experiment(results.Name, cancellation);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in await server.Runs(experiment, cancellation))
        {
            if (run.Data?.Tags?.FirstOrDefault(tag => tag.Key == TrialTag)?.Value is not { } trial) continue;
            // One that was never ended, or a twin.
            if (run.Info.Status is not ("FINISHED" or "FAILED") || !known.Add(trial)) await server.Delete(run.Info.RunId, cancellation);
        }

        if (results.Question is { Length: > 0 } question) await server.Tag(new SetExperimentTag(experiment, "mlflow.note.content", Shortened(question, LongestTag)), cancellation);
        foreach (var (claim, text) in verdicts) await server.Tag(new SetExperimentTag(experiment, Name($"verdict.{claim}"), Shortened(text, LongestTag)), cancellation);

        var (sent, skipped) = (0, 0);
        foreach (var condition in results.Conditions)
        {
            foreach (var trial in condition.Trials.Where(trial => trial.State.IsTerminal() && (trial.Outcome is not null || trial.Metrics.Count > 0)))
            {
                if (known.Contains(trial.Id)) skipped++;
                else await Send(results, condition, trial, experiment, server, cancellation);
                sent++;
            }
        }

        return (sent - skipped, skipped);
    }

    private static async Task Send(ExperimentResults results, ConditionResults condition, TrialResult trial, string experiment, MlflowClient server, CancellationToken cancellation)
    {
        var start = results.SubmittedAt.ToUnixTimeMilliseconds();
        var stepTime = trial.Outcome?.MillisecondsPerStep ?? 0;
        var run = await server.Create(new CreateRun(experiment, FormattableString.Invariant($"{condition.Label} seed {trial.Seed}"), start,
            [new(TrialTag, trial.Id), new("harness.condition", Shortened(condition.Label, LongestTag)), new("harness.state", ExperimentStore.Word(trial.State)), new("mlflow.source.name", "harness")]), cancellation);

        foreach (var batch in Parameters(condition, trial).Chunk(MostParameters)) await server.Log(new LogBatch(run, [], batch, []), cancellation);
        var last = trial.Outcome?.Steps ?? 0;
        var points = trial.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal)
            .SelectMany(metric => metric.Value.Steps.Zip(metric.Value.Values, (step, value) => new MlflowMetric(Name(metric.Key), value, start + (long)(step * stepTime), step)))
            .Concat(trial.Outcome is null ? [] : OutcomeColumn.All.Select(column => (column.Name, Value: column.Value(trial.Outcome))).Where(column => column.Value is not null)
                .Select(column => new MlflowMetric(column.Name, column.Value!.Value, start + (long)(last * stepTime), last)));
        foreach (var batch in points.Chunk(MostMetrics)) await server.Log(new LogBatch(run, batch, [], []), cancellation);
        await server.Update(new UpdateRun(run, trial.State.HasResult() ? "FINISHED" : "FAILED", start + (long)((trial.Outcome?.TrainSeconds ?? 0) * 1000)), cancellation);
    }

    /// <summary>Every setting that belongs to the trial's identity, by its path in the experiment file.</summary>
    private static IEnumerable<MlflowPair> Parameters(ConditionResults condition, TrialResult trial) =>
        TrialSettings.Of(condition.Trial).Append(new("seed", trial.Seed.ToString(CultureInfo.InvariantCulture))).OrderBy(setting => setting.Key, StringComparer.Ordinal).Select(setting => new MlflowPair(Name(setting.Key), Shortened(setting.Value, LongestParameter)));

    /// <summary>MLflow takes letters, digits and a few marks, at most 250 of them.</summary>
    private static string Name(string name) => Shortened(string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || "_-. /".Contains(letter, StringComparison.Ordinal) ? letter : '_')), 250);

    private static string Shortened(string text, int longest) => text.Length <= longest ? text : text[..(char.IsHighSurrogate(text[longest - 2]) ? longest - 2 : longest - 1)] + "…";
}
