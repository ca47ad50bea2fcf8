using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;

namespace Harness.Reports.Comparison;

/// <summary>The conditions of several experiments as those of one: what trains the same is one condition, and what sets the others apart becomes their factors.</summary>
internal static class SharedConditions
{
    public static IReadOnlyList<ConditionResults> Of(IReadOnlyList<ExperimentResults> experiments, IReadOnlyList<string> names)
    {
        var distinct = experiments
            .SelectMany((experiment, i) => experiment.Conditions.Select(condition => new Member(i, condition, TrialSettings.Of(condition.Trial))))
            .GroupBy(member => TrialIdentity.Of(member.Condition.Trial with { Seed = 0 }), StringComparer.Ordinal)
            // A trial is its content: what two experiments asked for was trained once and counts once.
            .Select(same => same.First() with { Trials = [.. same.SelectMany(member => member.Condition.Trials).DistinctBy(trial => trial.Id, StringComparer.Ordinal).OrderBy(trial => trial.Seed)], Timed = [.. same.Select(member => member.Condition.Timed).MaxBy(timed => timed.Count(arm => arm.Timing is not null)) ?? []] })
            .ToList();
        var factors = SettingCatalog.Factors.Where(descriptor => IsFactor(descriptor, distinct)).ToList();
        var taken = new HashSet<string>(StringComparer.Ordinal);
        return [.. distinct.Select((member, ordinal) => Condition(member, ordinal, factors, distinct, names, taken))];
    }

    /// <summary>A setting is a factor where a file made it one, or where the same arm has other values of it in another experiment. What merely differs from cell to cell, such as a rate tuned for each, is not.</summary>
    private static bool IsFactor(SettingDescriptor descriptor, List<Member> members)
    {
        if (members.Select(member => member.Level(descriptor)).Distinct(StringComparer.Ordinal).Count() < 2) return false;
        return members.Exists(member => member.Condition.Factors.ContainsKey(descriptor.Name))
            || members.GroupBy(member => member.Arm, StringComparer.Ordinal).Any(arm =>
                arm.GroupBy(member => member.Experiment, member => member.Level(descriptor))
                    .Select(levels => string.Join('\n', levels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)))
                    .Distinct(StringComparer.Ordinal).Skip(1).Any());
    }

    private static ConditionResults Condition(
        Member member, int ordinal, List<SettingDescriptor> factors, List<Member> all, IReadOnlyList<string> names, HashSet<string> taken)
    {
        var levels = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var factor in factors)
            if (member.Level(factor) is { } level) levels[factor.Name] = level;
        var arm = member.Label is { } label
            ? all.Exists(other => other.Experiment != member.Experiment && other.Label == label && other.Model != member.Model) ? $"{label} ({names[member.Experiment]})" : label
            : null;
        if (!taken.Add(Key(arm ?? member.Condition.Trial.Model.Cell)))
        {
            // Watched in another way, or set apart by what is no factor: its experiment's name tells it apart.
            arm = $"{arm ?? ConditionGrid.CellLabel(member.Condition)} ({names[member.Experiment]})";
            taken.Add(Key(arm));
        }

        if (arm is not null) levels[ICondition.ArmFactor] = arm;
        var words = factors.Where(factor => factor.Name != "cell" && levels.ContainsKey(factor.Name) && (arm is null || !IsModel(factor)))
            .Select(factor => factor.Name == "task" ? levels[factor.Name] : $"{factor.Symbol ?? factor.Name}={levels[factor.Name]}");
        return member.Condition with { Ordinal = ordinal, Label = string.Join(' ', words.Prepend(arm ?? member.Condition.Trial.Model.Cell)), Factors = levels, Trials = member.Trials, Timed = member.Timed };

        string Key(string name) => string.Join('\n', levels.Select(level => $"{level.Key}={level.Value}").Prepend(name));
    }

    private static bool IsModel(SettingDescriptor descriptor) => descriptor.Identity!.StartsWith("model.", StringComparison.Ordinal);

    /// <param name="Experiment">Which of the experiments, from 0.</param>
    private sealed record Member(int Experiment, ConditionResults Condition, IReadOnlyDictionary<string, string> Settings)
    {
        public IReadOnlyList<TrialResult> Trials { get; init; } = [];

        public IReadOnlyList<TimedArm> Timed { get; init; } = [];

        public string? Label { get; } = Condition.Factors.GetValueOrDefault(ICondition.ArmFactor);

        public string Arm => $"{Label}\n{Condition.Trial.Model.Cell}";

        public ModelSpec Model => Condition.Trial.Model;

        public string? Level(SettingDescriptor descriptor) => descriptor.Identity is { } path ? Settings.GetValueOrDefault(path) : null;
    }
}
