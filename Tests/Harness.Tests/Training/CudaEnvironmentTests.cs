using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Training.Native;

namespace Harness.Tests.Training;

/// <summary>What is told of GPUs, read from stand-ins for the libraries that a machine with one has.</summary>
public sealed class CudaEnvironmentTests : IDisposable
{
    /// <summary>cuda.h's functions, with two devices.</summary>
    private const string Driver =
        """
        #include <stdio.h>
        #include <stddef.h>
        static int ready;
        int cuInit(unsigned int flags) { ready = flags == 0; return ready ? 0 : 1; }
        int cuDeviceGetCount(int *count) { if (!ready) return 3; *count = 2; return 0; }
        int cuDeviceGet(int *device, int ordinal) { if (ordinal > 1) return 101; *device = 10 + ordinal; return 0; }
        int cuDeviceGetName(char *name, int length, int device) { snprintf(name, length, "NVIDIA Stand-in %d", device); return 0; }
        int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = device == 10 ? 150110011392ULL : 85899345920ULL; return 0; }
        #ifndef OLDER
        int cuDeviceGetAttribute(int *value, int attribute, int device) { *value = attribute == 75 ? 9 : attribute == 76 ? device - 10 : -1; return 0; }
        #endif
        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_driver_names_its_devices_in_CUDAs_order()
    {
        var devices = CudaDriver.Devices(StandIn.Compile(folder.File("libcuda.so.1"), Driver));
        devices.ShouldBe([new CudaDevice("NVIDIA Stand-in 10", 150110011392, "9.0"), new CudaDevice("NVIDIA Stand-in 11", 85899345920, "9.1")]);
        TorchEnvironment.Devices(3, devices).ShouldBe(["cpu", "cuda:0 (NVIDIA Stand-in 10, 139.8 GiB)", "cuda:1 (NVIDIA Stand-in 11, 80 GiB)", "cuda:2"]);
        TorchEnvironment.Devices(0, []).ShouldBe(["cpu"]);
    }

    [Fact]
    public void A_driver_that_is_not_there_or_too_old_names_none()
    {
        CudaDriver.Devices(folder.File("libcuda.so.1")).ShouldBeEmpty();
        CudaDriver.Devices(StandIn.Compile(folder.File("libolder.so"), Driver, "-DOLDER")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("libcudnn.so.9", 91002, "9.10.2")]
    [InlineData("libcudnn.so.8", 8907, "8.9.7")]
    public void The_loaded_cuDNN_says_its_version(string name, int number, string version)
    {
        var path = StandIn.Compile(folder.File(name), $"#include <stddef.h>\nsize_t cudnnGetVersion(void) {{ return {number}; }}");
        Cudnn.Of(["/usr/lib/libc.so.6", "/opt/libcudnn_graph.so.9", path]).ShouldBe((version, path));
    }

    [Fact]
    public void Without_cuDNN_there_is_none() => Cudnn.Of(["/usr/lib/libc.so.6"]).ShouldBe((null, null));

    [Fact]
    public void Where_bits_were_computed_on_a_GPU_names_it_and_what_computed_them()
    {
        var cuda = new CudaRecord([new("NVIDIA H200", 150110011392, "9.0")], "9.10.2", "/opt/libcudnn.so.9", Tf32: false, ":4096:8");
        TorchEnvironment.PlatformOf("libtorch", cuda).ShouldBe("libtorch, NVIDIA H200, cuDNN 9.10.2, no TF32, CUBLAS_WORKSPACE_CONFIG :4096:8");
        cuda.ToString().ShouldBe("cuDNN 9.10.2 (/opt/libcudnn.so.9), no TF32, CUBLAS_WORKSPACE_CONFIG :4096:8");
        new CudaRecord([], null, null, Tf32: true, null).ToString().ShouldBe("no cuDNN, TF32, CUBLAS_WORKSPACE_CONFIG not set");
    }
}
