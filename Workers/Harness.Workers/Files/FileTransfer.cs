using System.Globalization;
using Harness.Abstractions.Contracts;

namespace Harness.Workers.Files;

/// <summary>Files in pieces, at both ends of the wire.</summary>
public static class FileTransfer
{
    /// <summary>64 GiB: no checkpoint comes near it, and a caller that never ends must end somewhere.</summary>
    private const long LargestFile = 64L << 30;

    /// <summary>The piece at an offset; null when the file is not there.</summary>
    /// <exception cref="NameRefusedException">The file is a link, or the offset lies outside it.</exception>
    public static async Task<FilePiece?> Read(string path, long offset)
    {
        RefuseLink(path);
        try
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (offset < 0 || offset > file.Length) throw new NameRefusedException(string.Create(CultureInfo.InvariantCulture, $"Offset {offset} lies outside a file of {file.Length} bytes."));
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
    /// <exception cref="NameRefusedException">The file is a link, or the piece is larger than one may be.</exception>
    public static async Task<bool> Write(string path, string writer, long offset, FilePiece piece)
    {
        if (piece?.Bytes is not { Length: <= FilePiece.Length } || offset < 0 || offset > LargestFile)
            throw new NameRefusedException(string.Create(CultureInfo.InvariantCulture, $"A piece of a file holds at most {FilePiece.Length} bytes and begins before byte {LargestFile}."));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var unfinished = $"{path}.{writer}.part";
        RefuseLink(path);
        RefuseLink(unfinished);
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

    /// <summary>Nothing of ours is a link; one in its place leads out of the data folder.</summary>
    private static void RefuseLink(string path)
    {
        if (new FileInfo(path).LinkTarget is not null) throw new NameRefusedException($"'{Path.GetFileName(path)}' is a link. Remove it from the data folder.");
    }
}
