namespace Harness.Experiments.Results;

/// <summary>Where numbers came from. Two results are comparable in time only when these agree.</summary>
/// <param name="Libtorch">Version of the native library, e.g. 2.10.0.</param>
/// <param name="LibtorchSource">Where it was loaded from: <c>package</c>, <c>package, patched copy</c> or a folder.</param>
/// <param name="Processor">The CPU's own name, and the widest vector instructions it offers.</param>
/// <param name="Devices">Names of the devices that the trainer can use; the first is the CPU.</param>
/// <param name="Threads">Torch threads per trial.</param>
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
    int Threads);
