using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Reports.Figures;
using Harness.Reports.Formatting;
using Harness.Reports.Model;
using Harness.Reports.Wording;

namespace Harness.Reports.Conditions;

/// <summary>One condition as a line of a figure.</summary>
/// <param name="Key">Identifies the arm in all panels, e.g. for highlighting.</param>
/// <param name="Label">The cell's name, and what else sets the arm apart.</param>
/// <param name="Statistics">What the condition's trials say together, computed once.</param>
internal sealed record Arm(string Key, string Label, SeriesStyle Style, ConditionResults Condition, TrialStatistics Statistics)
{
    /// <summary>The moment at which a claim reads a probed metric; null takes the last one that was probed.</summary>
    public ProbeMoment? At { get; init; }
}

/// <summary>Conditions that are compared with each other: they differ in the cell (or arm) only.</summary>
/// <param name="Label">What they share, e.g. <c>length 100</c>; empty when the experiment has one facet.</param>
internal sealed record Facet(string Label, IReadOnlyList<Arm> Arms)
{
    /// <summary>The parts of the label with the factor that each is about.</summary>
    public IReadOnlyList<(string Factor, string Level)> Levels { get; init; } = [];

    /// <summary>The metrics of the claims that look at it, see <see cref="FacetSelection.Asked"/>.</summary>
    public IReadOnlyList<string> Asked { get; init; } = [];
}

/// <summary>
/// Splits an experiment's factors into those that separate panels (a length, a size: every level is met by several cells)
/// and those that tell arms apart inside a panel (the cell, and factors that only some cells have, such as a forget bias).
/// </summary>
internal static class ConditionGrid
{
    private const string CellFactor = "cell";

    /// <summary>What people think in: always named where it varies, and named first.</summary>
    private const string TaskFactor = "task", LengthFactor = "length";

    /// <param name="texts">What factors are called; English when null.</param>
    public static IReadOnlyList<Facet> From(IReadOnlyList<ConditionResults> conditions, Texts? texts = null)
    {
        texts ??= Texts.In(null);
        var factors = conditions.SelectMany(c => c.Factors.Keys).Distinct(StringComparer.Ordinal).Where(f => f != CellFactor).ToList();
        List<string> panelFactors = [.. PanelFactors(conditions, factors).OrderBy(factor => factor switch { TaskFactor => 0, LengthFactor => 1, _ => 2 })];
        var named = Telling(conditions, panelFactors, texts);
        var armFactors = factors.Except(panelFactors, StringComparer.Ordinal).ToList();
        var armKeys = conditions.Select(c => ArmKey(c, armFactors)).Distinct(StringComparer.Ordinal).ToList();
        var cells = armKeys.Select(key => conditions.First(c => ArmKey(c, armFactors) == key).Trial.Model.Cell).ToList();
        var styles = Palette.For(cells);
        return
        [
            .. conditions
                .GroupBy(c => FacetLabel(c, panelFactors, texts), StringComparer.Ordinal)
                .Select(group => new Facet(FacetLabel(group.First(), named, texts),
                [
                    .. group.Select(c => new Arm(ArmKey(c, armFactors), ArmLabel(c, Distinguishing(c, conditions, armFactors), texts), styles[armKeys.IndexOf(ArmKey(c, armFactors))], c, new TrialStatistics(c))),
                ])
                {
                    Levels = [.. named.Select(factor => (factor, Level(group.First(), factor, texts)))],
                }),
        ];
    }

    /// <summary>Those of the factors that tell the arms of one cell apart: what all of them share needs no mention.</summary>
    private static List<string> Distinguishing(ConditionResults condition, IReadOnlyList<ConditionResults> all, List<string> factors)
    {
        var siblings = all.Where(other => other.Trial.Model.Cell == condition.Trial.Model.Cell && !other.Factors.ContainsKey(ICondition.ArmFactor)).ToList();
        return [.. factors.Where(factor => siblings.Select(other => other.Factors.GetValueOrDefault(factor, "")).Distinct(StringComparer.Ordinal).Skip(1).Any())];
    }

    /// <summary>The task, and those of the other factors that suffice to tell the panels apart: a task that is always trained for as many steps needs no mention of them.</summary>
    private static List<string> Telling(IReadOnlyList<ConditionResults> conditions, List<string> factors, Texts texts)
    {
        var telling = factors.ToList();
        foreach (var factor in factors.AsEnumerable().Reverse().Where(factor => factor != TaskFactor))
        {
            var without = telling.Where(kept => kept != factor).ToList();
            if (Count(without) == Count(factors)) telling = without;
        }

        return telling;

        int Count(List<string> some) => conditions.Select(condition => FacetLabel(condition, some, texts)).Distinct(StringComparer.Ordinal).Count();
    }

    /// <summary>The factors that separate panels. What a labelled arm changes sets the arm apart, so arms without a label decide where there are any.</summary>
    private static List<string> PanelFactors(IReadOnlyList<ConditionResults> all, List<string> factors)
    {
        var plain = all.Where(condition => !condition.Factors.ContainsKey(ICondition.ArmFactor)).ToList();
        var conditions = plain.Count > 0 ? plain : all;
        var cells = conditions.Select(c => c.Trial.Model.Cell).Distinct(StringComparer.Ordinal).Count();
        if (cells > 1)
        {
            // A level that labelled arms share with a plain one separates panels as well: a length at which two of three cells were given another size.
            var several = factors.Where(factor => conditions.Select(c => c.Factors.GetValueOrDefault(factor, "")).Distinct(StringComparer.Ordinal).Skip(1).Any()).ToList();
            return [.. Shared(conditions, factors, CellOf).Union(Shared(all, several, CellOf), StringComparer.Ordinal)];
        }

        // An ablation of one cell: its variants are the arms.
        if (all.Any(condition => condition.Factors.ContainsKey(ICondition.ArmFactor))) return Shared(all, [.. factors.Where(factor => factor != ICondition.ArmFactor)], ICondition.ArmOf);
        // One cell only: its levels are what is compared, so the last factor's levels become the arms.
        return factors.Count <= 1 ? [] : factors[..^1];
    }

    private static string CellOf(ConditionResults condition) => condition.Trial.Model.Cell;

    /// <summary>The factors with several levels, each met by several arms.</summary>
    private static List<string> Shared(IReadOnlyList<ConditionResults> conditions, List<string> factors, Func<ConditionResults, string> arm) =>
        [.. factors.Where(factor => conditions.GroupBy(c => c.Factors.GetValueOrDefault(factor, ""), StringComparer.Ordinal).ToList() is { Count: > 1 } levels
            && levels.TrueForAll(level => level.Select(arm).Distinct(StringComparer.Ordinal).Skip(1).Any()))];

    private static string FacetLabel(ConditionResults condition, List<string> factors, Texts texts) =>
        string.Join(" · ", factors.Select(factor => Level(condition, factor, texts)));

    private static string ArmKey(ConditionResults condition, List<string> factors) =>
        string.Join("|", factors.Select(factor => condition.Factors.GetValueOrDefault(factor, "")).Prepend(condition.Trial.Model.Cell));

    private static string ArmLabel(ConditionResults condition, List<string> factors, Texts texts) =>
        condition.Factors.TryGetValue(ICondition.ArmFactor, out var label) ? label :
        string.Join(" ", factors.Where(factor => IsSet(condition, factor)).Select(factor => Level(condition, factor, texts)).Prepend(CellLabel(condition)));

    /// <summary>Whether there is a level to speak of: a bias that is drawn like any other weight sets nothing apart.</summary>
    private static bool IsSet(ConditionResults condition, string factor) =>
        condition.Factors.TryGetValue(factor, out var level) && SettingCatalog.Find(factor)?.Default is var usual && !string.Equals(level, usual, StringComparison.Ordinal);

    /// <summary>The factor's name and its level, <c>length 100</c>; a task by its name alone.</summary>
    private static string Level(ConditionResults condition, string factor, Texts texts) => condition.Factors.GetValueOrDefault(factor) is not { } level ? $"{texts.FactorName(factor)} {Numbers.Absent}"
        : factor == TaskFactor ? texts.TaskName(level) : $"{texts.FactorName(factor)} {level}";

    public static string CellLabel(ConditionResults condition) =>
        CellCatalog.Find(condition.Trial.Model.Cell)?.DisplayName ?? condition.Trial.Model.Cell;
}
