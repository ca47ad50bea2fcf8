using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Workers.Devices;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Workers;

/// <summary>The library is called as its header says: a stand-in with the same functions is compiled, loaded and read.</summary>
public sealed class NativeNvmlTests : IDisposable
{
    /// <summary>nvml.h's types and functions, two devices of which the second supports little.</summary>
    private const string Library =
        """
        #include <stdio.h>
        #include <string.h>
        typedef struct { int number; } *nvmlDevice_t;
        typedef struct { unsigned int gpu, memory; } nvmlUtilization_t;
        typedef struct { unsigned long long total, free, used; } nvmlMemory_t;
        static struct { int number; } devices[2] = { { 0 }, { 1 } };
        static int ready;
        int nvmlInit_v2(void) { ready = 1; return 0; }
        int nvmlDeviceGetCount_v2(unsigned int *count) { if (!ready) return 1; *count = 2; return 0; }
        int nvmlDeviceGetHandleByIndex_v2(unsigned int index, nvmlDevice_t *device) { if (index > 1) return 2; *device = (nvmlDevice_t)&devices[index]; return 0; }
        int nvmlDeviceGetName(nvmlDevice_t device, char *name, unsigned int length) { if (length < 64) return 7; snprintf(name, length, "NVIDIA Stand-in %d", device->number); return 0; }
        int nvmlDeviceGetUtilizationRates(nvmlDevice_t device, nvmlUtilization_t *rates) { if (device->number) return 3; rates->gpu = 93; rates->memory = 41; return 0; }
        int nvmlDeviceGetMemoryInfo(nvmlDevice_t device, nvmlMemory_t *memory) { memory->total = 150754820096ULL; memory->free = 150754820096ULL - 5368709120ULL; memory->used = 5368709120ULL; return 0; }
        int nvmlDeviceGetTemperature(nvmlDevice_t device, int sensor, unsigned int *celsius) { if (sensor != 0) return 2; *celsius = 45 + device->number; return 0; }
        int nvmlDeviceGetPowerUsage(nvmlDevice_t device, unsigned int *milliwatts) { if (device->number) return 3; *milliwatts = 698250; return 0; }
        #ifdef COUNTS_ENERGY
        int nvmlDeviceGetTotalEnergyConsumption(nvmlDevice_t device, unsigned long long *millijoules) { static unsigned long long spent = 9000000000000ULL; if (device->number) return 3; *millijoules = spent; spent += 2400000; return 0; }
        #endif
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Two_devices_are_read_through_the_library_itself()
    {
        var time = new FakeTimeProvider();
        var monitor = new GpuMonitor(() => NativeNvml.Load(Compile("counting", "-DCOUNTS_ENERGY")), time);
        var second = new DeviceLoad(1, "NVIDIA Stand-in 1", null, 5368709120, 150754820096, 46, null);
        monitor.Read().ShouldBe([new DeviceLoad(0, "NVIDIA Stand-in 0", 0.93, 5368709120, 150754820096, 45, 698.25), second]);
        time.Advance(TimeSpan.FromSeconds(6));
        monitor.Read().ShouldBe([new DeviceLoad(0, "NVIDIA Stand-in 0", 0.93, 5368709120, 150754820096, 45, 400), second]);
    }

    [Fact]
    public void A_function_that_an_older_driver_lacks_is_as_one_that_is_not_supported()
    {
        var library = NativeNvml.Load(Compile("older")).ShouldNotBeNull();
        library.Init().ShouldBe(NvmlReturn.Success);
        library.Handle(0, out var device).ShouldBe(NvmlReturn.Success);
        library.Energy(device, out var millijoules).ShouldBe(NvmlReturn.FunctionNotFound);
        millijoules.ShouldBe(0UL);
        library.Handle(7, out _).ShouldNotBe(NvmlReturn.Success);
        var time = new FakeTimeProvider();
        var monitor = new GpuMonitor(() => library, time);
        monitor.Read();
        time.Advance(TimeSpan.FromSeconds(1));
        monitor.Read()![0].Power.ShouldBe(698.25);
    }

    [Fact]
    public void Where_there_is_no_library_there_is_none() => NativeNvml.Load(folder.File("libnvidia-ml.so.1")).ShouldBeNull();

    private string Compile(string name, params string[] flags) => StandIn.Compile(folder.File($"lib{name}.so"), Library, flags);
}
