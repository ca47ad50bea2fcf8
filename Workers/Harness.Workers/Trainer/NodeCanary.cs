using System.Buffers.Binary;
using System.Security.Cryptography;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Workers.Trainer;

/// <summary>
/// One tiny trial, the same on every machine: a machine with other losses computes other results, and a machine that takes
/// much longer is not to be compared in time.
/// </summary>
internal static class NodeCanary
{
    private const string Name = "canary";

    /// <summary>Fixed for good: results of workers of different versions are to be comparable. About a tenth of a second.</summary>
    internal static TrialSpec Trial { get; } = new(
        TrialSpec.RevisionOf(KernelPath.Engine),
        new TaskSpec("adding", Length: 20, new ParameterSet([new("markers", "anywhere")])),
        new ModelSpec("lstm", KernelPath.Engine, Hidden: 32, Layers: 1, Bidirectional: false, Activation: null, InitKind.Default),
        new TrainSpec(Steps: 60, Batch: 16, new OptimizerSpec(OptimizerKind.Adam, LearningRate: 1e-2), ClipNorm: 1.0),
        new EvaluationSpec(Every: 30, Sequences: 64),
        new ProbeSpec([], Sequences: 32),
        Target: null,
        Precision.Float32,
        DeviceKind.Cpu,
        Seed: 1);

    /// <summary>Trains it on a trainer that has nothing else to do.</summary>
    /// <exception cref="InvalidOperationException">The trainer did not bring it to an end; the message says why.</exception>
    public static async Task<CanaryResult> Run(TrainerProcess trainer, CancellationToken cancellation)
    {
        // By step: how points are cut into frames depends on time.
        var losses = new SortedDictionary<int, float>();
        await trainer.Send(new TrainRequest(Name, Trial), cancellation);
        await foreach (var frame in trainer.Frames.ReadAllAsync(cancellation))
        {
            switch (frame)
            {
                case MetricFrame { Attempt: Name, Metric: MetricCatalog.TrainingLoss } points:
                    for (var i = 0; i < points.Values.Length; i++) losses[points.FirstStep + (i * points.Stride)] = points.Values[i];
                    break;
                case TrialFinished { Attempt: Name } finished:
                    return new CanaryResult(Digest(losses.Values), finished.Outcome.MillisecondsPerStep ?? double.NaN);
                case TrialErrored errored:
                    throw new InvalidOperationException(errored.Message);
                case TrialRejected rejected:
                    throw new InvalidOperationException(rejected.Message);
            }
        }

        throw new InvalidOperationException((await trainer.Exit(cancellation)).ToString());
    }

    private static string Digest(SortedDictionary<int, float>.ValueCollection losses)
    {
        var bytes = new byte[losses.Count * sizeof(float)];
        foreach (var (i, loss) in losses.Index()) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), loss);
        return Convert.ToHexStringLower(SHA256.HashData(bytes));
    }
}
