using Harness.Experiments.Specs;
using TorchSharp.Modules;
using static TorchSharp.torch.nn;

namespace Harness.Training.Training;

/// <summary>Clipping of gradients; to be called after backward.</summary>
internal static class GradientClip
{
    /// <summary>Clips by the global norm (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1), by value, or not at all.</summary>
    /// <returns>The global norm before clipping, not finite when a gradient is not, and whether anything was clipped.</returns>
    public static (double Norm, bool Clipped) Apply(Parameter[] parameters, TrainSpec spec)
    {
        var norm = utils.clip_grad_norm_(parameters, spec.ClipNorm ?? double.PositiveInfinity);
        if (spec.ClipValue is not { } largest) return (norm, norm > spec.ClipNorm);
        var peak = utils.clip_grad_norm_(parameters, double.PositiveInfinity, norm_type: double.PositiveInfinity);
        utils.clip_grad_value_(parameters, largest);
        return (norm, peak > largest);
    }
}
