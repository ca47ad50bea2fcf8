using System.Runtime.InteropServices;
using System.Text;
using Harness.Abstractions.Results;

namespace Harness.Training.Native;

/// <summary>The CUDA driver's own word on the devices that this process sees; TorchSharp 0.107.0 has neither their names nor their memory.</summary>
internal static unsafe class CudaDriver
{
    /// <summary>CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.</summary>
    private const int Major = 75, Minor = 76;

    private const int LongestName = 256;

    /// <summary>The devices in CUDA's order, so that the first is cuda:0; empty where there is no driver or it does not answer.</summary>
    public static IReadOnlyList<CudaDevice> Devices() => Devices(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1");

    /// <param name="library">A name that the system's loader finds, or a path. It stays loaded.</param>
    public static IReadOnlyList<CudaDevice> Devices(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var driver)) return [];
        var init = (delegate* unmanaged<uint, int>)Export("cuInit");
        var count = (delegate* unmanaged<int*, int>)Export("cuDeviceGetCount");
        var get = (delegate* unmanaged<int*, int, int>)Export("cuDeviceGet");
        var name = (delegate* unmanaged<byte*, int, int, int>)Export("cuDeviceGetName");
        var memory = (delegate* unmanaged<nuint*, int, int>)Export("cuDeviceTotalMem_v2");
        var attribute = (delegate* unmanaged<int*, int, int, int>)Export("cuDeviceGetAttribute");
        if (init == null || count == null || get == null || name == null || memory == null || attribute == null) return [];
        int devices;
        if (init(0) != 0 || count(&devices) != 0) return [];
        var found = new List<CudaDevice>();
        var text = stackalloc byte[LongestName];
        for (var index = 0; index < devices; index++)
        {
            int device, major, minor;
            nuint bytes;
            if (get(&device, index) != 0 || name(text, LongestName, device) != 0 || memory(&bytes, device) != 0 || attribute(&major, Major, device) != 0 || attribute(&minor, Minor, device) != 0) return [];
            found.Add(new(Text(new ReadOnlySpan<byte>(text, LongestName)), checked((long)bytes), FormattableString.Invariant($"{major}.{minor}")));
        }

        return found;

        nint Export(string function) => NativeLibrary.TryGetExport(driver, function, out var address) ? address : 0;
    }

    private static string Text(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text.IndexOf((byte)0) is >= 0 and var end ? text[..end] : text);
}
