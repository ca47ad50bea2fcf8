using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Planning;

/// <summary>Checks of one condition's settings against each other, its cell and its task.</summary>
internal sealed class ConditionRules(ExperimentSettings settings, DiagnosticList diagnostics)
{
    /// <summary>More parameters than recurrent networks of this kind have ever had use for.</summary>
    private const long MostParameters = 500_000_000;

    /// <summary>What back-propagation may keep: most of one large device.</summary>
    public const double MostActivationBytes = 64.0 * 1024 * 1024 * 1024;

    private readonly WeightRules weights = new(settings, diagnostics);

    /// <summary>Whether the condition can be composed.</summary>
    public bool Check(SettingResolution resolved)
    {
        var isRight = CheckPerCell(resolved);
        isRight &= CheckTask(resolved) && CheckData(resolved) && CheckAccuracy(resolved);
        isRight &= CheckKernel(resolved);
        isRight &= CheckActivation(resolved);
        isRight &= CheckInit(resolved);
        isRight &= weights.Check(resolved);
        isRight &= CheckTraining(resolved);
        if (isRight) CheckEvaluation(resolved);
        return isRight;
    }

    public void CheckSize(SettingResolution resolved, TrialSpec trial)
    {
        weights.CheckFit(resolved, trial);
        var parameters = ModelSize.ParametersTotal(trial);
        if (parameters > MostParameters)
        {
            diagnostics.Error(DiagnosticCodes.TooLarge, SpanOf(resolved, SettingCatalog.Hidden), SettingCatalog.Hidden.Path,
                string.Create(CultureInfo.InvariantCulture, $"{trial.Model.Cell} with hidden {trial.Model.Hidden} has {parameters:N0} parameters"),
                string.Create(CultureInfo.InvariantCulture, $"at most {MostParameters:N0}"));
        }

        var bytes = ModelSize.ActivationBytes(trial);
        if (bytes > MostActivationBytes)
        {
            diagnostics.Error(DiagnosticCodes.TooLarge, SpanOf(resolved, SettingCatalog.Length), SettingCatalog.Length.Path,
                string.Create(CultureInfo.InvariantCulture,
                    $"back-propagation through {trial.Task.Length} steps of {trial.Train.Batch} sequences keeps {bytes / (1 << 30):N0} GiB"),
                string.Create(CultureInfo.InvariantCulture, $"at most {MostActivationBytes / (1 << 30):N0} GiB"), "use a smaller batch, length or hidden size");
        }
    }

    public void CheckMatch(SettingResolution resolved, int hidden, SizeMatch match)
    {
        if (match.Mismatch < SizeMatch.LargestMismatch) return;
        diagnostics.Error(DiagnosticCodes.Unmatched, SpanOf(resolved, SettingCatalog.Match), $"{SettingCatalog.Hidden.Path}.{resolved.Cell.Name}",
            string.Create(CultureInfo.InvariantCulture,
                $"{resolved.Cell.Name} cannot match {match.Budget:0} {match.Measure}: the nearest is {match.Actual:0} with hidden {hidden}, {match.Mismatch:P1} off"),
            string.Create(CultureInfo.InvariantCulture, $"a mismatch under {SizeMatch.LargestMismatch:P0}"), "use a larger hidden size or budget: the sizes that a cell can have lie closer together there");
    }

    /// <param name="resolved">The condition in which it does not apply, or null when it applies in none.</param>
    public void ReportNotApplicable(SettingDescriptor descriptor, SourceSpan span, string path, SettingResolution? resolved)
    {
        if (descriptor.IsTaskParameter)
        {
            var tasks = TaskCatalog.All.Where(task => task.Parameters.Any(parameter => parameter.Name == descriptor.Key)).Select(task => task.Kind);
            diagnostics.Error(DiagnosticCodes.DoesNotApply, span, path,
                resolved is null ? $"no task of this experiment has \"{descriptor.Key}\"" : $"{resolved.Task.Kind} has no \"{descriptor.Key}\"",
                $"task {string.Join(" or ", tasks)}");
            return;
        }

        if (descriptor.Needs is { } needed && (resolved is null || descriptor.AppliesTo?.Invoke(resolved.Cell) != false))
        {
            diagnostics.Error(DiagnosticCodes.DoesNotApply, span, path, $"\"{descriptor.Key}\" has no effect here", $"{needed.Path}: {descriptor.NeededNote}");
            return;
        }

        var cells = CellCatalog.All.Where(cell => descriptor.AppliesTo!(cell)).Select(cell => cell.Name);
        diagnostics.Error(DiagnosticCodes.DoesNotApply, span, path,
            resolved is null ? $"no cell of this experiment has \"{descriptor.Key}\"" : $"{resolved.Cell.Name} has no \"{descriptor.Key}\"",
            $"cell {string.Join(" or ", cells)}");
    }

    private bool CheckPerCell(SettingResolution resolved)
    {
        var isRight = true;
        foreach (var setting in settings.Base.Values)
        {
            if (setting.PerCell is null || setting.PerCell.ContainsKey(resolved.Cell.Name) || resolved.IsVaried(setting.Descriptor) || !resolved.Has(setting.Descriptor)) continue;
            diagnostics.Error(DiagnosticCodes.MissingCell, setting.Span, $"{setting.Descriptor.Path}.{resolved.Cell.Name}",
                $"\"{setting.Descriptor.Key}\" has no value for {resolved.Cell.Name}", $"a value for every cell of the experiment");
            isRight = false;
        }

        return isRight;
    }

    private bool CheckTask(SettingResolution resolved)
    {
        var isRight = true;
        var length = resolved.Find(SettingCatalog.Length);
        if (length is not null && length.Whole < resolved.Task.MinimumLength)
        {
            diagnostics.Error(DiagnosticCodes.OutOfRange, SpanOf(resolved, SettingCatalog.Length), SettingCatalog.Length.Path,
                $"length {length.Text} is too short for {resolved.Task.Kind}", $"at least {resolved.Task.MinimumLength} steps");
            isRight = false;
        }

        foreach (var setting in new[] { SettingCatalog.Shortest, SettingCatalog.EvaluationLength }.Where(setting => resolved.Task.ReadsFile && !resolved[setting].IsAbsent))
        {
            diagnostics.Error(DiagnosticCodes.DoesNotApply, SpanOf(resolved, setting), setting.Path,
                $"{resolved.Task.Kind} has no \"{setting.Key}\": its sequences are windows of one length", "a generated task");
            isRight = false;
        }

        foreach (var setting in new[] { SettingCatalog.Shortest, SettingCatalog.EvaluationLength }.Where(setting => !resolved[setting].IsAbsent && resolved[setting].Whole < resolved.Task.MinimumLength))
        {
            diagnostics.Error(DiagnosticCodes.OutOfRange, SpanOf(resolved, setting), setting.Path,
                $"{setting.Key} {resolved[setting].Text} is too short for {resolved.Task.Kind}", $"at least {resolved.Task.MinimumLength} steps");
            isRight = false;
        }

        if (length is not null && !resolved[SettingCatalog.Shortest].IsAbsent && resolved[SettingCatalog.Shortest].Whole > length.Whole)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.Shortest), SettingCatalog.Shortest.Path,
                $"the shortest sequence ({resolved[SettingCatalog.Shortest].Text}) would be longer than the longest ({length.Text})", $"at most {length.Text}");
            isRight = false;
        }

        foreach (var parameter in resolved.Task.Parameters)
        {
            var descriptor = SettingCatalog.Find($"task.{parameter.Name}")!;
            if (resolved.Written(descriptor) is not { } written)
            {
                if (parameter.Default is not null) continue;
                diagnostics.Error(DiagnosticCodes.MissingKey, SpanOf(resolved, SettingCatalog.Task), descriptor.Path, $"{resolved.Task.Kind} needs \"{parameter.Name}\"", $"task: {{ {parameter.Name}: {parameter.Example} }}");
                isRight = false;
                continue;
            }

            var type = TaskParameterType.TypeOf(parameter);
            if (type.Parse(written.Value.Text, out _) is not { } problem) continue;
            diagnostics.Error(problem.Code, written.Span, descriptor.Path, $"{parameter.Name} of {resolved.Task.Kind}: {problem.Message}", type.Expected);
            isRight = false;
        }

        if (resolved.Task.AsksAtEveryStep && resolved.Has(SettingCatalog.Bidirectional) && resolved[SettingCatalog.Bidirectional].IsOn)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.Bidirectional), SettingCatalog.Bidirectional.Path,
                $"{resolved.Task.Kind} asks at every step, and a bidirectional network would read the answers from the future", "bidirectional: false");
            isRight = false;
        }

        return isRight;
    }

    /// <summary>Whether the condition's data file is there, is well-formed, and is long enough for its windows.</summary>
    private bool CheckData(SettingResolution resolved)
    {
        if (resolved.Data is not { } data) return true;
        foreach (var problem in data.Problems) Report(resolved, problem);
        if (data.Problems.Count > 0) return false;

        if (resolved.Task.ConflictIn?.Invoke(TrialComposer.ParametersOf(resolved)) is { } conflict)
        {
            Report(resolved, new(DiagnosticCodes.OutOfRange, conflict.Parameter, conflict.Message, conflict.Expected));
            return false;
        }

        var horizon = resolved.Horizon;
        var windows = resolved.Windows!;
        var needed = resolved[SettingCatalog.Length].Whole + horizon.Last;
        foreach (var (count, part, share) in new[] { (windows.Train, "training", data.Split!.Train), (windows.Validation, "validation", data.Split.Validation), (windows.Test, "test", data.Split.Test) })
        {
            if (count > 0 || share == 0) continue;
            var (unit, path) = (resolved.Task.File!.Unit, data.File!.Path);
            if (!data.IsByRows)
            {
                // A file whose column names the parts may have no test part.
                if (part == "test") continue;
                Report(resolved, new(DiagnosticCodes.TooLittleData, "file", $"{path}: its {part} part holds no sequence of length {resolved[SettingCatalog.Length].Text}", $"sequences in the {part} part", "use a smaller length, or give this part more series or rows"));
                return false;
            }

            Report(resolved, new(DiagnosticCodes.TooLittleData, "file",
                string.Create(CultureInfo.InvariantCulture, $"{path} has {data.Rows:N0} {unit}; its {part} part, {share} % of them, holds no window of length {resolved[SettingCatalog.Length].Text} and horizon {horizon}"),
                string.Create(CultureInfo.InvariantCulture, $"at least {Math.Ceiling(needed * 100.0 / share):N0} {unit}"), "use a smaller length, another split, or more data"));
            return false;
        }

        Warn(resolved, data.CardOf(resolved[SettingCatalog.Length].Whole, horizon));
        return true;
    }

    /// <summary>Says once what makes a verdict doubtful whatever the networks do; how little there is stands in the card.</summary>
    private void Warn(SettingResolution resolved, DataCard card)
    {
        foreach (var warning in card.Warnings.Where(warning => warning is DataWarning.NewestFirst or DataWarning.Interleaved or DataWarning.Sentinel or DataWarning.Leak or DataWarning.UnknownCharacters))
        {
            var file = SettingCatalog.Find("task.file")!;
            diagnostics.Warning(DiagnosticCodes.DoubtfulData, SpanOf(resolved, file), $"{file.Path}.{warning}", $"{resolved.Data!.File!.Path}: {DataCardText.Sentence(warning)}");
        }
    }

    private void Report(SettingResolution resolved, DataProblem problem)
    {
        var descriptor = SettingCatalog.Find($"task.{problem.Setting}")!;
        // Defaults have no source position; report the data file's position instead.
        var span = resolved.Written(descriptor)?.Span ?? SpanOf(resolved, SettingCatalog.Find("task.file")!);
        diagnostics.Error(problem.Code, span, descriptor.Path, problem.Message, problem.Expected, problem.Suggestion);
    }

    private bool CheckAccuracy(SettingResolution resolved)
    {
        if (resolved.Find(SettingCatalog.TargetMetric) is not { Text: MetricCatalog.EvaluationAccuracy } target || resolved.Task.IsGraded(TrialComposer.ParametersOf(resolved))) return true;
        diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.TargetMetric), SettingCatalog.TargetMetric.Path,
            $"{resolved.Task.Kind} has no {target.Text}: none of its sequences is right or wrong as a whole", $"metric: {resolved.Task.Success.Metric}");
        return false;
    }

    private bool CheckKernel(SettingResolution resolved)
    {
        if (resolved.Cell.Kernels.Contains(resolved.Kernel, StringComparer.Ordinal))
        {
            if (resolved.Kernel != CellDefinition.Engine || resolved[SettingCatalog.Device].Text == "cpu") return true;
            diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.Kernel), SettingCatalog.Kernel.Path,
                $"the engine computes on the CPU alone, and the device is {resolved[SettingCatalog.Device].Text}", "kernel: library, or auto, which takes the engine where it applies", "or set device: cpu");
            return false;
        }

        diagnostics.Error(DiagnosticCodes.DoesNotApply, SpanOf(resolved, SettingCatalog.Kernel), $"{SettingCatalog.Kernel.Path}.{resolved.Cell.Name}",
            $"{resolved.Cell.Name} has no kernel \"{resolved.Kernel}\"", $"one of: {string.Join(", ", resolved.Cell.Kernels)}",
            $"give it per cell: kernel: {{ {resolved.Cell.Name}: {resolved.Cell.Kernels[0]}, ... }}");
        return false;
    }

    private bool CheckActivation(SettingResolution resolved)
    {
        if (!resolved.Has(SettingCatalog.Activation) || resolved.Written(SettingCatalog.Activation) is not { } written) return true;
        if (resolved.Cell.Activations.Contains(written.Value.Text, StringComparer.Ordinal)) return true;
        diagnostics.Error(DiagnosticCodes.UnknownWord, written.Span, SettingCatalog.Activation.Path,
            $"{resolved.Cell.Name} has no activation \"{written.Value.Text}\"", $"one of: {string.Join(", ", resolved.Cell.Activations)}");
        return false;
    }

    private bool CheckInit(SettingResolution resolved)
    {
        var init = resolved[SettingCatalog.Init].Text;
        var span = SpanOf(resolved, SettingCatalog.Init);
        var fault = init switch
        {
            "identity" when resolved.Cell.Gates.Count > 0 => $"init identity is for cells without gates, and {resolved.Cell.Name} has {string.Join(", ", resolved.Cell.Gates)}",
            "chrono" when resolved.Cell.RetentionGate is null => $"init chrono needs a gate that keeps the state, and {resolved.Cell.Name} has none",
            not "default" when !resolved.Cell.IsRecurrent => $"init {init} draws recurrent weights, and {resolved.Cell.Name} has none",
            _ => null,
        };
        if (fault is not null)
        {
            diagnostics.Error(DiagnosticCodes.DoesNotApply, span, $"{SettingCatalog.Init.Path}.{resolved.Cell.Name}", fault, null,
                $"give it per cell: init: {{ {resolved.Cell.Name}: default, ... }}");
            return false;
        }

        var biases = new[] { SettingCatalog.ForgetBias, SettingCatalog.UpdateBias }.Where(bias => resolved.Has(bias) && !resolved[bias].IsAbsent).ToArray();
        if (init != "chrono" || biases.Length == 0) return true;
        diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, biases[0]), biases[0].Path, $"init chrono draws the gate's bias, so {biases[0].Key} has nothing to set", null, "remove one of the two");
        return false;
    }

    private bool CheckTraining(SettingResolution resolved)
    {
        if (!resolved[SettingCatalog.ClipNorm].IsAbsent && !resolved[SettingCatalog.ClipValue].IsAbsent)
        {
            diagnostics.Error(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.ClipValue), SettingCatalog.ClipValue.Path, "gradients are clipped by norm or by value, not by both", "one of: clip_norm, clip_value");
            return false;
        }

        var missing = new[] { SettingCatalog.ScheduleEvery, SettingCatalog.ScheduleFactor }.Where(setting => resolved.Has(setting) && resolved.Find(setting) is null).ToArray();
        foreach (var setting in missing)
        {
            diagnostics.Error(DiagnosticCodes.MissingKey, SpanOf(resolved, SettingCatalog.Schedule), setting.Path, $"schedule step needs \"{setting.Key}\"", $"{setting.Key}: {setting.Example}");
        }

        return missing.Length == 0;
    }

    private void CheckEvaluation(SettingResolution resolved)
    {
        if (resolved.Find(SettingCatalog.WarmUp) is { } warmUp && warmUp.Whole >= resolved[SettingCatalog.Steps].Whole)
        {
            diagnostics.Warning(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.WarmUp), SettingCatalog.WarmUp.Path,
                $"the {resolved[SettingCatalog.Steps].Text} training steps end before the learning rate has warmed up ({warmUp.Text} steps)", "shorten warm_up, or train longer");
        }

        if (resolved.Find(SettingCatalog.EvaluationEvery) is not { } every || every.Whole <= resolved[SettingCatalog.Steps].Whole) return;
        diagnostics.Warning(DiagnosticCodes.Conflict, SpanOf(resolved, SettingCatalog.EvaluationEvery), SettingCatalog.EvaluationEvery.Path,
            $"the {resolved[SettingCatalog.Steps].Text} training steps end before the first evaluation", "only the last step is evaluated, so no target can be reached twice in a row");
    }

    private SourceSpan SpanOf(SettingResolution resolved, SettingDescriptor descriptor) => resolved.Written(descriptor)?.Span ?? settings.Root;
}
