using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>Builds a cell's network on a backend.</summary>
internal static class NetworkFactory
{
    /// <summary>The network of <paramref name="cell"/> on <paramref name="kernel"/>.</summary>
    /// <param name="layerByLayer">Whether something happens between layers, so that the library must not run the whole stack at once.</param>
    /// <param name="shared">The native kernels' memory of the models that it is trained beside; null for one that is alone.</param>
    /// <exception cref="NotSupportedException">The cell does not exist on that backend.</exception>
    public static RecurrentNetwork Create(RecurrentCell cell, KernelPath kernel, StackShape shape, bool layerByLayer = false, EngineStacks? shared = null) => cell.CreateNetwork(shape) ?? kernel switch
    {
        KernelPath.Cell => new LoopNetwork(cell, shape),
        KernelPath.Batched => new BatchedNetwork(cell, shape),
        KernelPath.Engine when shape.Dtype == ScalarType.Float64 => new EngineNetwork<double>(cell, shape, shared: shared),
        KernelPath.Engine => new EngineNetwork<float>(cell, shape, shared: shared),
        KernelPath.Library => new LibraryNetwork(cell, shape, layerByLayer),
        _ => throw new NotSupportedException($"There is no kernel '{kernel}'."),
    };
}
