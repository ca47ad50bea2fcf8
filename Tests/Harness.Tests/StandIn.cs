using System.Diagnostics;

namespace Harness.Tests;

/// <summary>Native libraries that this machine does not have, written for a test and compiled.</summary>
internal static class StandIn
{
    /// <param name="file">The library's path; its source is put beside it.</param>
    public static string Compile(string file, string source, params string[] flags)
    {
        const string compiler = "cc";
        var isThere = OperatingSystem.IsLinux() && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(directory => File.Exists(Path.Combine(directory, compiler)));
        if (Environment.GetEnvironmentVariable("CI") != "true") Assert.SkipUnless(isThere, "SKIPPED: this test needs Linux and a C compiler (apt-get install gcc libc6-dev).");
        isThere.ShouldBeTrue("there is no C compiler");
        File.WriteAllText(file + ".c", source);
        using var process = Process.Start(new ProcessStartInfo(compiler, [.. flags, "-shared", "-fPIC", "-Werror", "-o", file, file + ".c"]) { RedirectStandardError = true, UseShellExecute = false })!;
        var said = process.StandardError.ReadToEnd();
        process.WaitForExit();
        process.ExitCode.ShouldBe(0, said);
        return file;
    }
}
