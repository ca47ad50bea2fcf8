using System.Collections.Concurrent;
using System.Threading.Channels;
using Harness.Abstractions.Contracts;

namespace Harness.Training.Protocol;

/// <summary>Serves trial after trial until the input ends.</summary>
/// <remarks>
/// Requests are read on a thread of their own, so that a stop is heard while a trial trains. The end of the input means that the
/// parent is gone: its trials are abandoned at the next step. A trial fed by hand has no parent and is trained to its end.
/// </remarks>
internal sealed class TrainerSession(Stream input, FrameWriter output, TimeProvider clock)
{
    private readonly Channel<IReadOnlyList<RequestedTrial>> queue = Channel.CreateUnbounded<IReadOnlyList<RequestedTrial>>();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> stops = new(StringComparer.Ordinal);

    /// <summary>Trains on the calling thread; returns when the input has ended and nothing is left to do.</summary>
    public void Serve()
    {
        new Thread(ReadRequests) { IsBackground = true, Name = "requests" }.Start();
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (queue.Reader.TryRead(out var trials)) Train(trials);
        }
    }

    private void Train(IReadOnlyList<RequestedTrial> trials)
    {
        using var pack = new RequestedPack(trials, clock, trial => stops.TryRemove(trial.Attempt, out _));
        pack.Train();
    }

    private void ReadRequests()
    {
        try
        {
            var reader = new JsonObjectReader(input);
            while (AcceptNext(reader)) { }
        }
        catch (IOException)
        {
            // A broken pipe is an ended input.
        }

        foreach (var (attempt, stop) in stops)
            if (attempt != Requests.ByHand) stop.Cancel();
        queue.Writer.Complete();
    }

    private bool AcceptNext(JsonObjectReader reader)
    {
        try
        {
            if (reader.Next() is not { } json) return false;
            Accept(Requests.Parse(json));
        }
        catch (FormatException malformed)
        {
            output.Write(new TrialRejected(null, malformed.Message));
        }

        return true;
    }

    private void Accept(TrainerRequest request)
    {
        switch (request)
        {
            case TrainRequest train:
                Queue([train]);
                break;
            case TrainPackRequest pack:
                Queue(pack.Trials);
                break;
            case StopRequest { Attempt: var attempt } when stops.TryGetValue(attempt, out var running):
                running.Cancel();
                break;
            default:
                // A stop for a trial that has just ended: its last frame is already on the way.
                break;
        }
    }

    private void Queue(IReadOnlyList<TrainRequest> trials)
    {
        RequestedTrial[] pack = [.. trials.Select(trial => new RequestedTrial(trial, output, clock))];
        foreach (var trial in pack) stops[trial.Attempt] = trial.Stop;
        queue.Writer.TryWrite(pack);
    }
}
