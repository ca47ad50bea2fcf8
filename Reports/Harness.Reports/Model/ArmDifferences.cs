using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>In what else the two arms of a claim differ: a learning rate of its own can make a cell win.</summary>
internal static class ArmDifferences
{
    /// <summary>A line for each set of differences beyond the claim's subject; none where the arms differ in nothing else.</summary>
    public static IEnumerable<string> Of(ClaimSpec claim, IReadOnlyList<Facet> panels, Texts texts) => claim.Rival is null ? [] : ClaimFacets.Of(claim, panels)
        .Where(facet => facet.Arms.Count > 1).Select(facet => Differences(facet.Arms[0], facet.Arms[1], texts)).Where(words => words.Length > 0).Distinct(StringComparer.Ordinal).Select(texts.ArmsAlsoDiffer);

    private static string Differences(Arm first, Arm second, Texts texts)
    {
        var (a, b) = (first.Condition.Trial, second.Condition.Trial);
        var (settingsA, settingsB) = (TrialSettings.Of(a), TrialSettings.Of(b));
        var isOneCell = string.Equals(a.Model.Cell, b.Model.Cell, StringComparison.Ordinal);
        // What only one cell has belongs to the cell; what the label of a variant stands for is the claim's subject.
        return string.Join("; ", SettingCatalog.Factors
            .Where(setting => setting.Identity is not null && setting.Name != "cell" && !(isOneCell && first.Condition.Factors.ContainsKey(setting.Name)))
            .Where(setting => Has(a, setting) && Has(b, setting) && !(setting.Name == "hidden" && SizeComparison.AreMatched(a, b)))
            .Select(setting => (setting.Name, First: Value(settingsA, setting), Second: Value(settingsB, setting)))
            .Where(pair => pair.First != pair.Second)
            .Select(pair => $"{texts.FactorName(pair.Name)} ({first.Label} {pair.First}, {second.Label} {pair.Second})"));
    }

    private static bool Has(TrialSpec trial, SettingDescriptor setting) => setting.AppliesTo?.Invoke(Harness.Abstractions.Catalog.CellCatalog.Get(trial.Model.Cell)) != false;

    /// <summary>An absent setting has its default.</summary>
    private static string Value(IReadOnlyDictionary<string, string> settings, SettingDescriptor setting) => settings.GetValueOrDefault(setting.Identity!) ?? setting.Default ?? Numbers.Absent;
}

/// <summary>How the sizes of models compare.</summary>
internal static class SizeComparison
{
    /// <summary>Whether sizes differ so that parameters (with the output layer) or operations are the same.</summary>
    public static bool AreMatched(TrialSpec a, TrialSpec b) => Same(a, b, ModelSize.ParametersTotal) || Same(a, b, ModelSize.FlopsPerStep);

    /// <summary>How the cells that are compared were matched: by parameters, by operations, by hidden size, or not at all.</summary>
    public static string Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        // Cells that meet in otherwise equal conditions.
        var pairs = conditions.GroupBy(condition => string.Join('\n', condition.Factors.Where(factor => factor.Key is not ("cell" or "hidden" or ICondition.ArmFactor)).Select(factor => $"{factor.Key}={factor.Value}")), StringComparer.Ordinal)
            .Select(group => group.Select(condition => condition.Trial).DistinctBy(trial => trial.Model.Cell, StringComparer.Ordinal).ToList())
            .SelectMany(trials => trials.Skip(1).Select(trial => (First: trials[0], Second: trial))).ToList();
        if (pairs.Count == 0) return "";
        if (pairs.TrueForAll(pair => pair.First.Model.Hidden == pair.Second.Model.Hidden)) return texts.ScopeMatched("hidden");
        if (pairs.TrueForAll(pair => Same(pair.First, pair.Second, ModelSize.ParametersTotal))) return texts.ScopeMatched("parameters");
        return texts.ScopeMatched(pairs.TrueForAll(pair => Same(pair.First, pair.Second, ModelSize.FlopsPerStep)) ? "flops" : "none");
    }

    private static bool Same(TrialSpec a, TrialSpec b, Func<TrialSpec, double> size) => Math.Abs(size(a) - size(b)) <= SizeMatch.LargestMismatch * Math.Max(size(a), size(b));

    private static bool Same(TrialSpec a, TrialSpec b, Func<TrialSpec, long> size) => Same(a, b, trial => (double)size(trial));
}
