using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;

namespace Harness.Data;

/// <summary>
/// Data files below the folder of an experiment file, or below a data root that the person named. Nothing else can be reached: paths
/// are relative, hold no <c>..</c>, and lead over no symbolic link.
/// </summary>
/// <param name="roots">Folders in which a path is looked up, in this order; links above them are the person's own.</param>
public sealed class DataFolder(IReadOnlyList<string> roots) : IDataFiles
{
    /// <summary>The folder of <paramref name="specPath"/>, then the data roots.</summary>
    public static DataFolder Beside(string specPath, IReadOnlyList<string> dataRoots) =>
        new([Path.GetDirectoryName(Path.GetFullPath(specPath)) ?? ".", .. dataRoots.Select(Path.GetFullPath)]);

    public DataFile Open(string path)
    {
        // The setting's type has refused such paths already, but other callers may not have asked it.
        if (FilePathType.Canonical(path) is not { } canonical) throw new DataFileException(DiagnosticCodes.DataOutside, "this path leads outside", FilePathType.Shape);
        try
        {
            return roots.Select(root => Find(root, canonical)).FirstOrDefault(found => found is not null) is { } file
                ? DataFile.Of(canonical, Content(file))
                : throw DataFileException.Missing();
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new DataFileException(DiagnosticCodes.DataUnreadable, $"the file cannot be read: {ShortText.Of(problem.Message)}");
        }
    }

    private static FileInfo? Find(string root, string path)
    {
        var at = root;
        var words = path.Split('/');
        for (var i = 0; i < words.Length; i++)
        {
            at = Path.Combine(at, words[i]);
            FileSystemInfo entry = i < words.Length - 1 ? new DirectoryInfo(at) : new FileInfo(at);
            // Before its existence: a dangling link does not exist, and is a link all the same.
            if (entry.LinkTarget is not null)
                throw new DataFileException(DiagnosticCodes.DataOutside, $"{string.Join('/', words[..(i + 1)])} is a symbolic link, which can lead anywhere", "the file itself; --data-root names a further folder to look in");
            if (entry.Exists) continue;
            if (Directory.Exists(at)) throw new DataFileException(DiagnosticCodes.DataUnreadable, "this is a folder", "a file");
            return null;
        }

        return new FileInfo(at);
    }

    private static ReadOnlyMemory<byte> Content(FileInfo file)
    {
        // Pipes and devices have no length either; to open one could wait for ever.
        if (file.Length == 0) return ReadOnlyMemory<byte>.Empty;
        if (file.Length > DataFile.LargestBytes) throw TooLarge(file);
        using var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
        // It may have grown since its length was asked; one byte more than allowed tells.
        var buffer = new byte[(int)Math.Min(file.Length, DataFile.LargestBytes) + 1];
        var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        if (length > DataFile.LargestBytes) throw TooLarge(file);
        if (length == buffer.Length) throw new IOException("it is being written to");
        return buffer.AsMemory(0, length);
    }

    private static DataFileException TooLarge(FileInfo file) =>
        new(DiagnosticCodes.DataTooLarge, $"the file has more than {DataFile.LargestBytes / (1024 * 1024)} MiB", $"a smaller file. {DataFile.WayOut(file.Name)}");
}
