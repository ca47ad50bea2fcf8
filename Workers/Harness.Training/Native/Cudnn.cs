using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Harness.Training.Native;

/// <summary>Which cuDNN is loaded: the library's loops on a GPU are its work.</summary>
internal static unsafe class Cudnn
{
    /// <summary>Version and path of the one that this process has loaded; nulls when there is none.</summary>
    public static (string? Version, string? Path) Loaded()
    {
        using var process = Process.GetCurrentProcess();
        return Of(process.Modules.Cast<ProcessModule>().Select(module => module.FileName));
    }

    /// <param name="modules">Paths of libraries, of which cuDNN's main one, if it is there, is called libcudnn.so.9 or cudnn64_9.dll.</param>
    public static (string? Version, string? Path) Of(IEnumerable<string> modules)
    {
        foreach (var path in modules)
        {
            var name = System.IO.Path.GetFileName(path);
            if (!name.StartsWith("libcudnn.", StringComparison.Ordinal) && !name.StartsWith("cudnn64_", StringComparison.OrdinalIgnoreCase)) continue;
            if (!NativeLibrary.TryLoad(path, out var library) || !NativeLibrary.TryGetExport(library, "cudnnGetVersion", out var address)) return (null, path);
            return (Version(((delegate* unmanaged<nuint>)address)()), path);
        }

        return (null, null);
    }

    /// <summary>CUDNN_VERSION: major·10000 + minor·100 + patch since cuDNN 9, major·1000 + … before.</summary>
    private static string Version(ulong number)
    {
        var unit = number >= 90_000 ? 10_000UL : 1_000UL;
        return FormattableString.Invariant($"{number / unit}.{number % unit / 100}.{number % 100}");
    }
}
