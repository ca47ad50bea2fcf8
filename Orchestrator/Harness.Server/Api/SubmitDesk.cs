using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Server.Hosting;
using Harness.Store;

namespace Harness.Server.Api;

/// <summary>Takes experiments in that arrive over HTTP: reads them, says what is wrong, shows what they expand to, hands them to the scheduler.</summary>
/// <param name="dataRoots">Folders in which the data files may lie that an experiment names which comes without a folder of its own.</param>
internal sealed class SubmitDesk(EmbeddedHarness harness, ReadConnections connections, IReadOnlyList<string> dataRoots) : IDisposable
{
    private const int MostKeys = 1000, LongestKey = 200, MostChanges = 200, MostRoots = 50;

    /// <summary>Reading and expanding takes memory and time: one after the other.</summary>
    private readonly SemaphoreSlim turn = new(1, 1);

    private readonly ConcurrentDictionary<string, (string Digest, Lazy<Task<long>> Started)> answered = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> keys = new();

    /// <param name="Plan">Null when there is an error among the diagnostics.</param>
    /// <param name="Path">What diagnostics call the file.</param>
    internal sealed record Reading(SpecReading Spec, ExperimentPlan? Plan, string Path);

    /// <param name="isLocalOwner">Whether the request may name folders of this machine: it could read every file of the server's account through them.</param>
    /// <returns>What was read; a refusal when it names what it may not.</returns>
    public async Task<(Reading? Reading, IResult? Refusal)> Read(SubmitRequest request, bool isLocalOwner, CancellationToken cancellation)
    {
        if (!isLocalOwner && (request.Path is not null || request.DataRoots is { Count: > 0 }))
            return (null, Problems.Of(StatusCodes.Status400BadRequest, "Only the owner names folders", "Leave path and data_roots out, or send them with the token from this machine over http. 'harness serve --data-root DIR' names folders for everybody."));
        if (Malformed(request) is { } malformed) return (null, Problems.Of(StatusCodes.Status400BadRequest, "The request is no experiment", malformed));
        await turn.WaitAsync(cancellation);
        try
        {
            var roots = request.DataRoots ?? [];
            var files = request.Path is { } path ? DataFolder.Beside(path, [.. roots, .. dataRoots]) : new DataFolder([.. roots, .. dataRoots]);
            var called = request.Path ?? "experiment.yaml";
            var reading = await Task.Run(() => SpecReader.Read(Encoding.UTF8.GetBytes(request.Text), called, [.. (request.Changes ?? []).Select(change => new SettingOverride(change))], files), cancellation);
            var plan = reading.Spec is null ? null : await Task.Run(() => ExperimentPlanner.Plan(reading.Spec) with { DataRoots = [.. roots, .. request.Path is null ? dataRoots : []] }, cancellation);
            return (new Reading(reading, plan, request.Path ?? (plan is null ? called : plan.Name + ".yaml")), null);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>What is wrong with a request before its text is read; null when nothing is.</summary>
    private static string? Malformed(SubmitRequest request)
    {
        if (request.Text is null) return "'text' is missing: expected the experiment file.";
        if (request.Changes?.Count > MostChanges) return FormattableString.Invariant($"'changes' has {request.Changes.Count} entries; at most {MostChanges} are read. Write them into the file.");
        if (request.DataRoots?.Count > MostRoots) return FormattableString.Invariant($"'data_roots' has {request.DataRoots.Count} entries; at most {MostRoots} are read.");
        if (request.Changes?.Any(change => change is null) == true) return "'changes' holds null: expected texts like train.steps=200.";
        foreach (var (name, path) in (request.DataRoots ?? []).Select(root => ("data_roots", (string?)root)).Prepend(("path", request.Path ?? "none")))
        {
            if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal)) return $"'{name}' holds no path of a file system.";
        }

        return null;
    }

    /// <summary>What the plan expands to, and which of it is done already.</summary>
    public async Task<PlanDocument> Describe(ExperimentPlan plan, CancellationToken cancellation)
    {
        var history = await connections.Read(connection => TrialHistory.Read(connection, plan), cancellation);
        return PlanDocument.Of(plan, history.States, history.Estimate(plan.Run.Slots ?? Environment.ProcessorCount), history.Added);
    }

    /// <summary>Stores the experiment and starts it, or finds it: the same file again is the same experiment.</summary>
    /// <param name="paused">Whether nothing of it is started until it is resumed.</param>
    /// <param name="actor">Who submits it.</param>
    public Task<long> Submit(Reading reading, string text, bool paused, string actor) => harness.Submit(reading.Plan!, text, reading.Path, paused, actor);

    /// <summary>The answer that a request with this key was given before, or the one that it is given now.</summary>
    /// <returns>Null when the key has come with another request.</returns>
    public async Task<long?> Once(string? key, SubmitRequest request, Func<Task<long>> submit)
    {
        if (string.IsNullOrEmpty(key)) return await submit();
        if (key.Length > LongestKey) throw new BadHttpRequestException($"An Idempotency-Key has at most {LongestKey} characters.");
        var digest = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', [request.Text, request.Path ?? "", request.Paused ? "paused" : "", .. request.Changes ?? [], "", .. request.DataRoots ?? []]))));
        // Only the entry that stays in the table is started.
        var offered = (Digest: digest, Started: new Lazy<Task<long>>(submit));
        var own = answered.GetOrAdd(key, offered);
        if (own.Digest != digest) return null;
        if (ReferenceEquals(own.Started, offered.Started))
        {
            keys.Enqueue(key);
            if (keys.Count > MostKeys && keys.TryDequeue(out var oldest)) answered.TryRemove(oldest, out _);
            // What failed may be tried again under the same key.
            _ = own.Started.Value.ContinueWith(_ => answered.TryRemove(KeyValuePair.Create(key, own)), CancellationToken.None, TaskContinuationOptions.NotOnRanToCompletion, TaskScheduler.Default);
        }

        return await own.Started.Value;
    }

    public void Dispose() => turn.Dispose();
}
