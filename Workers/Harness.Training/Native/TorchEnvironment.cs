using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using TorchSharp;

namespace Harness.Training.Native;

/// <summary>Sets torch up for this process and says what it runs on.</summary>
internal static class TorchEnvironment
{
    /// <summary>Overrides how many threads one trial computes with.</summary>
    public const string ThreadsVariable = "HARNESS_TORCH_THREADS";

    /// <summary>Loads libtorch and sets its thread count; to be called on the training thread before any work.</summary>
    /// <exception cref="TorchUnavailableException">libtorch cannot be used, or the thread count is no positive whole number.</exception>
    public static EnvironmentRecord Start()
    {
        // First of all: threads that libtorch starts from here on inherit the mode, where threads do.
        SubnormalFlush.Enable();
        var origin = TorchLibrary.Load();
        var threads = Threads(Environment.GetEnvironmentVariable(ThreadsVariable));
        UseThreads(threads);
        var cuda = torch.cuda.is_available() ? Cuda() : null;
        return new(
            Harness: Version(typeof(TorchEnvironment).Assembly),
            OperatingSystem: RuntimeInformation.OSDescription,
            Runtime: RuntimeInformation.FrameworkDescription,
            TorchSharp: Version(typeof(torch).Assembly),
            Libtorch: origin.Version.ToString(3),
            LibtorchSource: origin.Description,
            Processor: Processor(),
            ProcessorCount: Environment.ProcessorCount,
            Devices: Devices(cuda is null ? 0 : torch.cuda.device_count(), cuda?.Devices ?? []),
            Threads: threads,
            Cuda: cuda,
            FlushesSubnormals: FlushesSubnormals());
    }

    /// <summary>Sets how many threads libtorch computes with when the calling thread asks it to. All of them flush subnormal numbers.</summary>
    public static void UseThreads(int threads)
    {
        torch.set_num_threads(threads);
        SubnormalFlush.Enable();
        SubnormalFlush.EnableOnPool(TorchLibrary.Handle, threads);
    }

    /// <summary>Whether all threads that compute for the calling thread flush subnormal numbers; measured by a product that libtorch divides among them.</summary>
    internal static bool FlushesSubnormals()
    {
        // Elementwise operations are divided from 32,768 elements per thread on.
        const long ElementsPerThread = 65_536;
        using var scope = torch.NewDisposeScope();
        var product = torch.full([torch.get_num_threads() * ElementsPerThread], 2e-38f, dtype: torch.ScalarType.Float32).mul(0.1f);
        return SubnormalFlush.IsOn && !product.bytes.ContainsAnyExcept((byte)0);
    }

    /// <summary>All that decides about the last bits of a result besides the trial: a run goes on bit for bit only where this is the same.</summary>
    public static string Platform(DeviceKind device)
    {
        var origin = TorchLibrary.Load();
        var processor = string.Create(CultureInfo.InvariantCulture,
            $"libtorch {origin.Version.ToString(3)} ({origin.Description}), {torch.get_num_threads()} thread(s), {Processor()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, subnormals {(SubnormalFlush.Enable() ? "flushed" : "kept")}");
        return device == DeviceKind.Cpu ? processor : PlatformOf(processor, Cuda());
    }

    /// <summary>The same for a trial on a GPU, which is the first that the trainer sees.</summary>
    internal static string PlatformOf(string processor, CudaRecord cuda) =>
        $"{processor}, {(cuda.Devices is [var first, ..] ? first.Name : "an unknown GPU")}, cuDNN {cuda.Cudnn ?? "none"}, {(cuda.Tf32 ? "TF32" : "no TF32")}, CUBLAS_WORKSPACE_CONFIG {cuda.CublasWorkspace ?? "not set"}";

    /// <summary>Sets up what would round otherwise than float32 promises, and says what else matters.</summary>
    private static CudaRecord Cuda()
    {
        // cuDNN takes TensorFloat-32 unless told not to, and with it three digits of a recurrent layer's result.
        torch.backends.cuda.matmul.allow_tf32 = false;
        torch.backends.cudnn.allow_tf32 = false;
        var (version, path) = Cudnn.Loaded();
        return new(CudaDriver.Devices(), version, path, torch.backends.cuda.matmul.allow_tf32 || torch.backends.cudnn.allow_tf32, Environment.GetEnvironmentVariable("CUBLAS_WORKSPACE_CONFIG"));
    }

    /// <summary>One thread unless told otherwise: two one-thread trials give more than one two-thread trial.</summary>
    internal static int Threads(string? wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted)) return 1;
        return int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads is > 0 and <= 1024
            ? threads
            : throw new TorchUnavailableException($"{ThreadsVariable} is '{wanted}'; it must be a whole number from 1 to 1024, or unset for one thread per trial.");
    }

    /// <param name="count">Of CUDA devices.</param>
    /// <param name="known">What the driver tells of them.</param>
    internal static IReadOnlyList<string> Devices(int count, IReadOnlyList<CudaDevice> known) =>
        ["cpu", .. Enumerable.Range(0, count).Select(index => string.Create(CultureInfo.InvariantCulture, $"cuda:{index}{(index < known.Count ? $" ({known[index]})" : "")}"))];

    private static string Processor()
    {
        var vectors = Avx512F.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : RuntimeInformation.ProcessArchitecture.ToString();
        return $"{ProcessorName() ?? RuntimeInformation.ProcessArchitecture.ToString()}, {vectors}";
    }

    private static string? ProcessorName()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        const string Table = "/proc/cpuinfo";
        if (!File.Exists(Table)) return null;
        var line = File.ReadLines(Table).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    private static string Version(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "unknown";
}
