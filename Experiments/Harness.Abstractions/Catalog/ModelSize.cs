using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>Exact counts of a trial's model: recurrent layers and the linear output layer over the last recurrent layer's D·H outputs.</summary>
public static class ModelSize
{
    private const double Notable = 1e9;

    /// <summary>Trainable parameters of the recurrent layers.</summary>
    public static long Parameters(TrialSpec trial)
    {
        var (cell, task) = Definitions(trial);
        return cell.CountParameters(task.InputSize(trial.Task.Parameters), trial.Model.Hidden, trial.Model.Layers, trial.Model.Bidirectional);
    }

    /// <summary>With the output layer's D·H·O weights and O biases.</summary>
    public static long ParametersTotal(TrialSpec trial)
    {
        var (_, task) = Definitions(trial);
        long output = task.OutputSize(trial.Task.Parameters);
        return Parameters(trial) + (Directions(trial) * trial.Model.Hidden * output) + output;
    }

    /// <summary>Floating-point operations of one training step of the recurrent layers, matrix products only, without padding.</summary>
    public static double FlopsPerStep(TrialSpec trial)
    {
        var (cell, task) = Definitions(trial);
        // Lengths are drawn evenly.
        var shortest = trial.Task.Shortest ?? trial.Task.Length;
        return Enumerable.Range(shortest, trial.Task.Length - shortest + 1).Average(length => Of(task.StepsFor(length, trial.Task.Parameters)));

        double Of(int length) => cell.TrainingFlopsPerStep(task.InputSize(trial.Task.Parameters), trial.Model.Hidden, trial.Model.Layers, trial.Model.Bidirectional,
            trial.Train.Batch, length);
    }

    /// <summary>What of <see cref="FlopsPerStep"/> is really computed: nobody asks for the loss's gradient with respect to the task's input.</summary>
    public static double ComputedFlopsPerStep(TrialSpec trial)
    {
        var (cell, task) = Definitions(trial);
        var gates = cell.Costs is null ? cell.GateCount : 1;
        return FlopsPerStep(trial) - 2.0 * Directions(trial) * gates * trial.Model.Hidden * task.InputSize(trial.Task.Parameters) * TokensPerStep(trial);
    }

    /// <summary>Steps of all sequences of a batch together, without padding; of lengths that are drawn, the mean.</summary>
    public static double TokensPerStep(TrialSpec trial)
    {
        var (_, task) = Definitions(trial);
        var shortest = trial.Task.Shortest ?? trial.Task.Length;
        return trial.Train.Batch * Enumerable.Range(shortest, trial.Task.Length - shortest + 1).Average(length => (double)task.StepsFor(length, trial.Task.Parameters));
    }

    /// <summary>Bytes that back-propagation through time keeps: the gates, the states and the input of every step, layer and direction.</summary>
    public static double ActivationBytes(TrialSpec trial)
    {
        var (cell, task) = Definitions(trial);
        var bytes = trial.Dtype == Precision.Float64 ? 8.0 : 4.0;
        var steps = task.StepsFor(trial.Task.Length, trial.Task.Parameters);
        if (cell.Costs is { } own) return bytes * trial.Train.Batch * own.Activations(new(task.InputSize(trial.Task.Parameters), trial.Model.Hidden, trial.Model.Layers), steps);
        var states = cell.HasCellState ? 2.0 : 1.0;
        var perStep = (task.InputSize(trial.Task.Parameters) + (Directions(trial) * trial.Model.Layers * (cell.GateCount + states) * trial.Model.Hidden)) * trial.Train.Batch;
        return bytes * perStep * steps;
    }

    /// <summary>Bytes of main memory that a trial on the CPU needs at least: what back-propagation keeps, and every parameter with its gradient and two moments.</summary>
    /// <returns>0 where it is less than a gigabyte, which every worker has.</returns>
    public static long Memory(TrialSpec trial) => trial.Device == DeviceKind.Cpu ? Demand(trial) : 0;

    /// <summary>The same of its device's memory, for a trial on a GPU.</summary>
    /// <inheritdoc cref="Memory"/>
    public static long CudaMemory(TrialSpec trial) => trial.Device == DeviceKind.Cpu ? 0 : Demand(trial);

    /// <summary>Bytes that a training step works in: what back-propagation keeps, and every parameter with its gradient and two moments.</summary>
    public static long Bytes(TrialSpec trial) => (long)(ActivationBytes(trial) + 4.0 * (trial.Dtype == Precision.Float64 ? 8 : 4) * ParametersTotal(trial));

    private static long Demand(TrialSpec trial) => Bytes(trial) is var bytes && bytes < Notable ? 0 : bytes;

    private static long Directions(TrialSpec trial) => trial.Model.Bidirectional ? 2 : 1;

    private static (CellDefinition Cell, TaskDefinition Task) Definitions(TrialSpec trial) => (CellCatalog.Get(trial.Model.Cell), TaskCatalog.Get(trial.Task.Kind));
}
