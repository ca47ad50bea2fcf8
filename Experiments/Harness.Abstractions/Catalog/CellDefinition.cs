namespace Harness.Abstractions.Catalog;

/// <summary>What the plan, the reader and the report need to know about a recurrent cell, without any tensor library.</summary>
/// <remarks>
/// The module that computes the cell lives in the trainer and is found by <see cref="Name"/>. Registering a cell means
/// adding its definition to <see cref="CellCatalog"/>; nothing else names cells.
/// </remarks>
/// <param name="Name">The word used in YAML, database and report, e.g. <c>lstm</c>.</param>
/// <param name="DisplayName">The word used in prose and figures, e.g. <c>LSTM</c>.</param>
/// <param name="GateCount">g: how many H×(I+H) blocks the cell multiplies per step (RNN 1, GRU 3, LSTM 4).</param>
/// <param name="HasCellState">Whether a second state c runs beside h (LSTM).</param>
/// <param name="RetentionGate">The gate whose value is the share of the old state that is kept, if there is one.</param>
/// <param name="Gates">Gate names in the order in which PyTorch stacks their rows.</param>
/// <param name="Activations">Activations that may be asked for; the first is the default; empty when fixed.</param>
/// <param name="Summary">One sentence for the reference page.</param>
public sealed record CellDefinition(
    string Name,
    string DisplayName,
    int GateCount,
    bool HasCellState,
    string? RetentionGate,
    IReadOnlyList<string> Gates,
    IReadOnlyList<string> Activations,
    string Summary)
{
    /// <summary>Whether a state is handed on from step to step, through which gradients flow back and which probes look into.</summary>
    public bool IsRecurrent { get; init; } = true;

    /// <summary>The publications that it comes from, for a bibliography.</summary>
    public IReadOnlyList<Citation> Sources { get; init; } = [];

    /// <summary>The backends that it exists on, as YAML calls them; the first counts where none is written.</summary>
    public IReadOnlyList<string> Kernels { get; init; } = ["library", "cell"];

    /// <summary>The backend of <c>kernel: auto</c>: native where it applies, else the first. It depends on the spec alone, never on the machine.</summary>
    public string AutomaticKernel(bool onCpu) => onCpu && Kernels.Contains(Engine, StringComparer.Ordinal) ? Engine : Kernels[0];

    /// <summary>The path that exists on the CPU alone.</summary>
    internal const string Engine = "engine";

    /// <summary>The path on which a pack is one program.</summary>
    internal const string Batched = "batched";

    /// <summary>What it costs and which weights it has, where that does not follow from <see cref="GateCount"/>; null where it does.</summary>
    public StackCosts? Costs { get; init; }

    /// <summary>Those of <see cref="Gates"/> that are not shares from 0 to 1 but what may be written into the state.</summary>
    public IReadOnlyList<string> Candidates { get; init; } = [];

    /// <summary><see cref="Gates"/> without <see cref="Candidates"/>: shares from 0, closed, to 1, open.</summary>
    public IEnumerable<string> Shares => Gates.Except(Candidates, StringComparer.Ordinal);

    /// <summary>Trainable parameters of the recurrent layers: g·(I_l·H + H² + 2H) per layer and direction.</summary>
    /// <param name="inputSize">I, features per step of the first layer; deeper layers read D·H.</param>
    /// <param name="hidden">H, units per layer and direction.</param>
    /// <param name="layers">Stacked layers, at least 1.</param>
    /// <param name="bidirectional">Whether a second set of weights reads the sequence backwards.</param>
    /// <exception cref="OverflowException">The count does not fit into 64 bits.</exception>
    public long CountParameters(int inputSize, int hidden, int layers, bool bidirectional)
    {
        if (Costs is { } own) return own.Parameters(new(inputSize, hidden, layers));
        checked
        {
            long directions = bidirectional ? 2 : 1;
            long total = 0;
            for (var layer = 0; layer < layers; layer++)
            {
                var input = layer == 0 ? inputSize : directions * hidden;
                total += directions * GateCount * (input * hidden + (long)hidden * hidden + 2L * hidden);
            }

            return total;
        }
    }

    /// <summary>Floating-point operations (2 per multiply-add, matrix products only) of one training step of the recurrent layers.</summary>
    /// <remarks>Forward costs 2·g·H·(I+H) per token and direction; training about three times that (science: forward, dX, dW).</remarks>
    public double TrainingFlopsPerStep(int inputSize, int hidden, int layers, bool bidirectional, int batch, int length)
    {
        if (Costs is { } own) return 3.0 * batch * own.ForwardFlops(new(inputSize, hidden, layers), length);
        double directions = bidirectional ? 2 : 1;
        double perToken = 0;
        for (var layer = 0; layer < layers; layer++)
        {
            var input = layer == 0 ? inputSize : directions * hidden;
            perToken += directions * 2.0 * GateCount * hidden * (input + hidden);
        }

        return 3.0 * perToken * batch * length;
    }
}

/// <summary>The sizes of a stack: I features per step, width H, L layers.</summary>
public readonly record struct StackSize(int Input, int Hidden, int Layers);

/// <summary>What a stack costs that is no stack of gates.</summary>
/// <param name="Parameters">Trainable parameters.</param>
/// <param name="ForwardFlops">Operations of the forward pass over one sequence of so many steps, 2 per multiply-add, matrix products only.</param>
/// <param name="Activations">Values per sequence of so many steps that back-propagation keeps.</param>
/// <param name="Weights">Names and sizes of the parameters.</param>
public sealed record StackCosts(
    Func<StackSize, long> Parameters, Func<StackSize, int, double> ForwardFlops, Func<StackSize, int, double> Activations, Func<StackSize, IReadOnlyList<WeightShape>> Weights);
