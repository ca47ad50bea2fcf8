using Harness.Experiments.Contracts;
using Harness.Orchestrator.Hosting;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Harness.Orchestrator.Scheduling;

/// <summary>The façade before <see cref="SharedFiles"/>; it has no state.</summary>
[Reentrant, KeepAlive, Immovable, GrainType("harness.files")]
internal sealed class FilesGrain(SharedFiles files, Door door) : Grain, IFilesGrain
{
    public Task<bool> Sees(string probe) => Task.FromResult(files.Sees(probe));

    public Task<FilePiece?> ReadData(string sha256, long offset) => files.ReadData(sha256, offset);

    public Task<int?> NewestCheckpoint(string trial) => Task.FromResult(files.Checkpoints.Newest(trial));

    public Task<FilePiece?> ReadCheckpoint(string trial, int step, long offset) => files.ReadCheckpoint(trial, step, offset);

    public async Task<bool> WriteCheckpoint(HeldLease lease, int step, long offset, FilePiece piece) =>
        door.MayWrite(lease, step, offset, piece) && await files.WriteCheckpoint(lease.Attempt, step, offset, piece);

    public Task<IReadOnlyList<string>> Open(IReadOnlyList<string> trials) => Task.FromResult(files.Open(trials));

    public Task Settle(string trial)
    {
        files.Settle(trial);
        return Task.CompletedTask;
    }
}
