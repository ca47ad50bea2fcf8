using System.Runtime.InteropServices;
using System.Text;

namespace Harness.Workers.Devices;

/// <summary>NVML as the driver installs it. Nothing is linked: on a machine without the library there is none, and of an older one a function may be missing.</summary>
internal sealed unsafe class NativeNvml : INvml
{
    /// <summary>NVML_DEVICE_NAME_V2_BUFFER_SIZE.</summary>
    private const int LongestName = 96;

    /// <summary>NVML_TEMPERATURE_GPU.</summary>
    private const uint ChipSensor = 0;

    private readonly delegate* unmanaged[Cdecl]<int> init;
    private readonly delegate* unmanaged[Cdecl]<uint*, int> count;
    private readonly delegate* unmanaged[Cdecl]<uint, nint*, int> handle;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, uint, int> name;
    private readonly delegate* unmanaged[Cdecl]<nint, Rates*, int> utilisation;
    private readonly delegate* unmanaged[Cdecl]<nint, MemoryBytes*, int> memory;
    private readonly delegate* unmanaged[Cdecl]<nint, uint, uint*, int> temperature;
    private readonly delegate* unmanaged[Cdecl]<nint, uint*, int> power;
    private readonly delegate* unmanaged[Cdecl]<nint, ulong*, int> energy;

    private NativeNvml(nint library)
    {
        init = (delegate* unmanaged[Cdecl]<int>)Export("nvmlInit_v2");
        count = (delegate* unmanaged[Cdecl]<uint*, int>)Export("nvmlDeviceGetCount_v2");
        handle = (delegate* unmanaged[Cdecl]<uint, nint*, int>)Export("nvmlDeviceGetHandleByIndex_v2");
        name = (delegate* unmanaged[Cdecl]<nint, byte*, uint, int>)Export("nvmlDeviceGetName");
        utilisation = (delegate* unmanaged[Cdecl]<nint, Rates*, int>)Export("nvmlDeviceGetUtilizationRates");
        memory = (delegate* unmanaged[Cdecl]<nint, MemoryBytes*, int>)Export("nvmlDeviceGetMemoryInfo");
        temperature = (delegate* unmanaged[Cdecl]<nint, uint, uint*, int>)Export("nvmlDeviceGetTemperature");
        power = (delegate* unmanaged[Cdecl]<nint, uint*, int>)Export("nvmlDeviceGetPowerUsage");
        energy = (delegate* unmanaged[Cdecl]<nint, ulong*, int>)Export("nvmlDeviceGetTotalEnergyConsumption");

        nint Export(string function) => NativeLibrary.TryGetExport(library, function, out var address) ? address : 0;
    }

    /// <summary>The library of this system's driver; null where there is none. It stays loaded.</summary>
    public static NativeNvml? Load() => Load(OperatingSystem.IsWindows() ? "nvml.dll" : "libnvidia-ml.so.1");

    /// <param name="library">A name that the system's loader finds, or a path.</param>
    public static NativeNvml? Load(string library) => NativeLibrary.TryLoad(library, out var loaded) ? new NativeNvml(loaded) : null;

    public NvmlReturn Init() => init == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)init();

    public NvmlReturn Count(out uint devices)
    {
        devices = 0;
        fixed (uint* into = &devices) return count == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)count(into);
    }

    public NvmlReturn Handle(uint index, out nint device)
    {
        device = 0;
        fixed (nint* into = &device) return handle == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)handle(index, into);
    }

    public NvmlReturn Name(nint device, out string name)
    {
        name = "";
        if (this.name == null) return NvmlReturn.FunctionNotFound;
        Span<byte> text = stackalloc byte[LongestName];
        text.Clear();
        int code;
        fixed (byte* into = text) code = this.name(device, into, LongestName);
        var length = text.IndexOf((byte)0);
        name = Encoding.UTF8.GetString(length < 0 ? text : text[..length]);
        return (NvmlReturn)code;
    }

    public NvmlReturn Utilisation(nint device, out uint percent)
    {
        var rates = default(Rates);
        var code = utilisation == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)utilisation(device, &rates);
        percent = rates.Gpu;
        return code;
    }

    public NvmlReturn Memory(nint device, out ulong used, out ulong total)
    {
        var bytes = default(MemoryBytes);
        var code = memory == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)memory(device, &bytes);
        (used, total) = (bytes.Used, bytes.Total);
        return code;
    }

    public NvmlReturn Temperature(nint device, out uint celsius)
    {
        celsius = 0;
        fixed (uint* into = &celsius) return temperature == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)temperature(device, ChipSensor, into);
    }

    public NvmlReturn Power(nint device, out uint milliwatts)
    {
        milliwatts = 0;
        fixed (uint* into = &milliwatts) return power == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)power(device, into);
    }

    public NvmlReturn Energy(nint device, out ulong millijoules)
    {
        millijoules = 0;
        fixed (ulong* into = &millijoules) return energy == null ? NvmlReturn.FunctionNotFound : (NvmlReturn)energy(device, into);
    }

    /// <summary>nvmlUtilization_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Rates
    {
        public uint Gpu;
        public uint Memory;
    }

    /// <summary>nvmlMemory_t.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryBytes
    {
        public ulong Total;
        public ulong Free;
        public ulong Used;
    }
}
