using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Harness.Experiments.Results;
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
        var origin = TorchLibrary.Load();
        var threads = Threads(Environment.GetEnvironmentVariable(ThreadsVariable));
        torch.set_num_threads(threads);
        return new(
            Harness: Version(typeof(TorchEnvironment).Assembly),
            OperatingSystem: RuntimeInformation.OSDescription,
            Runtime: RuntimeInformation.FrameworkDescription,
            TorchSharp: Version(typeof(torch).Assembly),
            Libtorch: origin.Version.ToString(3),
            LibtorchSource: origin.Description,
            Processor: Processor(),
            ProcessorCount: Environment.ProcessorCount,
            Devices: Devices(),
            Threads: threads);
    }

    /// <summary>All that decides about the last bits of a result besides the trial: a run goes on bit for bit only where this is the same.</summary>
    public static string Platform()
    {
        var origin = TorchLibrary.Load();
        return string.Create(CultureInfo.InvariantCulture,
            $"libtorch {origin.Version.ToString(3)} ({origin.Description}), {torch.get_num_threads()} thread(s), {Processor()}, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}");
    }

    /// <summary>One thread unless told otherwise: two one-thread trials give more than one two-thread trial.</summary>
    internal static int Threads(string? wanted)
    {
        if (string.IsNullOrWhiteSpace(wanted)) return 1;
        return int.TryParse(wanted, NumberStyles.None, CultureInfo.InvariantCulture, out var threads) && threads is > 0 and <= 1024
            ? threads
            : throw new TorchUnavailableException($"{ThreadsVariable} is '{wanted}'; it must be a whole number from 1 to 1024, or unset for one thread per trial.");
    }

    private static List<string> Devices()
    {
        List<string> devices = ["cpu"];
        if (torch.cuda.is_available())
            for (var index = 0; index < torch.cuda.device_count(); index++) devices.Add(string.Create(CultureInfo.InvariantCulture, $"cuda:{index}"));
        return devices;
    }

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
