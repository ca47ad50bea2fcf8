namespace Harness.Workers.Devices;

/// <summary>What a call of NVIDIA's management library (NVML) answers with; the numbers are its nvmlReturn_t.</summary>
internal enum NvmlReturn
{
    Success = 0,
    NotSupported = 3,
    FunctionNotFound = 13,
    GpuIsLost = 15,
    Unknown = 999,
}

/// <summary>The calls of NVML that are used, as they are: handles, whole numbers in the library's units, and a return code for each.</summary>
/// <remarks>NVML API reference, "Initialization and Cleanup" and "Device Queries".</remarks>
internal interface INvml
{
    /// <summary>nvmlInit_v2.</summary>
    NvmlReturn Init();

    /// <summary>nvmlDeviceGetCount_v2.</summary>
    NvmlReturn Count(out uint devices);

    /// <summary>nvmlDeviceGetHandleByIndex_v2.</summary>
    NvmlReturn Handle(uint index, out nint device);

    /// <summary>nvmlDeviceGetName.</summary>
    NvmlReturn Name(nint device, out string name);

    /// <summary>nvmlDeviceGetUtilizationRates: percent of the last sampling period in which a kernel ran.</summary>
    NvmlReturn Utilisation(nint device, out uint percent);

    /// <summary>nvmlDeviceGetMemoryInfo: bytes.</summary>
    NvmlReturn Memory(nint device, out ulong used, out ulong total);

    /// <summary>nvmlDeviceGetTemperature of the chip's sensor: degrees Celsius.</summary>
    NvmlReturn Temperature(nint device, out uint celsius);

    /// <summary>nvmlDeviceGetPowerUsage: milliwatts of the whole board.</summary>
    NvmlReturn Power(nint device, out uint milliwatts);

    /// <summary>nvmlDeviceGetTotalEnergyConsumption: millijoules since the driver was loaded.</summary>
    NvmlReturn Energy(nint device, out ulong millijoules);
}
