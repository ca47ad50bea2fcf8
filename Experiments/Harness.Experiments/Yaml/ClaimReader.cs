using System.Globalization;
using Harness.Experiments.Catalog;
using Harness.Experiments.Data;
using Harness.Experiments.Metrics;
using Harness.Experiments.Specs;

namespace Harness.Experiments.Yaml;

/// <summary>Reads <c>claims:</c> and checks them against the arms and metrics that the experiment will really have.</summary>
internal sealed class ClaimReader(SettingReader reader)
{
    private const string Below = "below";
    private const string Above = "above";

    private static readonly string[] Kinds = ["beats", "equals", "reaches", "grows_with", "falls_with"];
    private static readonly string[] KeyNames = ClaimSettingCatalog.All.Select(setting => setting.Key).ToArray();

    private readonly List<ReadClaim> claims = [];

    /// <summary>Reads what each claim says by itself.</summary>
    public void Read(YamlSequence list)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var path = $"{SpecBinder.Claims}[{i}]";
            if (reader.Mapping(list.Items[i], path, "a claim such as { id: remembers, that: lstm, beats: rnn, on: eval.loss }") is not { } mapping) continue;
            if (ReadValues(mapping, path) is not { } values) continue;
            if (!ids.Add(values[ClaimSettingCatalog.Id].Value.Text))
            {
                reader.Refuse(DiagnosticCodes.Repeated, values[ClaimSettingCatalog.Id].Span, $"{path}.id", $"claim id \"{values[ClaimSettingCatalog.Id].Value.Text}\" is used twice");
            }

            if (Compose(mapping, values, path) is { } claim) claims.Add(new ReadClaim(claim, path, mapping.Span, values));
        }
    }

    /// <summary>Checks the claims against what the experiment will have, and returns them.</summary>
    public IReadOnlyList<ClaimSpec> Check(IReadOnlyList<ConditionSpec> conditions)
    {
        var arms = conditions.ToLookup(condition => condition.Arm, StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            SettingDescriptor[] named = [ClaimSettingCatalog.That, ClaimSettingCatalog.Beats, ClaimSettingCatalog.EqualTo];
            var known = true;
            foreach (var descriptor in named) known &= !claim.Values.TryGetValue(descriptor, out var arm) || IsArm(claim, descriptor, arm, arms);
            if (known) CheckMetric(claim, [.. named.Where(claim.Values.ContainsKey).SelectMany(descriptor => arms[claim.Values[descriptor].Value.Text])]);
            if (known && claim.Claim is TrendClaim trend) CheckTrend(claim, trend, [.. arms[trend.That]]);
        }

        return claims.ConvertAll(claim => claim.Claim);
    }

    private Dictionary<SettingDescriptor, SettingLevel>? ReadValues(YamlMapping mapping, string path)
    {
        var values = new Dictionary<SettingDescriptor, SettingLevel>();
        var isRight = true;
        foreach (var (key, node) in mapping.Entries)
        {
            var at = $"{path}.{key.Excerpt}";
            var descriptor = ClaimSettingCatalog.All.FirstOrDefault(setting => string.Equals(setting.Key, key.Text, StringComparison.Ordinal));
            if (descriptor is null)
            {
                reader.UnknownKey(key, at, KeyNames);
                isRight = false;
            }
            else if (ReadValue(descriptor, node, at) is { } level)
            {
                values[descriptor] = level;
            }
            else
            {
                isRight = false;
            }
        }

        if (!isRight) return null;
        foreach (var descriptor in ClaimSettingCatalog.All.Where(setting => setting.IsRequired && !values.ContainsKey(setting)))
        {
            reader.Refuse(DiagnosticCodes.MissingKey, mapping.Span, $"{path}.{descriptor.Key}", $"the claim has no \"{descriptor.Key}\"", $"{descriptor.Key}: {descriptor.Example}");
            isRight = false;
        }

        return isRight ? values : null;
    }

    private SettingLevel? ReadValue(SettingDescriptor descriptor, YamlNode node, string path)
    {
        if (node is not YamlMapping mapping || descriptor != ClaimSettingCatalog.Reaches) return reader.ReadLevel(descriptor, node, path);
        if (mapping.Entries is [{ Key.Text: Below or Above } side])
        {
            return reader.ReadLevel(descriptor, side.Value, $"{path}.{side.Key.Text}") is { } level ? level with { Side = side.Key.Text } : null;
        }

        return reader.Refuse(DiagnosticCodes.WrongKind, mapping.Span, path, "a threshold has one side", descriptor.Type.Expected);
    }

    private ClaimSpec? Compose(YamlMapping mapping, Dictionary<SettingDescriptor, SettingLevel> values, string path)
    {
        var kinds = mapping.Entries.Where(entry => Kinds.Contains(entry.Key.Text, StringComparer.Ordinal)).ToArray();
        if (kinds.Length != 1)
        {
            var extra = kinds.Length > 1 ? kinds[1].Key.Span : mapping.Span;
            reader.Refuse(kinds.Length == 0 ? DiagnosticCodes.MissingKey : DiagnosticCodes.Conflict, extra, path,
                kinds.Length == 0 ? "the claim states nothing" : $"a claim states one thing, this one both \"{kinds[0].Key.Text}\" and \"{kinds[1].Key.Text}\"",
                $"one of: {string.Join(", ", Kinds)}");
            return null;
        }

        foreach (var (margin, kind) in new[] { (ClaimSettingCatalog.By, "beats"), (ClaimSettingCatalog.Within, "equals") })
        {
            if (!values.TryGetValue(margin, out var level) || kinds[0].Key.Text == kind) continue;
            reader.Refuse(DiagnosticCodes.Conflict, level.Span, $"{path}.{margin.Key}", $"\"{margin.Key}\" has no meaning without \"{kind}\"");
            return null;
        }

        return Compose(values, path, mapping.Span);
    }

    private ClaimSpec? Compose(Dictionary<SettingDescriptor, SettingLevel> values, string path, SourceSpan span)
    {
        var id = values[ClaimSettingCatalog.Id].Value.Text;
        var that = values[ClaimSettingCatalog.That].Value.Text;
        var metric = MetricCatalog.Find(values[ClaimSettingCatalog.On].Value.Text)!;
        if (values.TryGetValue(ClaimSettingCatalog.Beats, out var beats)) return Comparison(id, that, beats, metric, values.GetValueOrDefault(ClaimSettingCatalog.By), path);
        if (values.TryGetValue(ClaimSettingCatalog.EqualTo, out var equals)) return Equivalence(id, that, equals, metric, values.GetValueOrDefault(ClaimSettingCatalog.Within), path, span);
        if (values.TryGetValue(ClaimSettingCatalog.Reaches, out var reaches)) return Threshold(id, that, reaches, metric);
        var falls = values.TryGetValue(ClaimSettingCatalog.FallsWith, out var factor);
        return new TrendClaim(id, that, metric.Name, (factor ?? values[ClaimSettingCatalog.GrowsWith]).Value.Text, falls);
    }

    private ComparisonClaim? Comparison(string id, string that, SettingLevel beats, MetricDescriptor metric, SettingLevel? by, string path)
    {
        if (!AreTwo(that, beats, $"{path}.beats")) return null;
        if (by is { Value.IsRatio: true } && !metric.Positive)
        {
            reader.Refuse(DiagnosticCodes.UndecidableClaim, by.Span, $"{path}.by", $"{metric.Name} is compared by differences, not by ratios", "a difference such as 0.05");
            return null;
        }

        return new ComparisonClaim(id, that, beats.Value.Text, metric.Name,
            by is { Value.IsRatio: true } ? by.Value.Number : null, by is { Value.IsRatio: false } ? by.Value.Number : null);
    }

    private EquivalenceClaim? Equivalence(string id, string that, SettingLevel equals, MetricDescriptor metric, SettingLevel? within, string path, SourceSpan span)
    {
        if (!AreTwo(that, equals, $"{path}.equals")) return null;
        if (within is null)
        {
            reader.Refuse(DiagnosticCodes.MissingKey, span, $"{path}.within", "an equality needs a margin: nothing is ever exactly the same", "within: 10%");
            return null;
        }

        if (metric.Positive || metric.IsEvaluated) return new EquivalenceClaim(id, that, equals.Value.Text, metric.Name, within.Value.Number);
        reader.Refuse(DiagnosticCodes.UndecidableClaim, within.Span, $"{path}.within", $"{metric.Name} has no ratios, so nothing can be equal within one", "another metric");
        return null;
    }

    private static ThresholdClaim Threshold(string id, string that, SettingLevel reaches, MetricDescriptor metric)
    {
        var isBelow = reaches.Side is { } side ? side == Below : metric.LowerIsBetter == true;
        return new ThresholdClaim(id, that, metric.Name, isBelow ? reaches.Value.Number : null, isBelow ? null : reaches.Value.Number);
    }

    private bool AreTwo(string that, SettingLevel other, string path)
    {
        if (!string.Equals(that, other.Value.Text, StringComparison.Ordinal)) return true;
        reader.Refuse(DiagnosticCodes.UndecidableClaim, other.Span, path, $"the claim compares {that} with itself", "another arm");
        return false;
    }

    private bool IsArm(ReadClaim claim, SettingDescriptor descriptor, SettingLevel arm, ILookup<string, ConditionSpec> arms)
    {
        var name = arm.Value.Text;
        if (arms.Contains(name)) return true;
        var known = arms.Select(group => group.Key).ToArray();
        reader.Refuse(DiagnosticCodes.UnknownArm, arm.Span, $"{claim.Path}.{descriptor.Key}", $"this experiment has no arm \"{name}\"", $"one of: {string.Join(", ", known)}",
            EditDistance.Nearest(name, known) is { } near ? $"did you mean \"{near}\"?" : null);
        return false;
    }

    private void CheckMetric(ReadClaim claim, IReadOnlyList<ConditionSpec> conditions)
    {
        var on = claim.Values[ClaimSettingCatalog.On];
        var metric = on.Value.Text;
        var path = $"{claim.Path}.on";
        if (conditions.Select(condition => Absence(metric, condition.Trial)).FirstOrDefault(absence => absence is not null) is var (message, expected))
        {
            reader.Refuse(DiagnosticCodes.UnknownMetric, on.Span, path, message, expected);
        }
    }

    /// <summary>Why trials of a condition have no value of a metric, and what would give them one; null when they have.</summary>
    private static (string Message, string Expected)? Absence(string metric, TrialSpec trial)
    {
        var task = TaskCatalog.Get(trial.Task.Kind);
        return metric switch
        {
            "eval.accuracy" or "test.accuracy" when !task.IsGraded(trial.Task.Parameters) =>
                ($"{task.Kind} has no {metric}: none of its sequences is right or wrong as a whole", $"another metric, such as {task.Success.Metric}"),
            "test.loss" or "test.accuracy" when !task.ReadsFile => ($"{task.Kind} has no {metric}: its sequences are generated, and no part of them is held out", "a metric of the evaluation set, such as eval.loss"),
            "test.loss" or "test.accuracy" when DataSplit.Parse(trial.Task.Parameters.Text("split"))!.Test == 0 =>
                ($"{metric} needs a test part, and split {trial.Task.Parameters.Text("split")} leaves none", "task: { split: 70/15/15 }"),
            "train.set_loss" or "generalization_gap" when trial.Train.Sequences is null => ($"{metric} needs a fixed training set, and this experiment draws fresh sequences at every step", "train: { sequences: 200 }"),
            _ when metric.StartsWith("gradient.", StringComparison.Ordinal) && trial.Probe.Gradients.Count == 0 => ($"{metric} needs gradient profiles, and this experiment takes none", "probe: { gradients: [init, middle, end] }"),
            _ => null,
        };
    }

    private void CheckTrend(ReadClaim claim, TrendClaim trend, IReadOnlyList<ConditionSpec> conditions)
    {
        var levels = conditions.Select(condition => condition.Factors.GetValueOrDefault(trend.GrowsWith)).OfType<string>().Distinct(StringComparer.Ordinal).Count();
        if (levels >= 2) return;
        var descriptor = trend.Falls ? ClaimSettingCatalog.FallsWith : ClaimSettingCatalog.GrowsWith;
        reader.Refuse(DiagnosticCodes.UndecidableClaim, claim.Values[descriptor].Span, $"{claim.Path}.{descriptor.Key}",
            string.Create(CultureInfo.InvariantCulture, $"{trend.GrowsWith} does not vary for {trend.That}"), $"at least two levels: matrix: {{ {trend.GrowsWith}: [...] }}");
    }

    private sealed record ReadClaim(ClaimSpec Claim, string Path, SourceSpan Span, IReadOnlyDictionary<SettingDescriptor, SettingLevel> Values);
}
