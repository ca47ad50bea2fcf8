using System.ComponentModel;
using System.Diagnostics;

namespace Harness.Benchmarks;

/// <summary>A library that answers MKL's question whether this is an Intel processor with yes, so that it takes its AVX-512 path on AMD, too. Unofficial; for comparison only.</summary>
internal sealed class IntelPreload : IDisposable
{
    private readonly DirectoryInfo folder;

    private IntelPreload(DirectoryInfo folder, string path) => (this.folder, Path) = (folder, path);

    public string Path { get; }

    /// <summary>Compiles it; null where there is no C compiler, or the loader takes no such libraries.</summary>
    public static IntelPreload? Build()
    {
        if (!OperatingSystem.IsLinux()) return null;
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        var (source, library) = (System.IO.Path.Combine(folder.FullName, "intel.c"), System.IO.Path.Combine(folder.FullName, "intel.so"));
        File.WriteAllText(source, "int mkl_serv_intel_cpu_true(void) { return 1; }\n");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-o", library, source]) { UseShellExecute = false })!;
            compiler.WaitForExit();
            if (compiler.ExitCode == 0) return new(folder, library);
        }
        catch (Win32Exception)
        {
            // No compiler.
        }

        folder.Delete(recursive: true);
        return null;
    }

    public void Dispose() => folder.Delete(recursive: true);
}
