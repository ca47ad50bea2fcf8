using System.Diagnostics;
using System.Globalization;

namespace Harness.Benchmarks;

/// <summary>This program, started again to do one thing in a process of its own.</summary>
internal static class Children
{
    /// <param name="word">What it is to do: see <c>Program</c>.</param>
    /// <param name="threads">libtorch's.</param>
    /// <param name="tuned">Whether the C library's heap is set up as a worker does it for its trainers, so that the memory of oneDNN's LSTM does not fragment.</param>
    /// <param name="preload">A library that the loader takes first; null for none.</param>
    public static Process Start(string word, int threads, bool tuned, string? preload = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Harness.Benchmarks.dll"), word])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        foreach (var variable in (string[])["HARNESS_TORCH_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"]) start.Environment[variable] = threads.ToString(CultureInfo.InvariantCulture);
        if (tuned)
        {
            start.Environment["MALLOC_MMAP_MAX_"] = "0";
            start.Environment["MALLOC_TRIM_THRESHOLD_"] = "16000000000";
            start.Environment["MALLOC_TOP_PAD_"] = "67108864";
        }

        if (preload is not null) start.Environment["LD_PRELOAD"] = preload;
        return Process.Start(start)!;
    }
}
