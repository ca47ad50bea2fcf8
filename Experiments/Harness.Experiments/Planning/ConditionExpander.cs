using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>Expands checked settings into conditions: the matrix without its exclusions, then the included arms.</summary>
internal sealed class ConditionExpander(ExperimentSettings settings, DiagnosticList diagnostics)
{
    /// <summary>The largest experiment: more trials than this are a mistake in the file, or want a campaign of several.</summary>
    public const int MostTrials = 100_000;

    private readonly List<Draft> drafts = [];
    private readonly bool[] applied = new bool[SettingCatalog.All.Count];
    private readonly HashSet<Exclusion> effective = [];
    private readonly ConditionRules rules = new(settings, diagnostics);

    // What an included entry gives must have an effect in at least one of the arms that it stands for.
    private readonly HashSet<(string Entry, SettingDescriptor Descriptor)> used = [];
    private readonly Dictionary<(string Entry, SettingDescriptor Descriptor), (SourceSpan Span, SettingResolution Resolved)> idle = [];

    /// <summary>What each condition that was returned was made from, by its trial.</summary>
    public IReadOnlyList<(ConditionSpec Condition, Draft Draft)> WithDrafts(IReadOnlyList<ConditionSpec> conditions)
    {
        var byTrial = drafts.ToDictionary(object (draft) => draft.Trial, ReferenceEqualityComparer.Instance);
        return [.. conditions.Select(condition => (condition, byTrial[condition.Trial]))];
    }

    /// <summary>The conditions; empty when there are errors.</summary>
    public IReadOnlyList<ConditionSpec> Expand()
    {
        if (!IsSmallEnough()) return [];
        if (HasBase()) ExpandMatrix(arm: null);
        foreach (var arm in settings.Includes) ExpandMatrix(arm);
        foreach (var ((entry, descriptor), (span, resolved)) in idle.Where(pair => !used.Contains(pair.Key)))
        {
            rules.ReportNotApplicable(descriptor, span, $"{entry}.{descriptor.Name}", resolved);
        }

        ReportUnused();
        if (diagnostics.HasErrors) return [];
        if (drafts.Count == 0)
        {
            diagnostics.Error(DiagnosticCodes.Empty, settings.Blocks.GetValueOrDefault(BlockNames.Matrix, settings.Root), "matrix", "nothing is left of the matrix", "at least one combination that is not excluded");
            return [];
        }

        return new ConditionLabels(settings, diagnostics).Finish(drafts);
    }

    /// <summary>Whether the matrix stands for conditions of its own, or only the included arms do.</summary>
    private bool HasBase() => new[] { SettingCatalog.Cell, SettingCatalog.Task, SettingCatalog.Length }
        .All(needed => settings.Base.ContainsKey(needed) || settings.FactorOf(needed) is not null);

    private bool IsSmallEnough()
    {
        var product = new List<string>();
        var count = HasBase() ? 1.0 : 0.0;
        foreach (var factor in settings.Factors)
        {
            count *= factor.Levels.Count;
            product.Add(string.Create(CultureInfo.InvariantCulture, $"{factor.Descriptor.Name} ({factor.Levels.Count})"));
        }

        var arms = settings.Includes.Sum(arm => CrossedWith(arm).Aggregate(1.0, (combinations, factor) => combinations * factor.Levels.Count));
        var trials = (count + arms) * settings.Seeds.Count;
        if (trials <= MostTrials) return true;
        var included = arms > 0 ? string.Create(CultureInfo.InvariantCulture, $" + included arms ({arms:0})") : "";
        diagnostics.Error(DiagnosticCodes.TooManyTrials, settings.Factors.Count > 0 ? settings.Factors[0].Span : settings.Root, "matrix",
            string.Create(CultureInfo.InvariantCulture, $"{Product(product, included)} × seeds ({settings.Seeds.Count}) = {trials:N0} trials"),
            string.Create(CultureInfo.InvariantCulture, $"at most {MostTrials:N0} trials"), "use fewer levels, or split the experiment");
        return false;
    }

    private static string Product(List<string> factors, string included)
    {
        var product = string.Join(" × ", factors);
        return included.Length > 0 ? $"({product}{included})" : product;
    }

    private List<Factor> CrossedWith(IncludedArm arm) => settings.Factors.FindAll(factor => !arm.Values.ContainsKey(factor.Descriptor));

    /// <summary>Walks the product like an odometer, the last factor fastest.</summary>
    private void ExpandMatrix(IncludedArm? arm)
    {
        var factors = arm is null ? settings.Factors : CrossedWith(arm);
        var at = new int[factors.Count];
        while (true)
        {
            var matrix = new SettingLevel?[SettingCatalog.All.Count];
            for (var i = 0; i < factors.Count; i++) matrix[factors[i].Descriptor.Ordinal] = factors[i].Levels[at[i]];
            Add(arm, matrix);

            var wheel = factors.Count - 1;
            while (wheel >= 0 && ++at[wheel] == factors[wheel].Levels.Count) at[wheel--] = 0;
            if (wheel < 0) return;
        }
    }

    private void Add(IncludedArm? arm, SettingLevel?[] matrix)
    {
        var varied = matrix;
        if (arm is not null)
        {
            varied = [.. matrix];
            foreach (var (descriptor, level) in arm.Values) varied[descriptor.Ordinal] = level;
        }

        var resolved = new SettingResolution(settings, varied);
        if (arm is null && IsExcluded(resolved)) return;
        foreach (var descriptor in SettingCatalog.Factors)
        {
            if (resolved.Has(descriptor)) applied[descriptor.Ordinal] = true;
            else if (arm?.Values.TryGetValue(descriptor, out var level) == true) idle.TryAdd((arm.Path, descriptor), (level.Span, resolved));
            if (arm is not null && resolved.Has(descriptor) && arm.Values.ContainsKey(descriptor)) used.Add((arm.Path, descriptor));
        }

        if (!rules.Check(resolved)) return;
        var (hidden, match) = SizeOf(arm, matrix, resolved);
        var trial = TrialComposer.Compose(resolved, hidden, settings.Seeds[0]);
        rules.CheckSize(resolved, trial);
        drafts.Add(new Draft(arm, resolved, trial, match));
    }

    private bool IsExcluded(SettingResolution resolved)
    {
        foreach (var exclusion in settings.Excludes)
        {
            if (!exclusion.Levels.All(levels => resolved.Find(levels.Key) is { } value && levels.Value.Any(level => level.Value.Equals(value)))) continue;
            effective.Add(exclusion);
            return true;
        }

        return false;
    }

    private (int Hidden, SizeMatch? Match) SizeOf(IncludedArm? arm, SettingLevel?[] matrix, SettingResolution resolved)
    {
        var match = settings.Common(SettingCatalog.Match)!.Text;
        var isGiven = arm?.Values.ContainsKey(SettingCatalog.Hidden) == true;
        if (match == SizeMatching.ByHidden || isGiven) return (resolved[SettingCatalog.Hidden].Whole, null);

        if (BudgetOf(match, matrix, resolved) is not { } budget) return (1, null);
        var hidden = SizeMatching.Solve(match, resolved, budget);
        var solved = new SizeMatch(match, budget, SizeMatching.Measure(match, resolved, hidden));
        rules.CheckMatch(resolved, hidden, solved);
        return (hidden, solved);
    }

    private double? BudgetOf(string match, SettingLevel?[] matrix, SettingResolution resolved)
    {
        if (settings.Common(SettingCatalog.Budget) is { } budget) return budget.Number;

        // The reference is the matrix's own combination with the reference cell in it, without what an arm changes.
        var cell = settings.Common(SettingCatalog.Reference)
            ?? settings.FactorOf(SettingCatalog.Cell)?.Levels[0].Value
            ?? settings.Common(SettingCatalog.Cell)
            ?? resolved[SettingCatalog.Cell];
        SettingLevel?[] varied = [.. matrix];
        varied[SettingCatalog.Cell.Ordinal] = new SettingLevel(cell, settings.Root);
        var task = SettingCatalog.Task.Ordinal;
        varied[task] ??= resolved.Written(SettingCatalog.Task);
        varied[SettingCatalog.Length.Ordinal] ??= resolved.Written(SettingCatalog.Length);
        var reference = new SettingResolution(settings, varied);
        if (reference.Find(SettingCatalog.Hidden) is { } hidden && rules.Check(reference)) return SizeMatching.Measure(match, reference, hidden.Whole);
        return null;
    }

    private void ReportUnused()
    {
        if (drafts.Count == 0) return;
        foreach (var setting in settings.Base.Values.Where(setting => SettingCatalog.Factors.Contains(setting.Descriptor) && !applied[setting.Descriptor.Ordinal]))
        {
            rules.ReportNotApplicable(setting.Descriptor, setting.Span, setting.Descriptor.Path, resolved: null);
        }

        foreach (var factor in settings.Factors.Where(factor => !applied[factor.Descriptor.Ordinal]))
        {
            // The factor that folds became: folds itself was reported.
            if (factor.Descriptor.Key == DataFold.Parameter && settings.Base.Keys.Any(setting => setting.Key == TaskCatalog.Folds)) continue;
            rules.ReportNotApplicable(factor.Descriptor, factor.Span, $"matrix.{factor.Descriptor.Name}", resolved: null);
        }

        foreach (var exclusion in settings.Excludes.Where(exclusion => !effective.Contains(exclusion)))
        {
            diagnostics.Warning(DiagnosticCodes.NothingExcluded, exclusion.Span, exclusion.Path, "this exclusion matches no combination of the matrix");
        }
    }
}

/// <summary>A condition before it has a name.</summary>
internal sealed record Draft(IncludedArm? Arm, SettingResolution Resolved, TrialSpec Trial, SizeMatch? Match);
