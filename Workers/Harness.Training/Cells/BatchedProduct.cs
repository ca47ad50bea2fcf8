using TorchSharp;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

internal static class BatchedProduct
{
    /// <summary>addend + a·b for K models: [K, N, M] or what spreads to it, [K, N, L], [K, L, M].</summary>
    /// <remarks>TorchSharp 0.107.0 hands torch.baddbmm's arguments on in another order than it names them: the addend is its third.</remarks>
    public static Tensor Of(Tensor addend, Tensor a, Tensor b) => torch.baddbmm(a, b, addend);
}
