using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>
/// Times of the processor that docs/performance.md names (an idle Xeon core with AVX-512), for the estimate of a machine that has trained nothing yet.
/// A step takes its floating-point operations at a rate, and a fixed time for each step of the sequence.
/// </summary>
public static class ReferenceTimes
{
    /// <summary>Seconds that one learning trial takes, all of its steps done. Null on a device that is no CPU.</summary>
    public static double? Trial(TrialSpec trial)
    {
        if (trial.Device != DeviceKind.Cpu) return null;
        var step = Step(trial);
        var perSequence = step / trial.Train.Batch;
        // An evaluation is a forward pass: a third of the operations.
        var evaluations = (1 + Math.Ceiling(trial.Train.Steps / (double)trial.Evaluation.Every)) * trial.Evaluation.Sequences * perSequence / 3;
        var probe = trial.Probe;
        var probes = (MetricCatalog.MomentsOf(probe) + (probe.GradientsEvery is { } every ? trial.Train.Steps / every : 0)) * probe.Sequences * perSequence * ProbeFactor;
        return Sharing * (trial.Train.Steps * step + evaluations + probes) + BesideTraining;
    }

    /// <summary>Seconds of one optimizer step on a CPU.</summary>
    public static double Step(TrialSpec trial)
    {
        var (rate, perTimeStep) = Speeds(trial.Model);
        var timeSteps = ModelSize.TokensPerStep(trial) / trial.Train.Batch * trial.Model.Layers * (trial.Model.Bidirectional ? 2 : 1);
        return PerStep + ModelSize.FlopsPerStep(trial) / rate + timeSteps * perTimeStep;
    }

    // Generator, loss and optimizer.
    private const double PerStep = 30e-6;

    // A probe keeps every time step's gradients and norms: 14 to 25 times as long as training on the same sequences.
    private const double ProbeFactor = 20;

    // Slots share caches and memory, and the first trials of each are cold: what seven catalogue files took on two cores, over the times above.
    private const double Sharing = 1.3;

    // Hand-over, checkpoint and end, in a trainer that runs already.
    private const double BesideTraining = 0.03;

    /// <returns>Operations per second, and seconds for each time step of a layer.</returns>
    private static (double Rate, double PerTimeStep) Speeds(ModelSpec model)
    {
        var cell = CellCatalog.Get(model.Cell);
        return model.Kernel switch
        {
            KernelPath.Engine => (90e9, 1e-6),
            // libtorch fuses the step of the cell that has a cell state, and no other.
            KernelPath.Library => (40e9, cell.HasCellState ? 15e-6 : 25e-6 * cell.GateCount),
            _ => (40e9, 35e-6 * (1 + cell.GateCount)),
        };
    }
}
