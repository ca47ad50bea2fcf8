using System.Collections.Frozen;
using Harness.Experiments.Catalog;
using Harness.Experiments.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Makes a trial's spec from a condition's settings, with every default filled in: whether a default was written out changes no identity.</summary>
internal static class TrialComposer
{
    /// <summary>Evaluations per training when the file does not say how often.</summary>
    private const int DefaultEvaluations = 20;

    private const int DefaultProbeSequences = 32;

    /// <param name="hidden">H, which matching may have solved.</param>
    public static TrialSpec Compose(SettingResolution resolved, int hidden, long seed) => new(
        TrialSpec.CurrentRevision,
        new TaskSpec(resolved.Task.Kind, resolved[SettingCatalog.Length].Whole, ParametersOf(resolved)),
        new ModelSpec(
            resolved.Cell.Name,
            Word<KernelPath>(resolved[SettingCatalog.Kernel]),
            hidden,
            resolved[SettingCatalog.Layers].Whole,
            resolved[SettingCatalog.Bidirectional].IsOn,
            resolved.Has(SettingCatalog.Activation) ? resolved.Find(SettingCatalog.Activation)?.Text ?? resolved.Cell.Activations[0] : null,
            Word<InitKind>(resolved[SettingCatalog.Init]),
            NumberIfSet(resolved, SettingCatalog.ForgetBias),
            NumberIfSet(resolved, SettingCatalog.UpdateBias)),
        new TrainSpec(
            resolved[SettingCatalog.Steps].Whole,
            resolved[SettingCatalog.Batch].Whole,
            new OptimizerSpec(Word<OptimizerKind>(resolved[SettingCatalog.Optimizer]), resolved[SettingCatalog.LearningRate].Number),
            NumberIfSet(resolved, SettingCatalog.ClipNorm)),
        new EvaluationSpec(
            resolved.Find(SettingCatalog.EvaluationEvery)?.Whole ?? Math.Max(1, resolved[SettingCatalog.Steps].Whole / DefaultEvaluations),
            resolved[SettingCatalog.EvaluationSequences].Whole),
        new ProbeSpec(
            resolved[SettingCatalog.ProbeGradients].Words.Select(Word<ProbeMoment>).ToArray(),
            resolved.Find(SettingCatalog.ProbeSequences)?.Whole ?? Math.Min(DefaultProbeSequences, resolved[SettingCatalog.EvaluationSequences].Whole)),
        TargetOf(resolved),
        Word<Precision>(resolved[SettingCatalog.Dtype]),
        Word<DeviceKind>(resolved[SettingCatalog.Device]),
        seed);

    /// <summary>The file's target, else the task's own criterion.</summary>
    public static TargetSpec TargetOf(SettingResolution resolved)
    {
        if (resolved.Find(SettingCatalog.TargetMetric) is { } metric)
        {
            return new TargetSpec(metric.Text, resolved.Find(SettingCatalog.TargetBelow)?.Number, resolved.Find(SettingCatalog.TargetAbove)?.Number);
        }

        var success = resolved.Task.Success;
        return new TargetSpec(success.Metric, success.Below ? success.Threshold : null, success.Below ? null : success.Threshold);
    }

    private static ParameterSet ParametersOf(SettingResolution resolved) => new(resolved.Task.Parameters.Select(parameter =>
        new KeyValuePair<string, string>(parameter.Name, resolved.Find(SettingCatalog.Find($"task.{parameter.Name}")!)?.Text ?? Canonical(parameter))));

    private static string Canonical(TaskParameter parameter) =>
        TaskParameterType.TypeOf(parameter).Parse(parameter.Default, out var value) is { } problem
            ? throw new InvalidOperationException($"The default of the task parameter {parameter.Name}: {problem.Message}.")
            : value.Text;

    private static double? NumberIfSet(SettingResolution resolved, SettingDescriptor descriptor) =>
        resolved.Has(descriptor) && resolved[descriptor] is { IsAbsent: false } value ? value.Number : null;

    /// <summary>The catalogue's words are the members of the enumerations, in lower case.</summary>
    private static T Word<T>(SettingValue value) where T : struct, Enum => Word<T>(value.Text);

    private static T Word<T>(string word) where T : struct, Enum => Words<T>.Members[word];

    private static class Words<T> where T : struct, Enum
    {
        public static readonly FrozenDictionary<string, T> Members = Enum.GetValues<T>().ToFrozenDictionary(member => member.ToString().ToLowerInvariant(), StringComparer.Ordinal);
    }
}
