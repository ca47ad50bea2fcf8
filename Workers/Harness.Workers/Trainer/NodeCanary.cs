using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Harness.Experiments.Contracts;
using Harness.Experiments.Metrics;
using Harness.Experiments.Planning;
using Harness.Experiments.Specs;
using Harness.Experiments.Yaml;

namespace Harness.Workers.Trainer;

/// <summary>
/// One tiny trial, the same on every machine: a machine with other losses computes other results, and a machine that takes
/// much longer is not to be compared in time.
/// </summary>
internal static class NodeCanary
{
    private const string Name = "canary";

    /// <summary>Fixed for good: results of workers of different versions are to be comparable. About a tenth of a second.</summary>
    private const string Experiment =
        """
        version: 1
        name: canary
        task: { kind: adding, length: 20 }
        model: { hidden: 32 }
        matrix: { cell: [lstm] }
        seeds: { count: 1, base: 1 }
        train: { steps: 60, batch: 16, optimizer: { kind: adam, lr: 1e-2 }, clip_norm: 1.0 }
        evaluation: { every: 30, sequences: 64 }
        """;

    private static readonly Lazy<TrialSpec> trial = new(() =>
        ExperimentPlanner.Plan(SpecReader.Read(Encoding.UTF8.GetBytes(Experiment), "canary.yaml", []).Spec!).Trials[0].Spec);

    /// <summary>Trains it on a trainer that has nothing else to do.</summary>
    /// <exception cref="InvalidOperationException">The trainer did not bring it to an end; the message says why.</exception>
    public static async Task<CanaryResult> Run(TrainerProcess trainer, CancellationToken cancellation)
    {
        // By step: how points are cut into frames depends on time.
        var losses = new SortedDictionary<int, float>();
        await trainer.Send(new TrainRequest(Name, trial.Value), cancellation);
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
