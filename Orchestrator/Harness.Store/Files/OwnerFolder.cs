using System.Runtime.InteropServices;

namespace Harness.Store.Files;

/// <summary>Keeps a data folder to its owner: folders 0700, files 0600, those of earlier versions too. Windows folders inherit their access lists.</summary>
internal static partial class OwnerFolder
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>What this program keeps in a data folder. Anything else there belongs to somebody else.</summary>
    private static readonly string[] subfolders = ["backups", "checkpoints", "cluster", "files", "reports", "weights"];
    private static readonly string[] files = ["harness.db*", "cluster.db*", "cluster.key*", "server.json*", "tokens.json*", ".probe-*"];

    private static readonly Lock gate = new();
    private static readonly HashSet<string> claimed = new(StringComparer.Ordinal);
    private static UnixFileMode? denied;

    /// <summary>Makes the folder, or closes an existing one to other users. From then on this process and its children create files for their owner only.</summary>
    /// <remarks>The umask does it, since SQLite and trainers create files, too. A folder of another user is left as it is.</remarks>
    /// <exception cref="IOException">It cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">It cannot be created.</exception>
    public static void Claim(string folder, ILogger log)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }

        lock (gate)
        {
            denied ??= (UnixFileMode)SetMask((uint)OwnerFile.Others);
            claimed.Add(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar);
        }

        Directory.CreateDirectory(folder, Owner);
        try
        {
            // A folder that everybody may write to, like /tmp, is not one person's.
            if (!File.GetUnixFileMode(folder).HasFlag(UnixFileMode.StickyBit) && Close(folder)) FolderLog.FolderWasOpen(log, Path.GetFullPath(folder));
            foreach (var file in files.SelectMany(pattern => Directory.EnumerateFiles(folder, pattern))) Close(file);
            // There may be a million files in one: they are looked at once, for a closed folder protects what is in it.
            foreach (var name in subfolders.Select(name => Path.Combine(folder, name)).Where(name => Directory.Exists(name) && Close(name)))
                foreach (var file in Directory.EnumerateFiles(name)) Close(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            FolderLog.FolderStaysOpen(log, Path.GetFullPath(folder), error.Message);
        }
    }

    /// <summary>Gives a file or folder that a person asked for elsewhere the mode that their own umask gives.</summary>
    public static void Release(string path)
    {
        if (OperatingSystem.IsWindows()) return;
        lock (gate)
        {
            if (denied is not { } mask || claimed.Any(folder => Path.GetFullPath(path).StartsWith(folder, StringComparison.Ordinal))) return;
            const UnixFileMode readWrite = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;
            File.SetUnixFileMode(path, (Directory.Exists(path) ? Owner | OwnerFile.Others : readWrite) & ~mask);
        }
    }

    /// <summary>Takes every right of other users away.</summary>
    /// <returns>Whether there was one.</returns>
    private static bool Close(string path)
    {
        if (OperatingSystem.IsWindows() || new FileInfo(path).LinkTarget is not null) return false;
        var mode = File.GetUnixFileMode(path);
        if ((mode & OwnerFile.Others) == UnixFileMode.None) return false;
        File.SetUnixFileMode(path, mode & ~OwnerFile.Others);
        return true;
    }

    /// <returns>The mask before.</returns>
    [LibraryImport("libc", EntryPoint = "umask")]
    private static partial uint SetMask(uint mask);
}
