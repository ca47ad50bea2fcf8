using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>The bytes that a trial's sequences are cut from: exactly those that its identity names, or none.</summary>
internal static class DataContent
{
    /// <param name="path">Where the worker has them.</param>
    /// <exception cref="TrialRejectedException">They are not there, or are others.</exception>
    public static ReadOnlyMemory<byte> Read(TaskSpec task, string? path) =>
        task.Data is not { } wanted ? ReadOnlyMemory<byte>.Empty : Checked(task, wanted, path, File.ReadAllBytes, content => DataFile.HashOf(content));

    /// <summary>Asks whether the worker still has them, without keeping them.</summary>
    /// <inheritdoc cref="Read(TaskSpec, string)"/>
    public static void Verify(TaskSpec task, string? path)
    {
        if (task.Data is { } wanted) Checked(task, wanted, path, DataFile.HashOfFile, found => found);
    }

    /// <summary>The bytes of a file that must have a hash.</summary>
    /// <param name="what">What messages call it.</param>
    /// <exception cref="TrialRejectedException">They are not there, or are others.</exception>
    public static ReadOnlyMemory<byte> Read(string wanted, string path, string what) => Checked(wanted, path, what, File.ReadAllBytes, content => DataFile.HashOf(content));

    private static T Checked<T>(TaskSpec task, string wanted, string? path, Func<string, T> read, Func<T, string> hash) => path is null
        ? throw new TrialRejectedException($"The task {task.Kind} reads a file, and the request names none: `data` must be the full path of the file with SHA-256 {wanted}.")
        : Checked(wanted, path, "data file", read, hash);

    private static T Checked<T>(string wanted, string path, string what, Func<string, T> read, Func<T, string> hash)
    {
        T content;
        try
        {
            if (new FileInfo(path).Length > DataFile.LargestBytes) throw new IOException($"it has more than {DataFile.LargestBytes / (1024 * 1024)} MiB");
            content = read(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TrialRejectedException($"The {what} {path} cannot be read: {problem.Message} Submitting the experiment again puts it back.");
        }

        var found = hash(content);
        return found == wanted
            ? content
            : throw new TrialRejectedException($"The {what} {path} has SHA-256 {found}, but the trial names {wanted}: it was changed. Remove it and submit the experiment again.");
    }

    /// <exception cref="TrialRejectedException">With everything that is wrong.</exception>
    public static T Require<T>(T? found, IReadOnlyList<DataProblem> problems) where T : class =>
        found ?? throw new TrialRejectedException(string.Join(" ", problems.Select(problem => $"{problem.Message}{(problem.Suggestion is { } suggestion ? $" ({suggestion})" : "")}.")));
}
