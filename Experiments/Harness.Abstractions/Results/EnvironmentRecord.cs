
namespace Harness.Abstractions.Results;

/// <summary>Where numbers came from. Two results are comparable in time only when these agree.</summary>
/// <param name="Libtorch">Version of the native library, e.g. 2.10.0.</param>
/// <param name="LibtorchSource">Where it was loaded from: <c>package</c>, <c>package, patched copy</c> or a folder.</param>
/// <param name="Processor">The CPU's own name, and the widest vector instructions it offers.</param>
/// <param name="Devices">Names of the devices that the trainer can use; the first is the CPU.</param>
/// <param name="Threads">Torch threads per trial.</param>
/// <param name="Cuda">What matters on a GPU; null where the trainer sees none.</param>
/// <param name="FlushesSubnormals">Whether all computing threads of the CPU read and write subnormal numbers as zero; null in records of older versions, which left them as they are.</param>
public sealed record EnvironmentRecord(
    string Harness,
    string OperatingSystem,
    string Runtime,
    string TorchSharp,
    string Libtorch,
    string LibtorchSource,
    string Processor,
    int ProcessorCount,
    IReadOnlyList<string> Devices,
    int Threads,
    CudaRecord? Cuda = null,
    bool? FlushesSubnormals = null);

/// <summary>What decides about speed and last bits on a GPU.</summary>
/// <param name="Devices">In CUDA's order; empty when the driver does not tell.</param>
/// <param name="Cudnn">Version of cuDNN, which computes the library's loops; null when it is not there.</param>
/// <param name="CudnnPath">Where it was loaded from.</param>
/// <param name="Tf32">Whether float32 products may be rounded to TensorFloat-32's 10 bits on the way.</param>
/// <param name="CublasWorkspace">CUBLAS_WORKSPACE_CONFIG, without which cuBLAS and cuDNN may differ from run to run; null when it is not set.</param>
public sealed record CudaRecord(IReadOnlyList<CudaDevice> Devices, string? Cudnn, string? CudnnPath, bool Tf32, string? CublasWorkspace)
{
    public override string ToString() => string.Join(", ",
        Cudnn is null ? "no cuDNN" : $"cuDNN {Cudnn} ({CudnnPath})", Tf32 ? "TF32" : "no TF32", $"CUBLAS_WORKSPACE_CONFIG {CublasWorkspace ?? "not set"}");
}

/// <param name="Memory">Bytes.</param>
/// <param name="Capability">Compute capability, e.g. 9.0.</param>
public sealed record CudaDevice(string Name, long Memory, string Capability)
{
    public override string ToString() => FormattableString.Invariant($"{Name}, {Memory / 1073741824.0:0.#} GiB");
}
