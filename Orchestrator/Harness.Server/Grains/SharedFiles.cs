using Harness.Abstractions.Contracts;
using Harness.Store;
using Harness.Workers.Checkpoints;
using Harness.Workers.Data;
using Harness.Workers.Files;

namespace Harness.Server.Grains;

/// <summary>The files of the server's data folder that workers elsewhere read and write.</summary>
internal sealed class SharedFiles(ResultsDatabase database, ContentFolder content, CheckpointFiles checkpoints)
{
    public CheckpointFiles Checkpoints => checkpoints;

    public bool Sees(string probe) => File.Exists(FolderProbe.PathOf(Path.GetDirectoryName(database.Path)!, probe));

    public async Task<FilePiece?> ReadData(string sha256, long offset) => content.Find(sha256) is { } path ? await FileTransfer.Read(path, offset) : null;

    public Task<FilePiece?> ReadCheckpoint(string trial, int step, long offset) => FileTransfer.Read(checkpoints.PathOf(trial, step), offset);

    /// <returns>False when an earlier piece is missing.</returns>
    public async Task<bool> WriteCheckpoint(AttemptKey attempt, int step, long offset, FilePiece piece)
    {
        var target = checkpoints.PathOf(attempt.Trial, step);
        if (!await FileTransfer.Write(target, FormattableString.Invariant($"{attempt.Number}"), offset, piece)) return false;
        if (piece.Last) checkpoints.KeepNewest(attempt.Trial);
        return true;
    }

    /// <exception cref="NameRefusedException">One of the names is not a trial's identity.</exception>
    public IReadOnlyList<string> Open(IReadOnlyList<string> trials)
    {
        foreach (var trial in trials ?? throw new NameRefusedException("No list of trials was sent.")) WireNames.Trial(trial);
        using var connection = database.Connect();
        var fates = new TrialFate(connection);
        return [.. trials.Where(trial => fates.Of(trial) is { Open: true })];
    }

    /// <exception cref="NameRefusedException">The name is not a trial's identity.</exception>
    public void Settle(string trial)
    {
        WireNames.Trial(trial);
        using var connection = database.Connect();
        checkpoints.Settle(trial, new TrialFate(connection).Of(trial));
    }
}
