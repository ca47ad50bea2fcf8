using Harness.Experiments.Contracts;

namespace Harness.Workers.Files;

/// <summary>Files in pieces, at both ends of the wire.</summary>
public static class FileTransfer
{
    /// <summary>The piece at an offset; null when the file is not there.</summary>
    public static async Task<FilePiece?> Read(string path, long offset)
    {
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            ArgumentOutOfRangeException.ThrowIfNegative(offset);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, file.Length);
            file.Seek(offset, SeekOrigin.Begin);
            var bytes = new byte[Math.Min(FilePiece.Length, file.Length - offset)];
            await file.ReadExactlyAsync(bytes);
            return new FilePiece(bytes, offset + bytes.Length == file.Length);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Puts a piece to those before it; with the last one the file is there, whole.</summary>
    /// <param name="path">Where the file will be.</param>
    /// <param name="writer">Keeps apart the pieces of two that write the same file.</param>
    /// <returns>False when the piece does not follow those that are there.</returns>
    public static async Task<bool> Write(string path, string writer, long offset, FilePiece piece)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{writer}.part";
        await using (var file = new FileStream(unfinished, offset == 0 ? FileMode.Create : FileMode.OpenOrCreate, FileAccess.Write, FileShare.None))
        {
            if (file.Length != offset) return false;
            file.Seek(offset, SeekOrigin.Begin);
            await file.WriteAsync(piece.Bytes);
            if (piece.Last) file.Flush(flushToDisk: true);
        }

        if (piece.Last) File.Move(unfinished, path, overwrite: true);
        return true;
    }
}
