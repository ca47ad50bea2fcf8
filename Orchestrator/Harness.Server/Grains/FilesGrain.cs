using Harness.Abstractions.Contracts;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Harness.Server.Grains;

/// <summary>The façade before <see cref="SharedFiles"/>; it has no state. A refused name is logged: workers of ours send none.</summary>
[Reentrant, KeepAlive, Immovable, GrainType("harness.files")]
internal sealed class FilesGrain(SharedFiles files, Door door, ILogger<FilesGrain> log) : Grain, IFilesGrain
{
    public Task<bool> Sees(string probe) => Logged("sees", () => Task.FromResult(files.Sees(probe)));

    public Task<FilePiece?> ReadData(string sha256, long offset) => Logged("read-data", () => files.ReadData(sha256, offset));

    public Task<int?> NewestCheckpoint(string trial) => Logged("newest-checkpoint", () => Task.FromResult(files.Checkpoints.Newest(trial)));

    public Task<FilePiece?> ReadCheckpoint(string trial, int step, long offset) => Logged("read-checkpoint", () => files.ReadCheckpoint(trial, step, offset));

    public Task<bool> WriteCheckpoint(HeldLease lease, int step, long offset, FilePiece piece) => Logged("write-checkpoint", async () =>
        door.MayWrite(lease, step, offset, piece) && await files.WriteCheckpoint(lease.Attempt, step, offset, piece));

    public Task<IReadOnlyList<string>> Open(IReadOnlyList<string> trials) => Logged("open", () => Task.FromResult(files.Open(trials)));

    public Task Settle(string trial) => Logged("settle", () =>
    {
        files.Settle(trial);
        return Task.FromResult(true);
    });

    private async Task<T> Logged<T>(string call, Func<Task<T>> answer)
    {
        try
        {
            return await answer();
        }
        catch (NameRefusedException error)
        {
            SchedulerLog.CallRefused(log, call, error.Message);
            throw;
        }
    }
}
