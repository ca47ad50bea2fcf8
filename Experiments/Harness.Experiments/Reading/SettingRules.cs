using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Checks settings against each other, where that needs no expansion.</summary>
internal static class SettingRules
{
    public static void Check(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        CheckTarget(settings, diagnostics);
        CheckMatching(settings, diagnostics);
        CheckProbe(settings, diagnostics);
        CheckPruning(settings, diagnostics);
        if (settings.Common(SettingCatalog.SpeedMeasure)!.IsOn || settings.Refused.Contains(SettingCatalog.SpeedMeasure)) return;
        foreach (var unused in settings.Base.Values.Where(setting => setting.Descriptor.Needs == SettingCatalog.SpeedMeasure))
            diagnostics.Error(DiagnosticCodes.Conflict, unused.Span, unused.Descriptor.Path, $"\"{unused.Descriptor.Key}\" has no meaning unless speed is measured", null, "add speed: { measure: true }, or remove it");
    }

    private static void CheckTarget(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        var metric = Find(settings, SettingCatalog.TargetMetric);
        var below = Find(settings, SettingCatalog.TargetBelow);
        var above = Find(settings, SettingCatalog.TargetAbove);
        if (below is not null && above is not null)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, above.Span, above.Descriptor.Path, "a target is either below or above a threshold", "one of: below, above");
        }
        else if (metric is not null && below is null && above is null && !settings.Refused.Overlaps([SettingCatalog.TargetBelow, SettingCatalog.TargetAbove]))
        {
            var lower = MetricCatalog.Find(metric.Common!.Value.Text)?.LowerIsBetter != false;
            diagnostics.Error(DiagnosticCodes.MissingKey, metric.Span, "target", "the target has no threshold", lower ? "below: 0.01" : "above: 0.99");
        }
        else if (below is not null && metric?.Common is { Value.Text: MetricCatalog.EvaluationLoss } && below.Common?.Value.Number <= 0)
        {
            diagnostics.Warning(DiagnosticCodes.Conflict, below.Span, below.Descriptor.Path, "no loss falls below 0: this target can never be reached", "below: 0.01");
        }
        else if (above is not null && metric?.Common is { Value.Text: MetricCatalog.EvaluationAccuracy } && above.Common?.Value.Number >= 1)
        {
            diagnostics.Warning(DiagnosticCodes.Conflict, above.Span, above.Descriptor.Path, "no accuracy is above 1: this target can never be reached", "above: 0.99");
        }
        else if (metric is null && (below ?? above) is { } threshold && !settings.Refused.Contains(SettingCatalog.TargetMetric))
        {
            diagnostics.Error(DiagnosticCodes.MissingKey, threshold.Span, "target", "the target names no metric", $"metric: {SettingCatalog.TargetMetric.Type.Expected}");
        }
    }

    private static void CheckPruning(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        if (settings.Tune is null || settings.Refused.Contains(SettingCatalog.TunePrune) || settings.Common(SettingCatalog.TunePrune)!.Text != "none") return;
        foreach (var unused in settings.Base.Values.Where(setting => setting.Descriptor.Needs == SettingCatalog.TunePrune))
            diagnostics.Error(DiagnosticCodes.Conflict, unused.Span, unused.Descriptor.Path, $"\"{unused.Descriptor.Key}\" has no meaning unless points are pruned", null, "add prune: halving, or remove it");
    }

    private static void CheckProbe(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        var evaluated = settings.Common(SettingCatalog.EvaluationSequences)!;
        if (settings.Refused.Contains(SettingCatalog.EvaluationSequences)) return;
        if (Find(settings, SettingCatalog.ProbeSequences) is not { } probed || probed.Common!.Value.Whole <= evaluated.Whole) return;
        diagnostics.Error(DiagnosticCodes.Conflict, probed.Span, probed.Descriptor.Path,
            $"a profile over {probed.Common.Value.Text} sequences is more than the {evaluated.Text} of the evaluation set", $"at most {evaluated.Text}");
    }

    private static void CheckMatching(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        var isMatched = settings.Common(SettingCatalog.Match)!.Text != "hidden";
        var budget = Find(settings, SettingCatalog.Budget);
        var reference = Find(settings, SettingCatalog.Reference);
        if (!isMatched && (budget ?? reference) is { } unused)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, unused.Span, unused.Descriptor.Path, $"\"{unused.Descriptor.Key}\" has no meaning unless sizes are matched",
                null, "add model: { match: parameters }, or remove it");
        }

        if (budget is not null && reference is not null)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, reference.Span, reference.Descriptor.Path, "sizes are matched either to a budget or to a reference cell", "one of: budget, reference");
        }

        if (isMatched && budget is not null && Find(settings, SettingCatalog.Hidden) is { } hidden)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, hidden.Span, hidden.Descriptor.Path, "the hidden size is given, but it is solved from the budget", null, "remove hidden or budget");
        }
    }

    private static Setting? Find(ExperimentSettings settings, SettingDescriptor descriptor) => settings.Base.GetValueOrDefault(descriptor);
}
