using TorchSharp;
using TorchSharp.Modules;

namespace Harness.Training.Training;

/// <summary>Clipping by the global norm (Pascanu, Mikolov &amp; Bengio 2013, algorithm 1).</summary>
internal static class GradientClip
{
    /// <summary>Scales the gradients so that their global norm is at most <paramref name="largest"/>. To be called after backward.</summary>
    /// <param name="largest">Null scales nothing.</param>
    /// <returns>The norm before clipping; not finite when a gradient is not.</returns>
    public static double Apply(Parameter[] parameters, double? largest) =>
        torch.nn.utils.clip_grad_norm_(parameters, largest ?? double.PositiveInfinity);
}
