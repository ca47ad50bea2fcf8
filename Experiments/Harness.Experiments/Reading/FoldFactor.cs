using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reading;

/// <summary>Turns <c>folds: 3</c> into a factor with a level for each fold, which every combination of the others is crossed with.</summary>
internal static class FoldFactor
{
    private static readonly SettingDescriptor folds = SettingCatalog.Find($"task.{TaskCatalog.Folds}")!, fold = SettingCatalog.Find($"task.{DataFold.Parameter}")!;

    public static void Add(ExperimentSettings settings, DiagnosticList diagnostics)
    {
        if (settings.FactorOf(folds) is { } varied) Refuse(varied.Span, $"matrix.{folds.Name}", "folds is a factor by itself and cannot be varied");
        foreach (var arm in settings.Includes)
            foreach (var named in new[] { folds, fold }.Where(arm.Values.ContainsKey)) Refuse(arm.Values[named].Span, $"{arm.Path}.{named.Name}", "every arm has the same folds");
        if (!settings.Base.TryGetValue(folds, out var setting)) return;
        if (setting.Common is not { } level)
        {
            Refuse(setting.Span, folds.Path, "every cell has the same folds");
            return;
        }

        var count = level.Value.Whole;
        if (count < 2) return;
        if (settings.Base.ContainsKey(fold) || settings.FactorOf(fold) is not null)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, level.Span, folds.Path, "folds stands for all folds, and fold for one of them", "folds or fold, not both");
            return;
        }

        settings.Factors.Add(new Factor(fold, level.Span, [.. Enumerable.Range(1, count).Select(number => new SettingLevel(SettingValue.OfWord(new DataFold(number, count).ToString()), level.Span))]));

        void Refuse(SourceSpan span, string path, string message) => diagnostics.Error(DiagnosticCodes.Conflict, span, path, message, string.Create(CultureInfo.InvariantCulture, $"task: {{ {TaskCatalog.Folds}: 3 }}"));
    }
}
