using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The automatic loop: nn.RNN, nn.LSTM, nn.GRU.</summary>
internal sealed class LibraryNetwork(LibraryStack stack, StackShape shape) : RecurrentNetwork(shape)
{
    public override IReadOnlyList<NamedWeight> Weights => stack.Weights;

    public override Tensor Last(Tensor input)
    {
        var last = stack.Run(input).Last;                                                    // [L·D, B, H]
        return Shape.Bidirectional ? cat([last[-2], last[-1]], dim: 1) : last[-1];           // [B, D·H]
    }

    public override Tensor EveryStep(Tensor input) => stack.Run(input).Sequence;

    public override void Dispose() => stack.Dispose();
}
