using System.Runtime.InteropServices;

namespace Harness.Training.Checkpoints;

/// <summary>Files that are either there in full, after a crash or a power failure too, or not there at all.</summary>
internal static partial class DurableFile
{
    private const int OpenDirectory = 0x10000 | 0x80000;                         // O_DIRECTORY | O_CLOEXEC on Linux x64; read-only is 0

    /// <summary>The ending of a file that is being written.</summary>
    public const string Unfinished = ".tmp";

    /// <summary>Writes under a temporary name, has the disk confirm, and renames; a file that is there already is replaced.</summary>
    /// <exception cref="IOException">The disk is full, or refuses.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Environment.ProcessId}{Unfinished}";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        // The name is a fact of the folder, which has to reach the disk as well. Windows journals it.
        if (OperatingSystem.IsLinux()) FlushFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    private static void FlushFolder(string folder)
    {
        var descriptor = Open(folder, OpenDirectory);
        if (descriptor < 0) throw new IOException($"{folder} cannot be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        try
        {
            if (Fsync(descriptor) != 0) throw new IOException($"{folder} could not be brought to disk: {Marshal.GetLastPInvokeErrorMessage()}");
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int Close(int descriptor);
}
