using System.Runtime.InteropServices;

namespace Harness.Training.Native;

/// <summary>Keeps libtorch from evaluating LSTMs with oneDNN.</summary>
/// <remarks>
/// Without gradients, libtorch computes a float32 LSTM by oneDNN, and by its own operations otherwise. On an AMD EPYC of family 26 (Zen 5) oneDNN's
/// AVX-512 kernel returns wrong states for up to 16 hidden units, by up to 0.9 (libtorch 2.10). No other recurrent layer uses oneDNN in float32.
/// TorchSharp offers no switch, so this calls <c>at::Context::setUserEnabledMkldnn</c>.
/// </remarks>
internal static unsafe class OneDnn
{
    private static readonly (string Context, string Set, string Get) Names = OperatingSystem.IsWindows()
        ? ("?globalContext@at@@YAAEAVContext@1@XZ", "?setUserEnabledMkldnn@Context@at@@QEAAX_N@Z", "?userEnabledMkldnn@Context@at@@QEBA_NXZ")
        : ("_ZN2at13globalContextEv", "_ZN2at7Context20setUserEnabledMkldnnEb", "_ZNK2at7Context17userEnabledMkldnnEv");

    /// <summary>Switches oneDNN off for this process. Returns whether it is off; false where this libtorch does not export the switch.</summary>
    public static bool Disable(nint library) => Use(library, false);

    /// <summary>Switches oneDNN on or off. Returns whether the switch is there and has taken the value.</summary>
    internal static bool Use(nint library, bool isEnabled)
    {
        if (!NativeLibrary.TryGetExport(library, Names.Context, out var context)
            || !NativeLibrary.TryGetExport(library, Names.Set, out var set)
            || !NativeLibrary.TryGetExport(library, Names.Get, out var get)) return false;
        var global = ((delegate* unmanaged<nint>)context)();
        ((delegate* unmanaged<nint, byte, void>)set)(global, isEnabled ? (byte)1 : (byte)0);
        return ((delegate* unmanaged<nint, byte>)get)(global) != 0 == isEnabled;
    }
}
