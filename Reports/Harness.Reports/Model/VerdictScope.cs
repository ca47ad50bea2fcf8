using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What the verdicts are about and nothing beyond: task, sizes and how they were matched, initialisation, optimizer, batch, clipping, precision, device, kernel.</summary>
internal static class VerdictScope
{
    /// <param name="sources">Files by the hash of their content, as the experiment names them.</param>
    public static string Of(IReadOnlyList<ConditionResults> conditions, Texts texts, TuningResults? tuning = null, IReadOnlyDictionary<string, FileSource>? sources = null)
    {
        var trials = conditions.Select(c => c.Trial).ToList();
        string[] parts =
        [
            All(t => t.Task.Kind),
            texts.ScopeLength(All(t => Numbers.Count(t.Task.Length))),
            texts.ScopeHidden(All(t => Numbers.Count(t.Model.Hidden))),
            trials.TrueForAll(t => t.Model.Weights is not null) ? "" : texts.ScopeInit(All(t => t.Model.Weights is not null ? "" : t.Model.Init.ToString().ToLowerInvariant()), Bias(t => t.ForgetBias), Bias(t => t.UpdateBias)),
            texts.ScopeWeights([.. trials.Select(t => t.Model.Weights).OfType<string>().Distinct(StringComparer.Ordinal).Select(hash => (sources?.GetValueOrDefault(hash)?.Path, hash))]),
            SizeComparison.Of(conditions, texts),
            texts.ScopeTraining(All(t => Numbers.Count(t.Train.Steps)), All(t => Numbers.Count(t.Train.Batch))),
            texts.ScopeOptimizer(All(t => Word(t.Train.Optimizer.Kind)), All(t => TunedNote.Rate(t.Train.Optimizer.LearningRate)), All(t => t.Train.Optimizer.Schedule is { } schedule ? Word(schedule.Kind) : "")),
            tuning is null ? "" : texts.ScopeTuned(texts.SearchBudget(tuning), string.Join(", ", tuning.Spec.Arms.SelectMany(arm => arm.Settings.Select(TuningTable.SearchText)).Distinct(StringComparer.Ordinal))),
            texts.ScopeClipping(All(t => t.Train.ClipNorm is { } norm ? Numbers.Plain(norm) : t.Train.ClipValue is { } value ? $"±{Numbers.Plain(value)}" : "")),
            texts.ScopeMachine(All(t => t.Dtype.ToString().ToLowerInvariant()), All(t => t.Device.ToString().ToLowerInvariant()), All(t => texts.ScopeKernel(t.Model.Kernel.ToString().ToLowerInvariant(), t.Model.KernelAuto == true))),
        ];
        return string.Join("; ", parts.Where(part => part.Length > 0));

        string All(Func<TrialSpec, string> value) => string.Join(", ", trials.Select(value).Where(part => part.Length > 0).Distinct(StringComparer.Ordinal));

        static string Word<T>(T value) where T : struct, Enum => value.ToString().ToLowerInvariant();

        string? Bias(Func<ModelSpec, double?> value)
        {
            var set = trials.Select(t => value(t.Model)).OfType<double>().Distinct().ToList();
            return set.Count == 0 ? null : string.Join(", ", set.Select(Numbers.Plain));
        }
    }
}
