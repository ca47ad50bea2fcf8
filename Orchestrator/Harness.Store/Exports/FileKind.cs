using System.Runtime.InteropServices;

namespace Harness.Store.Exports;

/// <summary>Whether a path is an ordinary file, which may be replaced, or a device or pipe, which may only be written to.</summary>
internal static partial class FileKind
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const uint TypeOnly = 1; // STATX_TYPE
    private const int TypeMask = 0xF000, Regular = 0x8000; // S_IFMT, S_IFREG

    /// <summary>True also for a path at which there is nothing.</summary>
    public static bool IsReplaceable(string path)
    {
        if (!File.Exists(path)) return true;
        // struct statx is the same on every architecture: stx_mode is the 16 bits at byte 28. struct stat of macOS has them at byte 4.
        var record = new byte[512];
        if (OperatingSystem.IsLinux()) return Statx(CurrentFolder, path, 0, TypeOnly, record) != 0 || (BitConverter.ToUInt16(record, 28) & TypeMask) == Regular;
        if (OperatingSystem.IsMacOS()) return Stat(path, record) != 0 || (BitConverter.ToUInt16(record, 4) & TypeMask) == Regular;
        return true;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, byte[] record);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Stat(string path, byte[] record);
}
