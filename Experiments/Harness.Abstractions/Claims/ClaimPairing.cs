using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Claims;

/// <summary>The conditions that answer a claim once. A claim holds only if it holds in all of its settings.</summary>
/// <param name="Conditions">A comparison's arm and its rival, or the arm alone where the rival is a baseline; a threshold's arm alone; a trend's levels, ascending.</param>
public sealed record ClaimSetting<T>(IReadOnlyList<T> Conditions) where T : class, ICondition;

/// <summary>Finds the conditions that answer a claim. Reader, plan and report all use it, so that a claim that passes validation is tested.</summary>
public static class ClaimPairing
{
    private const string CellFactor = "cell";

    /// <summary>The settings of a claim, in the order of <paramref name="conditions"/>; none if the experiment cannot answer it.</summary>
    public static IReadOnlyList<ClaimSetting<T>> Settings<T>(ClaimSpec claim, IReadOnlyList<T> conditions) where T : class, ICondition
    {
        ArgumentNullException.ThrowIfNull(claim);
        ArgumentNullException.ThrowIfNull(conditions);
        var named = Named(claim, conditions, claim.That);
        return claim switch
        {
            // A baseline is evaluated on the data of the arm that it is compared with.
            { Rival: { } rival } when IsBaseline(rival, conditions) => [.. named.Select(condition => new ClaimSetting<T>([condition]))],
            { Rival: { } rival } => Pairs(named, Named(claim, conditions, rival)),
            TrendClaim trend => Rows(named, trend.GrowsWith),
            _ => [.. named.Select(condition => new ClaimSetting<T>([condition]))],
        };
    }

    /// <summary>Whether a claim's rival is a baseline of <see cref="BaselineCatalog"/>: an arm of the experiment comes first.</summary>
    public static bool IsBaseline<T>(string rival, IReadOnlyList<T> conditions) where T : class, ICondition =>
        BaselineCatalog.Find(rival) is not null && !conditions.Any(condition => string.Equals(ICondition.ArmOf(condition), rival, StringComparison.Ordinal));

    /// <summary>
    /// Why a comparison has no settings: the factors in which the two most similar conditions of its arms differ, and these conditions;
    /// null if one of the arms has no condition.
    /// </summary>
    internal static (IReadOnlyList<string> Factors, T First, T Second)? Obstacle<T>(ClaimSpec claim, IReadOnlyList<T> conditions) where T : class, ICondition
    {
        var (first, second) = (Named(claim, conditions, claim.That), Named(claim, conditions, claim.Rival!));
        if (first.Count == 0 || second.Count == 0) return null;
        var shared = SharedFactors(first, second);
        // A sample suffices for a message.
        var nearest = first.Take(100).SelectMany(a => second.Take(100), (a, b) => (First: a, Second: b, Factors: shared.FindAll(factor => Level(a, factor) != Level(b, factor)))).MinBy(pair => pair.Factors.Count);
        return (nearest.Factors, nearest.First, nearest.Second);
    }

    private static List<T> Named<T>(ClaimSpec claim, IReadOnlyList<T> conditions, string arm) where T : class, ICondition =>
        [.. conditions.Where(condition => string.Equals(ICondition.ArmOf(condition), arm, StringComparison.Ordinal) && claim.Covers(condition.Factors))];

    /// <summary>Every condition of one arm with every condition of the other that agrees with it in all shared factors.</summary>
    private static List<ClaimSetting<T>> Pairs<T>(List<T> first, List<T> second) where T : class, ICondition
    {
        var shared = SharedFactors(first, second);
        var rivals = second.ToLookup(condition => Key(condition, shared), StringComparer.Ordinal);
        return [.. first.SelectMany(condition => rivals[Key(condition, shared)], (condition, rival) => new ClaimSetting<T>([condition, rival]))];
    }

    /// <summary>
    /// The factors in which two conditions must agree to be compared. A factor that only one arm has (a forget bias) cannot agree. A factor in
    /// which the arms have no level in common is what a label stands for (lstm+fb2), unless it belongs to the question, as task and length do.
    /// </summary>
    private static List<string> SharedFactors<T>(List<T> first, List<T> second) where T : class, ICondition
    {
        var isLabelled = first.Concat(second).Any(condition => condition.Factors.ContainsKey(ICondition.ArmFactor));
        return [.. Factors(first.Concat(second)).Where(factor => Levels(first, factor) is { Count: > 0 } a && Levels(second, factor) is { Count: > 0 } b && (!isLabelled || IsQuestion(factor) || a.Overlaps(b)))];
    }

    private static bool IsQuestion(string factor) =>
        SettingCatalog.Find(factor) is { } setting && (setting.Path.StartsWith("task.", StringComparison.Ordinal) || setting.Path.StartsWith("evaluation.", StringComparison.Ordinal));

    /// <summary>Conditions of one arm that differ in the trend's factor only, with at least two levels that are numbers.</summary>
    private static List<ClaimSetting<T>> Rows<T>(List<T> named, string factor) where T : class, ICondition
    {
        var others = Factors(named).Where(other => other != factor && !IsBudget(named, factor, other)).ToList();
        return [.. named.Where(condition => Number(condition, factor) is not null)
            .GroupBy(condition => Key(condition, others), StringComparer.Ordinal)
            .Where(row => row.Select(condition => Number(condition, factor)).Distinct().Skip(1).Any())
            .Select(row => new ClaimSetting<T>([.. row.OrderBy(condition => Number(condition, factor))]))];
    }

    /// <summary>
    /// Whether a batch or a number of steps goes with each level of the trend's factor, as where tokens per step are held constant. It then
    /// belongs to the trend, and does not tear its levels apart.
    /// </summary>
    private static bool IsBudget<T>(List<T> named, string factor, string other) where T : class, ICondition => other is "batch" or "steps"
        && named.GroupBy(condition => Level(condition, factor), StringComparer.Ordinal).All(level => !level.Select(condition => Level(condition, other)).Distinct(StringComparer.Ordinal).Skip(1).Any());

    private static IEnumerable<string> Factors<T>(IEnumerable<T> conditions) where T : class, ICondition => conditions
        .SelectMany(condition => condition.Factors.Keys).Where(factor => factor is not (CellFactor or ICondition.ArmFactor)).Distinct(StringComparer.Ordinal);

    private static HashSet<string> Levels<T>(List<T> conditions, string factor) where T : class, ICondition =>
        conditions.Select(condition => Level(condition, factor)).OfType<string>().ToHashSet(StringComparer.Ordinal);

    private static string? Level(ICondition condition, string factor) => condition.Factors.GetValueOrDefault(factor);

    private static double? Number(ICondition condition, string factor) =>
        double.TryParse(Level(condition, factor), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static string Key(ICondition condition, List<string> factors) => string.Join('\n', factors.Select(factor => Level(condition, factor)));
}
