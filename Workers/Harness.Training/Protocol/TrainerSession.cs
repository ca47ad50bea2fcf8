using System.Collections.Concurrent;
using System.Threading.Channels;
using Harness.Experiments.Contracts;
using Harness.Training.Timing;
using Harness.Training.Training;

namespace Harness.Training.Protocol;

/// <summary>Serves trial after trial until the input ends.</summary>
/// <remarks>
/// Requests are read on a thread of their own, so that a stop is heard while a trial trains. The end of the input means that the
/// parent is gone: its trials are given up at the next step. A trial fed by hand has no parent to miss it and is trained to its end.
/// </remarks>
internal sealed class TrainerSession(Stream input, FrameWriter output, TimeProvider clock)
{
    private readonly Channel<(TrainRequest Request, CancellationTokenSource Stop)> queue = Channel.CreateUnbounded<(TrainRequest, CancellationTokenSource)>();
    private readonly ConcurrentDictionary<string, CancellationTokenSource> stops = new(StringComparer.Ordinal);

    /// <summary>Trains on the calling thread; returns when the input has ended and nothing is left to do.</summary>
    public void Serve()
    {
        new Thread(ReadRequests) { IsBackground = true, Name = "requests" }.Start();
        while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (queue.Reader.TryRead(out var work))
            {
                Train(work.Request, work.Stop.Token);
                stops.TryRemove(work.Request.Attempt, out _);
            }
        }
    }

    private void Train(TrainRequest request, CancellationToken stop)
    {
        try
        {
            if (request.Trial.Timing is not null)
            {
                using var timing = new TimingTrial(request.Attempt, request.Trial, clock, output.Write, request.Data);
                if (timing.Run(stop) is { } result) output.Write(new TrialTimed(request.Attempt, result));
                return;
            }

            using var trial = new Trial(request.Attempt, request.Trial, clock, output.Write, request.Checkpoint, request.Data);
            if (trial.Run(stop) is { } outcome) output.Write(new TrialFinished(request.Attempt, outcome));
        }
        catch (TrialRejectedException refusal)
        {
            output.Write(new TrialRejected(request.Attempt, refusal.Message));
        }
        catch (Exception failure) when (failure is not IOException)
        {
            output.Write(new TrialErrored(request.Attempt, FailureReason.Of(failure), failure.Message, failure.ToString()));
        }
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
                var stop = new CancellationTokenSource();
                stops[train.Attempt] = stop;
                queue.Writer.TryWrite((train, stop));
                break;
            case StopRequest { Attempt: var attempt } when stops.TryGetValue(attempt, out var running):
                running.Cancel();
                break;
            default:
                // A stop for a trial that has just ended: its last frame is already on the way.
                break;
        }
    }
}
