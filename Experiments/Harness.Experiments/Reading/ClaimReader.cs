using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Claims;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Reads <c>claims:</c> and checks them against the arms and metrics that the experiment will really have.</summary>
internal sealed class ClaimReader(SettingReader reader, MatrixReader matrix)
{
    private const string Below = "below";
    private const string Above = "above";

    private static readonly string[] Kinds = ["beats", "equals", "reaches", "grows_with", "falls_with"];
    private static readonly string[] KeyNames = [.. ClaimSettingCatalog.All.Select(setting => setting.Key), ClaimSettingCatalog.Where];

    private readonly List<ReadClaim> claims = [];

    /// <summary>Reads what each claim says by itself.</summary>
    public void Read(YamlSequence list)
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < list.Items.Count; i++)
        {
            var path = $"{BlockNames.Claims}[{i}]";
            if (reader.Mapping(list.Items[i], path, "a claim such as { id: remembers, that: lstm, beats: rnn, on: eval.loss }") is not { } mapping) continue;
            var scope = mapping.Find(ClaimSettingCatalog.Where);
            var levels = scope is null ? null : ReadScope(scope, $"{path}.{ClaimSettingCatalog.Where}");
            if (ReadValues(mapping, path) is not { } values || (scope is not null && levels is null)) continue;
            if (!ids.Add(values[ClaimSettingCatalog.Id].Value.Text))
            {
                reader.Refuse(DiagnosticCodes.Repeated, values[ClaimSettingCatalog.Id].Span, $"{path}.id", $"claim id \"{values[ClaimSettingCatalog.Id].Value.Text}\" is used twice");
            }

            if (Compose(mapping, values, path) is not { } composed) continue;
            if (HalfLifeClaims.OnSlope(composed) is not { } claim)
            {
                reader.Refuse(DiagnosticCodes.UndecidableClaim, values[ClaimSettingCatalog.On].Span, $"{path}.on",
                    $"half-lives have no ratio or difference where a gradient does not decay, so {MetricCatalog.GradientSlope} decides by how much", $"on: {MetricCatalog.GradientSlope}, by: 0.05");
                continue;
            }

            claim = claim with
            {
                Where = levels?.ToDictionary(pair => pair.Key.Name, IReadOnlyList<string> (pair) => [.. pair.Value.Select(level => level.Value.Text)], StringComparer.Ordinal),
                At = values.TryGetValue(ClaimSettingCatalog.At, out var moment) ? Enum.Parse<ProbeMoment>(moment.Value.Text, ignoreCase: true) : null,
                Article = values.TryGetValue(ClaimSettingCatalog.Article, out var number) ? number.Value.Whole : null,
            };
            claims.Add(new ReadClaim(claim, path, mapping.Span, values, scope));
        }
    }

    private Dictionary<SettingDescriptor, IReadOnlyList<SettingLevel>>? ReadScope(YamlEntry scope, string path) =>
        reader.Mapping(scope.Value, path, "factors with their levels, such as { task: latch, length: 50 }") is { } factors ? matrix.ReadFactorLevels(factors, path) : null;

    /// <summary>Checks the claims against what the experiment will have, and returns them.</summary>
    /// <param name="rounds">Rounds of timing trials; null where speed is not measured.</param>
    public IReadOnlyList<ClaimSpec> Check(IReadOnlyList<ConditionSpec> conditions, int seeds, int? rounds)
    {
        var all = conditions.ToLookup(condition => condition.Arm, StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            if (claim.Scope is { } scope && !CheckScope(claim, scope, conditions)) continue;
            var arms = claim.Scope is null ? all : conditions.Where(condition => claim.Claim.Covers(condition.Factors)).ToLookup(condition => condition.Arm, StringComparer.Ordinal);
            SettingDescriptor[] named = [ClaimSettingCatalog.That, ClaimSettingCatalog.Beats, ClaimSettingCatalog.EqualTo];
            var known = true;
            foreach (var descriptor in named) known &= !claim.Values.TryGetValue(descriptor, out var arm) || IsArm(claim, descriptor, arm, arms);
            if (known) CheckMetric(claim, [.. named.Where(claim.Values.ContainsKey).SelectMany(descriptor => arms[claim.Values[descriptor].Value.Text])]);
            if (known) CheckSettings(claim, conditions);
            if (known && rounds is null) CheckTimed(claim);
        }

        CheckPower(seeds, rounds);
        return claims.ConvertAll(claim => claim.Claim);
    }

    private Dictionary<SettingDescriptor, SettingLevel>? ReadValues(YamlMapping mapping, string path)
    {
        var values = new Dictionary<SettingDescriptor, SettingLevel>();
        var isRight = true;
        foreach (var (key, node) in mapping.Entries.Where(entry => entry.Key.Text != ClaimSettingCatalog.Where))
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
        if (values.TryGetValue(ClaimSettingCatalog.Reaches, out var reaches)) return Threshold(id, that, reaches, metric, path);
        var falls = values.TryGetValue(ClaimSettingCatalog.FallsWith, out var factor);
        return new TrendClaim(id, that, metric.Name, (factor ?? values[ClaimSettingCatalog.GrowsWith]).Value.Text, falls);
    }

    private ComparisonClaim? Comparison(string id, string that, SettingLevel beats, MetricDescriptor metric, SettingLevel? by, string path)
    {
        if (!AreTwo(that, beats, $"{path}.beats")) return null;
        if (metric.LowerIsBetter is null)
        {
            reader.Refuse(DiagnosticCodes.UndecidableClaim, beats.Span, $"{path}.beats", $"{metric.Name} has no better side, so no arm can beat another on it", "reaches, grows_with or falls_with");
            return null;
        }

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

    private ThresholdClaim? Threshold(string id, string that, SettingLevel reaches, MetricDescriptor metric, string path)
    {
        if (metric.Positive && reaches.Value.Number <= 0)
        {
            reader.Refuse(DiagnosticCodes.UndecidableClaim, reaches.Span, $"{path}.reaches", $"{metric.Name} is always above 0", "a threshold above 0");
            return null;
        }

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
        if (descriptor != ClaimSettingCatalog.That && BaselineCatalog.Find(name) is { } baseline) return HasBaseline(claim, $"{claim.Path}.{descriptor.Key}", arm.Span, baseline, arms[claim.Claim.That]);
        var known = arms.Select(group => group.Key).ToArray();
        reader.Refuse(DiagnosticCodes.UnknownArm, arm.Span, $"{claim.Path}.{descriptor.Key}",
            claim.Scope is null ? $"this experiment has no arm \"{name}\"" : $"no condition that the claim's \"where\" leaves has the arm \"{name}\"", $"one of: {string.Join(", ", known)}",
            EditDistance.Nearest(name, known) is { } near ? $"did you mean \"{near}\"?" : null);
        return false;
    }

    /// <summary>Whether a baseline answers what the arm answers, and has the claim's metric.</summary>
    private bool HasBaseline(ReadClaim claim, string path, SourceSpan span, BaselineDefinition baseline, IEnumerable<ConditionSpec> conditions)
    {
        foreach (var condition in conditions)
        {
            var (question, data) = (DataQuestion.Of(condition.Trial.Task), condition.Data?.Card);
            string[] known = [.. BaselineCatalog.All.Where(other => (other.Questions & question) != DataQuestions.None).Select(other => other.Name)];
            if ((baseline.Questions & question) == DataQuestions.None)
                return Without(span, path, question == DataQuestions.None ? $"{condition.Trial.Task.Kind} is generated and has no baseline \"{baseline.Name}\"" : $"the baseline \"{baseline.Name}\" does not answer what this task asks", known.Length == 0 ? "an arm of this experiment" : $"one of: {string.Join(", ", known)}");
            if (baseline.Name == BaselineCatalog.Seasonal && data is { Season: null })
                return Without(span, path, "the training part shows no season, so there is no seasonal value", $"one of: {string.Join(", ", known.Where(name => name != baseline.Name))}");
            if (TaskCatalog.IsWhole(condition.Trial.Task.Parameters) && baseline.Name is not (BaselineCatalog.Mean or BaselineCatalog.Frequencies))
                return Without(span, path, $"whole series have no baseline \"{baseline.Name}\"", question == DataQuestions.Class ? BaselineCatalog.Frequencies : BaselineCatalog.Mean);
            if (MetricCatalog.OfBaseline(baseline.Name, claim.Claim.On) is null)
                return Without(claim.Values[ClaimSettingCatalog.On].Span, $"{claim.Path}.on", $"the baseline \"{baseline.Name}\" has no {claim.Claim.On}", $"one of: {string.Join(", ", MetricCatalog.All.Select(metric => metric.Name).Where(metric => MetricCatalog.OfBaseline(baseline.Name, metric) is not null))}");
        }

        return true;

        bool Without(SourceSpan at, string where, string message, string expected)
        {
            reader.Refuse(DiagnosticCodes.UndecidableClaim, at, where, message, expected);
            return false;
        }
    }

    /// <summary>Every level of the claim's scope must be one that some condition has.</summary>
    private bool CheckScope(ReadClaim claim, YamlEntry scope, IReadOnlyList<ConditionSpec> conditions)
    {
        foreach (var (factor, levels) in claim.Claim.Where!)
        {
            string[] had = [.. conditions.Select(condition => condition.Factors.GetValueOrDefault(factor)).OfType<string>().Distinct(StringComparer.Ordinal)];
            if (levels.FirstOrDefault(level => !had.Contains(level, StringComparer.Ordinal)) is not { } missing) continue;
            reader.Refuse(DiagnosticCodes.UndecidableClaim, scope.Key.Span, $"{claim.Path}.{ClaimSettingCatalog.Where}.{factor}",
                had.Length == 0 ? $"{factor} does not vary in this experiment" : $"no condition has {factor} {missing}",
                had.Length == 0 ? "a factor of the matrix" : $"one of: {string.Join(", ", had)}");
            return false;
        }

        return true;
    }

    private void CheckMetric(ReadClaim claim, IReadOnlyList<ConditionSpec> conditions)
    {
        var on = claim.Values[ClaimSettingCatalog.On];
        var metric = MetricCatalog.Find(on.Value.Text)!;
        var path = $"{claim.Path}.on";
        if (claim.Claim.At is not null && metric.Probe is null)
        {
            reader.Refuse(DiagnosticCodes.Conflict, claim.Values[ClaimSettingCatalog.At].Span, $"{claim.Path}.at", $"no probe measures {metric.Name}, so it belongs to no moment", "a metric of a probe, or no at");
            return;
        }

        // What a cell can never have is said before what the experiment could take.
        var setting = metric.Probe is { } probe ? SettingCatalog.Find(probe.Setting) : null;
        var trials = conditions.Select(condition => condition.Trial).OrderBy(trial => setting?.AppliesTo?.Invoke(CellCatalog.Get(trial.Model.Cell)) != false);
        if (trials.Select(trial => Absence(metric, trial, claim.Claim.At)).FirstOrDefault(absence => absence is not null) is var (message, expected))
        {
            reader.Refuse(DiagnosticCodes.UnknownMetric, on.Span, path, message, expected);
        }
    }

    /// <summary>Why trials of a condition have no value of a metric, and what would give them one; null when they have.</summary>
    private static (string Message, string Expected)? Absence(MetricDescriptor metric, TrialSpec trial, ProbeMoment? at)
    {
        var task = TaskCatalog.Get(trial.Task.Kind);
        var name = metric.Name;
        return metric switch
        {
            { NeedsGradedTask: true } when !task.IsGraded(trial.Task.Parameters) =>
                ($"{task.Kind} has no {name}: none of its sequences is right or wrong as a whole", $"another metric, such as {task.Success.Metric}"),
            { Source: MetricSource.TestPart } when !task.ReadsFile => ($"{task.Kind} has no {name}: its sequences are generated, and no part of them is held out", $"a metric of the evaluation set, such as {MetricCatalog.EvaluationLoss}"),
            { Questions: { } questions } when (questions & DataQuestion.Of(trial.Task)) == DataQuestions.None =>
                ($"{name} {(questions == DataQuestions.Number ? "measures forecasts of numbers" : questions == DataQuestions.Class ? "measures answers that are classes" : "measures texts")}, and this task asks for something else",
                    $"one of: {string.Join(", ", MetricCatalog.TestMeasures.Where(measure => (measure.Questions & DataQuestion.Of(trial.Task)) != DataQuestions.None).Select(measure => measure.Name).Append(MetricCatalog.TestLoss))}"),
            { Source: MetricSource.TestPart } when DataSplit.Parse(trial.Task.Parameters.Text("split"))!.Test == 0 =>
                ($"{name} needs a test part, and split {trial.Task.Parameters.Text("split")} leaves none", "task: { split: 70/15/15 }"),
            { Source: MetricSource.TrainingSet } when trial.Train.Sequences is null => ($"{name} needs a fixed training set, and this experiment draws fresh sequences at every step", "train: { sequences: 200 }"),
            { Probe: { } probe } => Unprobed(name, probe, trial, at),
            _ => null,
        };
    }

    private static (string Message, string Expected)? Unprobed(string metric, MetricProbe probe, TrialSpec trial, ProbeMoment? at)
    {
        var setting = SettingCatalog.Find(probe.Setting)!;
        var what = setting == SettingCatalog.ProbeGradients ? "gradient profiles" : setting.Path;
        if (setting.AppliesTo?.Invoke(CellCatalog.Get(trial.Model.Cell)) == false) return ($"{trial.Model.Cell} has no {metric}", "another metric, or arms that have it");
        if (probe.Moments(trial.Probe) is not { Count: > 0 } moments) return ($"{metric} needs {what}, and this experiment takes none", $"probe: {{ {setting.Key}: [init, middle, end] }}");
        if (at is not { } moment || moments.Contains(moment)) return null;
        var words = moments.Append(moment).Order().Select(Word).ToList();
        return ($"{metric} at {Word(moment)} needs {what} at {Word(moment)}, and this experiment takes them at {string.Join(" and ", moments.Select(Word))} only", $"probe: {{ {setting.Key}: [{string.Join(", ", words)}] }}");

        static string Word(ProbeMoment moment) => moment.ToString().ToLowerInvariant();
    }

    /// <summary>Times of training runs depend on what else the machine does, so they decide nothing.</summary>
    private void CheckTimed(ReadClaim claim)
    {
        if (!MetricCatalog.IsIn(claim.Claim.On, MetricCatalog.SpeedGroup)) return;
        reader.Refuse(DiagnosticCodes.UndecidableClaim, claim.Values[ClaimSettingCatalog.On].Span, $"{claim.Path}.on",
            $"{claim.Claim.On} is decided by timing trials, and this experiment has none", "speed: { measure: true }");
    }

    private void CheckPower(int seeds, int? rounds)
    {
        foreach (var (claim, power) in claims.Zip(ClaimPower.Of(claims.ConvertAll(claim => claim.Claim), seeds, rounds)))
        {
            // Speed without timing trials is an error already.
            if (power.CanDecide || (rounds is null && MetricCatalog.IsIn(claim.Claim.On, MetricCatalog.SpeedGroup))) continue;
            reader.Diagnostics.Warning(DiagnosticCodes.TooFewSeeds, claim.Span, claim.Path, string.Create(CultureInfo.InvariantCulture,
                $"{seeds} seed{(seeds == 1 ? "" : "s")} cannot decide this claim: no corrected p is below {power.SmallestP:0.###} ({power.Family} claim{(power.Family == 1 ? "" : "s")} tested)"),
                string.Create(CultureInfo.InvariantCulture, $"seeds: {power.SmallestReplicates}"));
        }
    }

    /// <summary>A claim without settings would be found untestable after all the training.</summary>
    private void CheckSettings(ReadClaim claim, IReadOnlyList<ConditionSpec> conditions)
    {
        if (ClaimPairing.Settings(claim.Claim, conditions).Count > 0) return;
        if (claim.Claim is TrendClaim trend)
        {
            var (descriptor, factor) = (trend.Falls ? ClaimSettingCatalog.FallsWith : ClaimSettingCatalog.GrowsWith, trend.GrowsWith);
            reader.Refuse(DiagnosticCodes.UndecidableClaim, claim.Values[descriptor].Span, $"{claim.Path}.{descriptor.Key}",
                conditions.Where(condition => condition.Arm == trend.That).Select(condition => condition.Factors.GetValueOrDefault(factor)).OfType<string>().Distinct(StringComparer.Ordinal).Skip(1).Any()
                    ? $"no conditions of {trend.That} differ in nothing but a number of {factor}" : $"{factor} does not vary for {trend.That}",
                $"at least two levels: matrix: {{ {factor}: [...] }}");
        }
        else if (ClaimPairing.Obstacle(claim.Claim, conditions) is var (factors, first, second))
        {
            var rival = claim.Claim is ComparisonClaim ? ClaimSettingCatalog.Beats : ClaimSettingCatalog.EqualTo;
            reader.Refuse(DiagnosticCodes.UndecidableClaim, claim.Values[rival].Span, $"{claim.Path}.{rival.Key}",
                $"no condition of {claim.Claim.That} can be compared with one of {claim.Claim.Rival}: the most similar ones, \"{first.Label}\" and \"{second.Label}\", differ in {string.Join(" and ", factors)}",
                $"both arms at the same {string.Join(" and ", factors)}");
        }
    }

    private sealed record ReadClaim(ClaimSpec Claim, string Path, SourceSpan Span, IReadOnlyDictionary<SettingDescriptor, SettingLevel> Values, YamlEntry? Scope);
}
