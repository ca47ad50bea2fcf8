namespace Harness.Abstractions.Contracts;

/// <summary>What a worker with a data folder of its own asks of the server's: data files, and checkpoints to resume from.</summary>
/// <remarks>
/// Files travel in pieces of at most <see cref="FilePiece.Length"/> bytes; the reader verifies a file by its content or by its name. Names never
/// become paths: a data file is asked for by its hash, a checkpoint by trial and step.
/// </remarks>
[Alias("harness.files"), GrainInterfaceType("harness.files")]
public interface IFilesGrain : IGrainWithStringKey
{
    /// <summary>Whether the server's data folder is the worker's, which has put a file of that name there.</summary>
    /// <param name="probe">32 hexadecimal digits.</param>
    [Alias("sees")]
    Task<bool> Sees(string probe);

    /// <summary>A piece of a data file; null when the server has none with that content.</summary>
    [Alias("read-data")]
    Task<FilePiece?> ReadData(string sha256, long offset);

    /// <summary>The step of the newest checkpoint of a trial; null when there is none.</summary>
    [Alias("newest-checkpoint")]
    Task<int?> NewestCheckpoint(string trial);

    /// <summary>A piece of a checkpoint; null when it is not there (any more).</summary>
    [Alias("read-checkpoint")]
    Task<FilePiece?> ReadCheckpoint(string trial, int step, long offset);

    /// <summary>A piece of a checkpoint that the attempt has left. Pieces come in order; the file is there when the last one is.</summary>
    /// <returns>False when the attempt is no longer the trial's live one, or an earlier piece is missing: start again or stop.</returns>
    [Alias("write-checkpoint")]
    Task<bool> WriteCheckpoint(HeldLease lease, int step, long offset, FilePiece piece);

    /// <summary>Which of these trials have not ended: somebody may resume from their checkpoints.</summary>
    [Alias("open")]
    Task<IReadOnlyList<string>> Open(IReadOnlyList<string> trials);

    /// <summary>The trial has ended: its final weights are kept when they are wanted, and the rest is removed.</summary>
    [Alias("settle")]
    Task Settle(string trial);
}

/// <param name="Bytes">At most <see cref="Length"/>.</param>
/// <param name="Last">Whether the file ends here.</param>
[GenerateSerializer, Immutable, Alias("harness.file-piece")]
public sealed record FilePiece([property: Id(0), Longest(FilePiece.Length)] byte[] Bytes, [property: Id(1)] bool Last)
{
    /// <summary>1 MiB: far below what a message may hold, so that heartbeats do not wait behind one.</summary>
    public const int Length = 1 << 20;
}
