using Harness.Experiments.Specs;
using Harness.Training.Engine;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Training;

/// <summary>Clipping of gradients, to be called after backward. Norms are float64 on every path, so that all of them agree on which trials diverge.</summary>
internal static class GradientClip
{
    /// <summary>Clips one model's gradients and reads what its step found. Waits for a device once.</summary>
    /// <param name="loss">Of the step, a scalar.</param>
    public static StepFindings Apply(Tensor loss, IReadOnlyList<Parameter> parameters, TrainSpec spec)
    {
        Tensor[] gradients = [.. parameters.Select(Dense).OfType<Tensor>()];
        if (loss.device_type != DeviceType.CPU) return OnDevice(loss, gradients, spec);
        var (norm, clipped) = loss.dtype == ScalarType.Float64 ? EngineClip.Apply<double>(gradients, spec) : EngineClip.Apply<float>(gradients, spec);
        return new(loss.to(ScalarType.Float64).item<double>(), norm, clipped);
    }

    /// <summary>The same without leaving the device, but to read loss, norm and largest entry together.</summary>
    internal static StepFindings OnDevice(Tensor loss, IReadOnlyList<Tensor> gradients, TrainSpec spec)
    {
        var (norms, peaks) = ByModel([.. gradients.Select(gradient => gradient.unsqueeze(0))], spec);
        double[] found = [.. stack([loss.detach().to(ScalarType.Float64).reshape(1), norms, peaks]).cpu().data<double>()];
        return Findings(found[0], found[1], found[2], spec);
    }

    /// <summary>Clips the gradients of several models, each by its own norm, on the device that they are on.</summary>
    /// <param name="gradients">[K, …] each, clipped in place.</param>
    /// <returns>Float64, [K] each: global norms before clipping, and the largest entries before clipping by value; zeros where nothing is clipped by value.</returns>
    public static (Tensor Norms, Tensor Peaks) ByModel(IReadOnlyList<Tensor> gradients, TrainSpec spec)
    {
        var models = gradients[0].shape[0];
        var all = cat([.. gradients.Select(gradient => gradient.reshape(models, -1))], dim: 1).to(ScalarType.Float64);      // [K, P]
        var norms = all.square().sum(dim: 1).sqrt();
        // As torch: a little more than the norm, so that nothing is divided by zero.
        if (spec.ClipNorm is { } most) all.mul_((most / (norms + 1e-6)).clamp_max(1).unsqueeze(1));
        var peaks = spec.ClipValue is null ? zeros_like(norms) : all.abs().amax([1]);
        if (spec.ClipValue is { } largest) all.clamp_(-largest, largest);
        if (spec.ClipNorm is null && spec.ClipValue is null) return (norms, peaks);
        long first = 0;
        foreach (var gradient in gradients)
        {
            var size = gradient.numel() / models;
            gradient.copy_(all.narrow(1, first, size).reshape(gradient.shape));
            first += size;
        }

        return (norms, peaks);
    }

    /// <param name="peak">As <see cref="ByModel"/> returns it.</param>
    public static StepFindings Findings(double loss, double norm, double peak, TrainSpec spec) =>
        new(loss, norm, spec.ClipValue is { } largest ? peak > largest : norm > spec.ClipNorm);

    /// <summary>A parameter's gradient with its entries in one piece of memory; null where it has none.</summary>
    private static Tensor? Dense(Parameter parameter)
    {
        if (parameter.grad is { } scattered && !scattered.is_contiguous()) parameter.grad = scattered.contiguous();
        return parameter.grad;
    }
}
