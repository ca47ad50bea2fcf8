using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What the verdicts are about and nothing beyond: task, sizes, initialisation, precision, device, kernel.</summary>
internal static class VerdictScope
{
    public static string Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        var trials = conditions.Select(c => c.Trial).ToList();
        return string.Join("; ",
            All(t => t.Task.Kind),
            texts.ScopeLength(All(t => Numbers.Count(t.Task.Length))),
            texts.ScopeHidden(All(t => Numbers.Count(t.Model.Hidden))),
            texts.ScopeInit(All(t => t.Model.Init.ToString().ToLowerInvariant()), Bias(t => t.ForgetBias), Bias(t => t.UpdateBias)),
            texts.ScopeTraining(All(t => Numbers.Count(t.Train.Steps))),
            texts.ScopeMachine(All(t => t.Dtype.ToString().ToLowerInvariant()), All(t => t.Device.ToString().ToLowerInvariant()), All(t => texts.ScopeKernel(t.Model.Kernel.ToString().ToLowerInvariant(), t.Model.KernelAuto == true))));

        string All(Func<TrialSpec, string> value) => string.Join(", ", trials.Select(value).Distinct(StringComparer.Ordinal));

        string? Bias(Func<ModelSpec, double?> value)
        {
            var set = trials.Select(t => value(t.Model)).OfType<double>().Distinct().ToList();
            return set.Count == 0 ? null : string.Join(", ", set.Select(Numbers.Plain));
        }
    }
}
