using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>Names conditions: short, unique, and the same whichever order the file gives its keys in.</summary>
internal sealed class ConditionLabels(ExperimentSettings settings, DiagnosticList diagnostics)
{
    public IReadOnlyList<ConditionSpec> Finish(IReadOnlyList<Draft> drafts)
    {
        var distinct = WithoutTwins(drafts);
        var varying = SettingCatalog.Factors.Where(descriptor => IsNamed(descriptor) && Varies(descriptor, distinct)).ToArray();
        var conditions = new List<ConditionSpec>(distinct.Count);
        var labels = new Dictionary<string, Draft>(StringComparer.Ordinal);
        foreach (var draft in distinct)
        {
            var label = LabelOf(draft, varying);
            if (!labels.TryAdd(label, draft))
            {
                diagnostics.Error(DiagnosticCodes.Repeated, draft.Arm?.LabelSpan ?? settings.Root, draft.Arm?.Path ?? "matrix", $"two conditions would both be called \"{label}\"",
                    "labels that tell the arms apart");
            }

            conditions.Add(new ConditionSpec(label, draft.Arm?.Label ?? draft.Trial.Model.Cell, FactorsOf(draft, varying), draft.Trial, draft.Match, DataOf(draft)) { Weights = WeightsOf(draft) });
        }

        return conditions;
    }

    /// <summary>
    /// A factor that a cell does not have (an RNN's forget bias) gives the cell one condition, not one per level.
    /// An included arm that repeats a condition is a mistake.
    /// </summary>
    private IReadOnlyList<Draft> WithoutTwins(IReadOnlyList<Draft> drafts)
    {
        // Levels of a factor differ, except for files of equal content, so only these can make twins; large matrices are spared the comparison.
        if (settings.Includes.Count == 0 && settings.FactorOf(SettingCatalog.Weights) is null && drafts.All(draft => draft.Match is null && !HasIdleFactor(draft))) return drafts;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var distinct = new List<Draft>(drafts.Count);
        foreach (var draft in drafts)
        {
            if (seen.Add(TrialIdentity.Of(draft.Trial))) distinct.Add(draft);
            else if (draft.Arm is { } arm && !HasIdleFactor(draft))
            {
                diagnostics.Error(DiagnosticCodes.SameTrial, arm.Span, arm.Path, "this arm trains exactly what another condition trains", "at least one setting that differs");
            }
            else if (draft.Resolved is { Weights: not null } resolved && settings.FactorOf(SettingCatalog.Weights) is not null)
            {
                diagnostics.Error(DiagnosticCodes.SameTrial, resolved.Written(SettingCatalog.Weights)!.Span, SettingCatalog.Weights.Path,
                    $"{resolved[SettingCatalog.Weights].Text} holds exactly what another file of the matrix holds", "files that differ");
            }
        }

        return distinct;
    }

    private bool HasIdleFactor(Draft draft) =>
        settings.Factors.Exists(factor => !draft.Resolved.Has(factor.Descriptor)) || draft.Arm?.Listed.Any(descriptor => !draft.Resolved.Has(descriptor)) == true;

    private bool IsNamed(SettingDescriptor descriptor) =>
        settings.FactorOf(descriptor) is not null || settings.Includes.Exists(arm => arm.Values.ContainsKey(descriptor));

    private static bool Varies(SettingDescriptor descriptor, IReadOnlyList<Draft> drafts)
    {
        var first = TextOf(drafts[0], descriptor);
        return drafts.Any(draft => !string.Equals(TextOf(draft, descriptor), first, StringComparison.Ordinal));
    }

    private static string? TextOf(Draft draft, SettingDescriptor descriptor) => draft.Resolved.Has(descriptor) ? draft.Resolved.Find(descriptor)?.Text : null;

    /// <summary>
    /// Whether arms that share a label differ in a setting, so that the label alone does not say it. The same arm may be tried on several
    /// tasks; two models under one name are a mistake.
    /// </summary>
    private bool VariesUnder(string label, SettingDescriptor descriptor) => !descriptor.Path.StartsWith("model.", StringComparison.Ordinal) && settings.Includes
        .Where(arm => string.Equals(arm.Label, label, StringComparison.Ordinal))
        .Select(arm => arm.Values.GetValueOrDefault(descriptor)?.Value.Text).Distinct(StringComparer.Ordinal).Skip(1).Any();

    private string LabelOf(Draft draft, SettingDescriptor[] varying)
    {
        var words = new List<string> { draft.Arm?.Label ?? draft.Trial.Model.Cell };
        foreach (var descriptor in varying)
        {
            var isSaidByLabel = draft.Arm is { Label: not null } arm && settings.FactorOf(descriptor) is null && !arm.Listed.Contains(descriptor) && !VariesUnder(arm.Label, descriptor);
            if (descriptor == SettingCatalog.Cell || isSaidByLabel || !draft.Resolved.Has(descriptor) || !draft.Resolved.IsVaried(descriptor)) continue;
            var text = draft.Resolved[descriptor].Text;
            words.Add(descriptor == SettingCatalog.Task ? text : $"{descriptor.Symbol ?? descriptor.Name}={text}");
        }

        return string.Join(' ', words);
    }

    private static ConditionData? DataOf(Draft draft) => draft.Resolved.Data is { File: { } file } data
        ? new(file.Path, file.Sha256, file.Content.Length, data.Rows, draft.Resolved.Windows!)
        {
            Card = data.CardOf(draft.Resolved[SettingCatalog.Length].Whole, draft.Resolved.Horizon),
        }
        : null;

    private static ConditionWeights? WeightsOf(Draft draft) => draft.Resolved.Weights is { File: { } file } weights
        ? new(file.Path, file.Sha256, file.Content.Length,
            InitialWeights.Of(weights.Tensors, WeightLayout.Network(draft.Trial), WeightLayout.Output(draft.Trial), draft.Trial.Model.Cell, single: false).HasOutputLayer)
        : null;

    private static Dictionary<string, string> FactorsOf(Draft draft, SettingDescriptor[] varying)
    {
        var factors = new Dictionary<string, string>(varying.Length + 1, StringComparer.Ordinal);
        if (draft.Arm?.Label is { } label) factors[ICondition.ArmFactor] = label;
        foreach (var descriptor in varying)
        {
            if (TextOf(draft, descriptor) is { } text) factors[descriptor.Name] = text;
        }

        return factors;
    }
}
