using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>Checks of <c>model.weights</c>: the file is read when the experiment is, so that no trial fails by it.</summary>
internal sealed class WeightRules(ExperimentSettings settings, DiagnosticList diagnostics)
{
    /// <summary>Settings of the draw, which a file leaves nothing to do.</summary>
    private static readonly SettingDescriptor[] Draws = [SettingCatalog.Init, SettingCatalog.SpectralRadius, SettingCatalog.ForgetBias, SettingCatalog.UpdateBias];

    /// <summary>Whether the file can be read, and no other setting says how weights are drawn.</summary>
    public bool Check(SettingResolution resolved)
    {
        if (resolved.Weights is not { } weights) return true;
        var path = SettingCatalog.Weights.Path;
        if (weights.Problem is { } problem) diagnostics.Error(problem.Code, SpanOf(resolved), path, problem.Message, problem.Expected, problem.Suggestion);
        foreach (var draw in Draws.Where(draw => resolved.Has(draw) && resolved[draw] is { IsAbsent: false } value && !value.Equals(draw.DefaultValue)))
        {
            diagnostics.Error(DiagnosticCodes.Conflict, resolved.Written(draw)?.Span ?? SpanOf(resolved), draw.Path,
                $"\"{draw.Key}\" says how weights are drawn, and those of {resolved.Cell.Name} come from {resolved[SettingCatalog.Weights].Text}", null, $"remove {draw.Path} or {path}");
            return false;
        }

        return weights.Problem is null;
    }

    /// <summary>Whether the file holds the weights of the condition's model.</summary>
    public void CheckFit(SettingResolution resolved, TrialSpec trial)
    {
        if (resolved.Weights is not { File: { } file } weights) return;
        var model = string.Create(CultureInfo.InvariantCulture,
            $"{trial.Model.Cell} with hidden {trial.Model.Hidden}{(trial.Model.Layers > 1 ? $", {trial.Model.Layers} layers" : "")}{(trial.Model.Bidirectional ? ", bidirectional" : "")}");
        foreach (var problem in InitialWeights.Of(weights.Tensors, WeightLayout.Network(trial), WeightLayout.Output(trial), model, trial.Dtype == Precision.Float32).Problems)
            diagnostics.Error(DiagnosticCodes.BadWeights, SpanOf(resolved), $"{SettingCatalog.Weights.Path}.{problem.Tensor}", $"{file.Path}: {problem.Message}", problem.Expected, problem.Suggestion);
    }

    private SourceSpan SpanOf(SettingResolution resolved) => resolved.Written(SettingCatalog.Weights)?.Span ?? settings.Root;
}
