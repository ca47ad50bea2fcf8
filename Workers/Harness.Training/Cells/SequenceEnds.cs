using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>Where the sequences of a padded batch end. A sequence begins at step 0, and a direction that reads backwards begins at its own last step.</summary>
/// <param name="Lengths">Steps of each sequence, B numbers from 1 to T.</param>
/// <param name="Count">The same as a tensor on the CPU, as packing wants it: [B].</param>
/// <param name="Inside">Whether a step belongs to its sequence: [T, B, 1] on the device.</param>
internal sealed record SequenceEnds(int[] Lengths, Tensor Count, Tensor Inside) : IDisposable
{
    public static SequenceEnds Of(int[] lengths, int steps, Device device)
    {
        var count = tensor(lengths.Select(length => (long)length).ToArray());
        using var positions = arange(steps);
        using var inside = positions.unsqueeze(1).lt(count.unsqueeze(0));
        return new(lengths, count, inside.unsqueeze(2).to(device));
    }

    /// <summary>The value at each sequence's last step: [T, B, F] to [B, F].</summary>
    public Tensor LastOf(Tensor steps)
    {
        var last = (Count - 1).to(steps.device).reshape(1, -1, 1).expand(1, -1, steps.shape[2]);
        return steps.gather(0, last).squeeze(0);
    }

    public void Dispose()
    {
        Count.Dispose();
        Inside.Dispose();
    }
}
