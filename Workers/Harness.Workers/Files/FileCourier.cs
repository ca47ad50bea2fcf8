using System.Security.Cryptography;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Workers.Checkpoints;
using Harness.Workers.Connection;
using Harness.Workers.Data;
using Microsoft.Extensions.Logging;

namespace Harness.Workers.Files;

/// <summary>
/// Carries files between a worker on a machine of its own and the server: data files, initial weights and the newest checkpoint before an attempt, each
/// checkpoint after it was written, so that any machine can resume where one was lost.
/// </summary>
/// <param name="grains">How to reach the server.</param>
/// <param name="folder">The worker's data folder.</param>
/// <param name="content">Its data files.</param>
/// <param name="checkpoints">Its checkpoints.</param>
internal sealed class FileCourier(IGrainFactory grains, string folder, ContentFolder content, CheckpointFiles checkpoints, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private bool? shares;

    private IFilesGrain Orchestrator => grains.GetGrain<IFilesGrain>("files");

    /// <summary>Brings what the trial needs, as often as it takes. What the server does not have is left to the trainer to say.</summary>
    public async Task Fetch(AttemptKey attempt, TrialSpec spec, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                if (await Shares()) return;
                foreach (var sha256 in new[] { spec.Task.Data, spec.Model.Weights }.OfType<string>()) await FetchContent(sha256);
                if (attempt.Number > 1) await FetchCheckpoint(attempt.Trial);
                return;
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                WorkerLog.NotFetched(log, attempt.ToString(), error.Message);
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Sends a checkpoint. If it fails, the next attempt resumes from the one before it.</summary>
    public async Task Push(HeldLease lease, int step, CancellationToken cancellation)
    {
        try
        {
            if (await Shares()) return;
            var path = checkpoints.PathOf(lease.Attempt.Trial, step);
            for (long offset = 0; await FileTransfer.Read(path, offset) is { } piece; offset += piece.Bytes.Length)
                if (!await Orchestrator.WriteCheckpoint(lease, step, offset, piece).WaitAsync(cancellation) || piece.Last) return;
        }
        catch (Exception error)
        {
            WorkerLog.NotPushed(log, lease.Attempt.ToString(), step, error.Message);
        }
    }

    /// <summary>The server has the trial's result: it can put the trial's files away.</summary>
    public async Task Settle(string trial)
    {
        try
        {
            if (!await Shares()) await Orchestrator.Settle(trial);
        }
        catch (Exception error)
        {
            // It does so by itself when it restarts.
            WorkerLog.FilesLeft(log, trial, error.Message);
        }
    }

    /// <summary>Brings a data file, or the file of initial weights.</summary>
    private async Task FetchContent(string sha256)
    {
        if (content.Find(sha256) is not null) return;
        using var bytes = new MemoryStream();
        while (await Orchestrator.ReadData(sha256, bytes.Length) is { } piece)
        {
            bytes.Write(piece.Bytes);
            if (!piece.Last) continue;
            var whole = bytes.GetBuffer().AsSpan(0, (int)bytes.Length);
            if (DataFile.HashOf(whole) != sha256) throw new InvalidDataException($"The file {sha256} arrived damaged.");
            content.Add(sha256, whole);
            return;
        }
    }

    private async Task FetchCheckpoint(string trial)
    {
        if (await Orchestrator.NewestCheckpoint(trial) is not { } step || step <= (checkpoints.Newest(trial) ?? -1)) return;
        for (long offset = 0; await Orchestrator.ReadCheckpoint(trial, step, offset) is { } piece; offset += piece.Bytes.Length)
            if (!await FileTransfer.Write(checkpoints.PathOf(trial, step), "fetched", offset, piece) || piece.Last) return;
    }

    /// <summary>Found out once; slots that ask at the same time find out the same.</summary>
    private async Task<bool> Shares()
    {
        if (shares is { } known) return known;
        var probe = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));
        Directory.CreateDirectory(folder);
        var file = FolderProbe.PathOf(folder, probe);
        await File.WriteAllTextAsync(file, "");
        try
        {
            if (await Orchestrator.Sees(probe)) return (shares = true).Value;
        }
        finally
        {
            File.Delete(file);
        }

        // What an earlier life of this worker left of trials that ended elsewhere.
        var here = checkpoints.Trials();
        foreach (var ended in here.Except(await Orchestrator.Open(here), StringComparer.Ordinal)) checkpoints.Remove(ended);
        return (shares = false).Value;
    }
}
