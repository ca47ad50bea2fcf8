using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;

namespace Harness.Workers.Data;

/// <summary>
/// Data files by their content: each is named by the SHA-256 of its bytes and never changes. The one place in which a worker looks for
/// what a trial's <c>task.data</c> names; content from elsewhere is stored here first.
/// </summary>
/// <param name="path">The folder; created when something is added.</param>
public sealed class ContentFolder(string path)
{
    private readonly string path = Path.GetFullPath(path);

    /// <summary>The folder of a data folder.</summary>
    public static ContentFolder In(string dataFolder) => new(Path.Combine(dataFolder, "files"));

    /// <summary>The full path of the file with that content, or null when it is not here. Readers verify its bytes.</summary>
    /// <param name="sha256">64 lower-case hexadecimal digits.</param>
    public string? Find(string sha256) => File.Exists(PathOf(sha256)) ? PathOf(sha256) : null;

    /// <summary>Puts content here, whole or not at all. A file that is here already is replaced when its bytes are not what its name says.</summary>
    /// <exception cref="IOException">The disk is full, or refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public void Add(string sha256, ReadOnlySpan<byte> content)
    {
        var target = PathOf(sha256);
        if (File.Exists(target) && DataFile.HashOfFile(target) == sha256) return;
        Directory.CreateDirectory(path);
        // Beside it under a name of this process, so that two that add the same content do not meet.
        var temporary = $"{target}.{Environment.ProcessId}.part";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, target, overwrite: true);
    }

    /// <summary>Removes content that nobody reads any more.</summary>
    /// <exception cref="IOException">It is in use.</exception>
    public void Remove(string sha256)
    {
        if (Find(sha256) is { } file) File.Delete(file);
    }

    /// <exception cref="NameRefusedException">The name is not a SHA-256.</exception>
    private string PathOf(string sha256) => Path.Combine(path, WireNames.Content(sha256));
}
