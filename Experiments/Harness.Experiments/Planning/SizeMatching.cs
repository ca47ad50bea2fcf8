using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;

namespace Harness.Experiments.Planning;

/// <summary>How large a model is, and the hidden size that gives it a wanted size.</summary>
internal static class SizeMatching
{
    public const string ByHidden = "hidden";
    public const string ByParameters = "parameters";

    /// <summary>The measure at hidden size <paramref name="hidden"/>: trainable parameters with the output layer, or operations per training step.</summary>
    public static double Measure(string match, SettingResolution resolved, int hidden)
    {
        var parameters = TrialComposer.Compose(resolved, hidden, seed: 0);
        return match == ByParameters ? ModelSize.ParametersTotal(parameters) : ModelSize.FlopsPerStep(parameters);
    }

    /// <summary>The hidden size whose measure comes nearest to <paramref name="budget"/>. The measure grows with the hidden size.</summary>
    public static int Solve(string match, SettingResolution resolved, double budget)
    {
        var type = (WholeNumberType)SettingCatalog.Hidden.Type;
        var low = (int)type.Minimum;
        var high = (int)type.Maximum;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (Measure(match, resolved, middle) < budget) low = middle + 1;
            else high = middle;
        }

        if (low == type.Minimum) return low;
        var above = Measure(match, resolved, low) - budget;
        var below = budget - Measure(match, resolved, low - 1);
        return Math.Abs(below) <= Math.Abs(above) ? low - 1 : low;
    }
}
