using Harness.Training.Randomness;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>The masks that drop values between layers in one training step: a pure function of (seed, step, layer), on every backend and device.</summary>
/// <param name="rate">Share of values that become zero; the others are scaled by 1/(1−rate) (Srivastava et al. 2014, section 10).</param>
/// <param name="step">Training step, from 1.</param>
internal sealed class DropoutMasks(double rate, long seed, int step)
{
    /// <summary>The mask on what <paramref name="layer"/> reads from the layer below: 0 or 1/(1−rate), in the shape of <paramref name="values"/> [T, B, D·H].</summary>
    public Tensor On(int layer, Tensor values) => tensor(Values(layer, values.numel()), values.shape, dtype: values.dtype, device: values.device);

    /// <summary>The same as plain numbers.</summary>
    public float[] Values(int layer, long count)
    {
        var random = new RandomStream(seed, StreamPurpose.Dropout, (uint)step, (uint)layer);
        // Compared as whole numbers: the same decisions in both precisions.
        var threshold = (uint)Math.Min(rate * 4294967296.0, uint.MaxValue);
        var kept = (float)(1 / (1 - rate));
        var mask = new float[count];
        for (var i = 0; i < mask.Length; i++) mask[i] = random.NextUInt32() < threshold ? 0 : kept;
        return mask;
    }
}
