using System.Runtime.InteropServices;

namespace Harness.Workers.Trainer;

/// <summary>Finds the trainer's executable: named by the environment, beside the program when published, or in the build's output.</summary>
public static class TrainerExecutable
{
    /// <summary>Names another trainer executable; for tests and for people who build their own.</summary>
    public const string PathVariable = "HARNESS_TRAINER";

    private static string FileName => OperatingSystem.IsWindows() ? "harness-trainer.exe" : "harness-trainer";

    /// <summary>Full path of the trainer.</summary>
    /// <exception cref="FileNotFoundException">It is nowhere to be found; the message names the places and what to do.</exception>
    public static string Locate()
    {
        if (Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } named)
        {
            return File.Exists(named)
                ? Path.GetFullPath(named)
                : throw new FileNotFoundException($"{PathVariable} names '{named}', which does not exist.");
        }

        var candidates = Candidates().ToArray();
        return candidates.FirstOrDefault(File.Exists) ?? throw new FileNotFoundException(
            $"The trainer '{FileName}' was not found. Looked at: {string.Join(", ", candidates)}. Build it with 'dotnet build', or set {PathVariable}.");
    }

    /// <summary>Where the running .NET lives, so that a child finds the same one even when it is not installed in the default place.</summary>
    public static string DotnetRoot() => Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));

    private static IEnumerable<string> Candidates()
    {
        var here = AppContext.BaseDirectory;
        yield return Path.Combine(here, "trainer", FileName);
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(here));
        yield return Path.GetFullPath(Path.Combine(here, "..", "..", "Harness.Training", configuration, FileName));
    }
}
