using System.Runtime.InteropServices;
using System.Runtime.Loader;

namespace Harness.Training.Native;

/// <summary>Loads libtorch and TorchSharp's shim before TorchSharp is first touched.</summary>
/// <remarks>
/// TorchSharp's own loader, when it fails, copies 480 MB of libraries into the output folder and reports a trace that
/// names no cure. Loading them here first avoids both, serves systems on which the shim does not load as shipped
/// (<see cref="ElfWeakVersion"/>), and lets <c>HARNESS_LIBTORCH</c> name an installed libtorch.
/// </remarks>
internal static class TorchLibrary
{
    /// <summary>Names the folder of an installed libtorch, e.g. <c>…/site-packages/torch/lib</c>.</summary>
    public const string FolderVariable = "HARNESS_LIBTORCH";

    /// <summary>The shim is bound to this minor version's C++ interface.</summary>
    private const int Major = 2, Minor = 10;

    private const string Shim = "LibTorchSharp";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, nint> Loaded = new(StringComparer.Ordinal);
    private static TorchOrigin? origin;

    /// <summary>Loads the libraries once per process; later calls return the same answer.</summary>
    /// <exception cref="TorchUnavailableException">libtorch is missing, has another version, or does not load.</exception>
    public static TorchOrigin Load()
    {
        lock (Gate) return origin ??= LoadOnce(Environment.GetEnvironmentVariable(FolderVariable));
    }

    private static TorchOrigin LoadOnce(string? installed)
    {
        var packaged = PackageFolder("torch_cpu");
        var folder = string.IsNullOrWhiteSpace(installed) ? packaged : Path.TrimEndingDirectorySeparator(Path.GetFullPath(installed));
        if (packaged is not null && folder != packaged)
        {
            // TorchSharp looks for torch_cpu by the package's path even if one is loaded, and two libtorches crash the process.
            throw new TorchUnavailableException($"{FolderVariable} is {folder}, but this trainer carries its own libtorch in {packaged}, and one process cannot hold both. Build it with TorchBackend=external to use an installed libtorch, or unset {FolderVariable}.");
        }

        if (folder is null || !File.Exists(Path.Combine(folder, FileName("torch_cpu"))))
        {
            throw new TorchUnavailableException(folder is null
                ? $"This build carries no libtorch. Set {FolderVariable} to the folder that holds {FileName("torch_cpu")} of a libtorch {Major}.{Minor} (pip install torch=={Major}.{Minor}.*, then …/site-packages/torch/lib), or build with TorchBackend=cpu."
                : $"{FolderVariable} is {folder}, but there is no {FileName("torch_cpu")} in it. It must be the lib folder of a libtorch {Major}.{Minor}, e.g. …/site-packages/torch/lib.");
        }

        foreach (var (name, required) in Libraries()) Preload(folder, name, required);
        var version = LibtorchVersion();
        if (version is not { Major: Major, Minor: Minor })
        {
            throw new TorchUnavailableException(
                $"libtorch in {folder} is version {version?.ToString(3) ?? "before 2.9"}, but TorchSharp's shim is built for {Major}.{Minor}. Install {Major}.{Minor} (pip install torch=={Major}.{Minor}.*) or unset {FolderVariable} to use the packaged one.");
        }

        var patched = LoadShim();
        AssemblyLoadContext.Default.ResolvingUnmanagedDll += (_, name) => Loaded.GetValueOrDefault(name);
        if (!OneDnn.Disable(Loaded["torch_cpu"])) LstmCheck.Run();
        return new(version, folder, FromPackage: folder == packaged, patched);
    }

    /// <summary>The loaded libtorch, which is linked to the OpenMP runtime of its thread pool.</summary>
    /// <inheritdoc cref="Load"/>
    public static nint Handle
    {
        get
        {
            Load();
            return Loaded["torch_cpu"];
        }
    }

    private static IEnumerable<(string Name, bool Required)> Libraries() =>
        [("c10", true), ("torch_cpu", true), ("c10_cuda", false), ("torch_cuda", false), ("torch", true)];

    private static void Preload(string folder, string name, bool required)
    {
        var path = Path.Combine(folder, FileName(name));
        if (!required && !File.Exists(path)) return;
        try
        {
            Loaded[name] = NativeLibrary.Load(path);
        }
        catch (Exception refusal) when (refusal is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchUnavailableException($"{path} does not load: {refusal.Message}", refusal);
        }
    }

    /// <summary>Loads the shim as shipped, or else its patched copy; true for the copy.</summary>
    private static bool LoadShim()
    {
        var folder = PackageFolder(Shim) ?? throw new TorchUnavailableException($"{FileName(Shim)} is not beside the trainer. Build or publish it again; TorchSharp supports Linux x64, Windows x64/arm64 and macOS arm64.");
        var path = Path.Combine(folder, FileName(Shim));
        try
        {
            Loaded[Shim] = NativeLibrary.Load(path);
            return false;
        }
        catch (DllNotFoundException refusal) when (OperatingSystem.IsLinux())
        {
            try
            {
                Loaded[Shim] = NativeLibrary.Load(PatchedCopy.Of(path));
                return true;
            }
            catch (Exception second) when (second is DllNotFoundException or BadImageFormatException or InvalidDataException or IOException)
            {
                throw new TorchUnavailableException($"TorchSharp's {path} does not load ({refusal.Message.Trim()}), nor does a copy made for older C++ runtimes ({second.Message.Trim()}). A system with GCC 13's libstdc++ (Debian 13, Ubuntu 24.04) loads it as it is.", second);
            }
        }
        catch (Exception refusal) when (refusal is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchUnavailableException($"TorchSharp's {path} does not load: {refusal.Message.Trim()}", refusal);
        }
    }

    /// <summary>The version the loaded libtorch reports, or null when it is older than 2.9, which cannot say.</summary>
    private static unsafe Version? LibtorchVersion()
    {
        if (!NativeLibrary.TryGetExport(Loaded["torch_cpu"], "aoti_torch_abi_version", out var function)) return null;
        var packed = ((delegate* unmanaged<ulong>)function)();   // major, minor, patch in the top three bytes
        return new((int)(packed >> 56), (int)(packed >> 48 & 0xff), (int)(packed >> 40 & 0xff));
    }

    /// <summary>The folder of the application in which a packaged library lies, or null.</summary>
    private static string? PackageFolder(string name)
    {
        var probing = AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") as string ?? "";
        var portable = Path.Combine(AppContext.BaseDirectory, "runtimes", RuntimeInformation.RuntimeIdentifier, "native");
        return probing.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(Path.TrimEndingDirectorySeparator)
            .Append(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory))
            .Append(portable)
            .FirstOrDefault(folder => File.Exists(Path.Combine(folder, FileName(name))));
    }

    private static string FileName(string name) =>
        OperatingSystem.IsWindows() ? $"{name}.dll" : OperatingSystem.IsMacOS() ? $"lib{name}.dylib" : $"lib{name}.so";
}

/// <summary>Which libtorch is in this process.</summary>
/// <param name="FromPackage">False when <see cref="TorchLibrary.FolderVariable"/> named it.</param>
/// <param name="ShimPatched">Whether TorchSharp's shim had to be loaded from a patched copy.</param>
internal sealed record TorchOrigin(Version Version, string Folder, bool FromPackage, bool ShimPatched)
{
    public string Description => (FromPackage ? "package" : Folder) + (ShimPatched ? ", patched copy" : "");
}
