using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Comparison;

/// <summary>A setting in which two experiments ask different questions.</summary>
/// <param name="Setting">Its path in the trial.</param>
/// <param name="First">Its values in the first experiment, joined.</param>
/// <param name="Second">Likewise.</param>
public sealed record SettingDifference(string Setting, string First, string Second);

/// <summary>Why two experiments cannot stand side by side.</summary>
/// <param name="First">What the first is called.</param>
/// <param name="Settings">In what the two conditions differ that come closest to each other.</param>
public sealed record Incomparable(string First, string Second, IReadOnlyList<SettingDifference> Settings);

/// <summary>
/// Puts experiments that were run apart side by side, as if they had been one. Models, optimizers and machines may differ: they become
/// factors. What is asked of them may not: at least one condition of every experiment must ask what one of the first asks, or nothing
/// in the report would compare them.
/// </summary>
public static class ExperimentComparison
{
    /// <summary>Settings that make an arm, or say how it is watched; all others are the question: task, budget, evaluation and target.</summary>
    private static readonly string[] Free = ["model.", "train.optimizer.", "train.clip_", "dtype", "device", "probe."];

    /// <returns>The experiments as one, without claims (those of a file were written for its own data), or why they cannot be compared.</returns>
    public static (ExperimentResults? Together, Incomparable? Obstacle) Combine(IReadOnlyList<ExperimentResults> experiments)
    {
        ArgumentNullException.ThrowIfNull(experiments);
        var names = Names(experiments);
        var questions = experiments.Select(experiment => Questions(experiment).ToList()).ToList();
        for (var i = 1; i < experiments.Count; i++)
        {
            var nearest = questions[0].SelectMany(first => questions[i], Differing).OrderBy(paths => paths.Count).FirstOrDefault();
            if (nearest is { Count: 0 }) continue;
            return (null, new(names[0], names[i], [.. (nearest ?? []).Select(path => new SettingDifference(path, Levels(questions[0], path), Levels(questions[i], path)))]));
        }

        var conditions = SharedConditions.Of(experiments, names);
        var planned = experiments.Sum(experiment => experiment.Conditions.Sum(condition => condition.Trials.Count));
        return (new ExperimentResults(
            Each(experiments, e => e.Id), string.Join(" · ", names),
            experiments.Select(e => e.Question).Distinct(StringComparer.Ordinal).Skip(1).Any() ? null : experiments[0].Question,
            string.Join("\n", experiments.Select((e, i) => $"# {names[i]}\n{e.SpecText}")), Each(experiments, e => e.SpecPath), Each(experiments, e => e.SpecDigest),
            [.. experiments.SelectMany((e, i) => e.Overrides.Select(change => $"{names[i]}: {change}"))],
            experiments.Min(e => e.SubmittedAt), experiments.All(e => e.FinishedAt is not null) ? experiments.Max(e => e.FinishedAt) : null,
            string.Join("\n", [.. experiments.Select(e => e.ReproduceCommand), $"./harness compare {string.Join(' ', experiments.Select(e => e.Id))}"]),
            experiments[0].HarnessVersion, conditions, Environments(experiments))
        {
            Timings = [.. experiments.SelectMany(e => e.Timings).DistinctBy(trial => trial.Id, StringComparer.Ordinal)],
            Report = new()
            {
                Questions = experiments[0].Report.Questions,
                Sources = experiments.SelectMany(e => e.Report.Sources ?? new Dictionary<string, FileSource>(StringComparer.Ordinal)).DistinctBy(source => source.Key, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal),
            },
            Damage = [.. experiments.SelectMany(e => e.Damage)],
            Comparison = new(names, planned - conditions.Sum(condition => condition.Trials.Count)),
        }, null);
    }

    private static List<string> Names(IReadOnlyList<ExperimentResults> experiments) =>
        [.. experiments.Select(e => experiments.Count(other => other.Name == e.Name) > 1 ? $"{e.Name} #{e.Id}" : e.Name)];

    private static string Each(IReadOnlyList<ExperimentResults> experiments, Func<ExperimentResults, string> text) =>
        string.Join(", ", experiments.Select(text).Distinct(StringComparer.Ordinal));

    /// <summary>The different questions that an experiment's conditions ask.</summary>
    private static IEnumerable<Dictionary<string, string>> Questions(ExperimentResults experiment) => experiment.Conditions
        .Select(condition => TrialSettings.Of(condition.Trial).Where(setting => !Free.Any(free => setting.Key.StartsWith(free, StringComparison.Ordinal))).ToDictionary(StringComparer.Ordinal))
        .DistinctBy(question => string.Join('\n', question), StringComparer.Ordinal);

    private static List<string> Differing(Dictionary<string, string> first, Dictionary<string, string> second) =>
        [.. first.Keys.Union(second.Keys, StringComparer.Ordinal).Where(path => first.GetValueOrDefault(path) != second.GetValueOrDefault(path))];

    private static string Levels(List<Dictionary<string, string>> questions, string path) =>
        string.Join(", ", questions.Select(question => question.GetValueOrDefault(path, "not set")).Distinct(StringComparer.Ordinal));

    private static List<EnvironmentRecord> Environments(IReadOnlyList<ExperimentResults> experiments) =>
        [.. experiments.SelectMany(e => e.Environments).DistinctBy(e => System.Text.Json.JsonSerializer.Serialize(e, HarnessJson.Default.EnvironmentRecord), StringComparer.Ordinal)];
}
