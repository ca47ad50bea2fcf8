using System.Numerics;
using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>A cell that the engine has.</summary>
internal interface IEngineCell
{
    /// <summary>Columns of H that it keeps per row.</summary>
    int Blocks { get; }

    CellKernel<T> Kernel<L, V, T>(LayerSizes sizes) where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T>;
}

internal static class EngineCells
{
    /// <summary>The cell's arithmetic at a width.</summary>
    /// <typeparam name="T">float or double.</typeparam>
    public static CellKernel<T> Kernel<T>(this IEngineCell cell, LayerSizes sizes, EngineWidth width) where T : unmanaged, INumberBase<T> => (CellKernel<T>)(object)(
        typeof(T) == typeof(double) ? cell.Kernel<DoubleLanes, Vector256<double>, double>(sizes) : width switch
        {
            EngineWidth.Avx512 => cell.Kernel<Lanes512, Vector512<float>, float>(sizes),
            EngineWidth.Avx2 => cell.Kernel<Lanes256, Vector256<float>, float>(sizes),
            _ => (object)cell.Kernel<Lanes128, Vector128<float>, float>(sizes),
        });
}

internal sealed class RnnEngine(string? activation) : IEngineCell
{
    public int Blocks => 1;

    public CellKernel<T> Kernel<L, V, T>(LayerSizes sizes) where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T> =>
        new RnnKernel<L, V, T>(sizes, activation == "relu");
}

internal sealed class LstmEngine : IEngineCell
{
    public int Blocks => 4;

    public CellKernel<T> Kernel<L, V, T>(LayerSizes sizes) where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T> => new LstmKernel<L, V, T>(sizes);
}

internal sealed class GruEngine : IEngineCell
{
    public int Blocks => 4;

    public CellKernel<T> Kernel<L, V, T>(LayerSizes sizes) where L : ILanes<V, T> where V : struct where T : unmanaged, INumberBase<T> => new GruKernel<L, V, T>(sizes);
}
