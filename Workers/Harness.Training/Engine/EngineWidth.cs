using System.Runtime.Intrinsics;

namespace Harness.Training.Engine;

/// <summary>The width of the registers that the engine computes with. Every width gives the same bits; float64 has one width.</summary>
internal enum EngineWidth
{
    /// <summary>128 bits: any processor. Without a fused multiply-add in hardware that is computed in software, exactly and slowly.</summary>
    Portable,

    Avx2,

    Avx512,
}

internal static class EngineWidths
{
    /// <summary>The widest that this processor does well.</summary>
    public static EngineWidth Best { get; } = Vector512.IsHardwareAccelerated ? EngineWidth.Avx512 : Vector256.IsHardwareAccelerated ? EngineWidth.Avx2 : EngineWidth.Portable;
}
