using Harness.Store.Files;

namespace Harness.Store.Exports;

/// <summary>Files get their name when they are whole, so that a reader never sees half of one.</summary>
/// <remarks>A symbolic link stays and its target is replaced; a device or a pipe is written to and never replaced; <c>-</c> is standard output.</remarks>
internal static class UnfinishedFile
{
    public const string StandardOutput = "-";

    /// <summary>The path with its folder, for messages; standard output has none.</summary>
    public static string FullPath(string path) => path == StandardOutput ? path : Path.GetFullPath(path);

    /// <param name="path">Where the file goes; its folder is created.</param>
    /// <param name="write">Gets the name to write under.</param>
    /// <exception cref="IOException">It cannot be written there.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written there.</exception>
    public static void Write(string path, Action<string> write)
    {
        if (path == StandardOutput)
        {
            using var output = Console.OpenStandardOutput();
            CopyInto(output, write);
            return;
        }

        var target = new FileInfo(path) is { LinkTarget: not null } link ? link.ResolveLinkTarget(returnFinalTarget: true)!.FullName : path;
        if (!FileKind.IsReplaceable(target))
        {
            using var device = new FileStream(target, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            CopyInto(device, write);
            return;
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(target))!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            OwnerFolder.Release(folder);
        }

        var unfinished = target + ".part";
        File.Delete(unfinished);
        try
        {
            write(unfinished);
            OwnerFolder.Release(unfinished);
            File.Move(unfinished, target, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }

    private static void CopyInto(Stream target, Action<string> write)
    {
        var folder = Directory.CreateTempSubdirectory("harness-out-");
        try
        {
            var file = Path.Combine(folder.FullName, "whole");
            write(file);
            using var whole = File.OpenRead(file);
            whole.CopyTo(target);
            target.Flush();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
