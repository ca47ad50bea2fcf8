using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The hand-written loop over the cell's own step. The only path on which every state of every layer can be seen.</summary>
internal sealed class LoopNetwork : RecurrentNetwork
{
    private readonly CellLayer[][] layers;   // [layer][direction]

    public LoopNetwork(RecurrentCell cell, StackShape shape) : base(shape)
    {
        layers = [.. Enumerable.Range(0, shape.Layers).Select(layer =>
            Enumerable.Range(0, shape.Directions).Select(_ => cell.CreateLayer(shape.Layer(layer))).ToArray())];
        Weights = [.. layers.SelectMany((directions, layer) => directions.SelectMany((cellLayer, direction) =>
            cellLayer.Weights.Select(weight => weight with { Name = weight.Name + StackShape.Suffix(layer, direction == 1) })))];
    }

    public override IReadOnlyList<NamedWeight> Weights { get; }

    public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => LastOf(Run(input, dropout: dropout, ends: ends));

    public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null) => stack(Run(input, dropout: dropout, ends: ends).Steps);

    /// <summary>Runs the whole stack.</summary>
    /// <param name="input">[T, B, I].</param>
    /// <param name="observe">Called with every layer, direction, step of the loop (0 is the first that the direction computes), input [B, I_l], state before and state after it.</param>
    /// <param name="early">Another network of the same shape that computes this many first steps of every layer and direction instead.</param>
    /// <param name="ends">Where the sequences end: their states stay from there on, and what the steps beyond hand on is zero.</param>
    /// <returns>The top layer's h per step, T × [B, D·H], and its last h per direction, D × [B, H].</returns>
    public (Tensor[] Steps, Tensor[] Last) Run(Tensor input, StepObserver? observe = null, DropoutMasks? dropout = null, (LoopNetwork Network, int Steps)? early = null, SequenceEnds? ends = null)
    {
        var steps = input.unbind(0);                                                          // T × [B, I]
        var inside = ends?.Inside.unbind(0);                                                  // T × [B, 1]
        var last = new Tensor[Shape.Directions];
        for (var layer = 0; layer < layers.Length; layer++)
        {
            if (layer > 0 && dropout is not null) steps = Dropped(steps, dropout, layer);
            var outputs = new Tensor[Shape.Directions][];
            for (var direction = 0; direction < Shape.Directions; direction++)
            {
                (outputs[direction], last[direction]) = RunLayer(layers[layer][direction], early is { } first ? (first.Network.layers[layer][direction], first.Steps) : null, steps, inside, direction == 1, layer, observe);
            }

            steps = Shape.Bidirectional ? [.. outputs[0].Zip(outputs[1], (forwards, backwards) => cat([forwards, backwards], dim: 1))] : outputs[0];
        }

        return (steps, last);
    }

    private static Tensor[] Dropped(Tensor[] steps, DropoutMasks dropout, int layer)
    {
        var values = stack(steps);                                                            // [T, B, D·H]
        return (values * dropout.On(layer, values)).unbind(0);
    }

    private static (Tensor[] Steps, Tensor Last) RunLayer(CellLayer usual, (CellLayer Cell, int Steps)? early, Tensor[] input, Tensor[]? inside, bool backwards, int layer, StepObserver? observe)
    {
        var output = new Tensor[input.Length];
        var state = usual.InitialState(input[0].shape[0]);
        for (var step = 0; step < input.Length; step++)
        {
            var position = backwards ? input.Length - 1 - step : step;
            var before = state;
            var cell = step < early?.Steps ? early.Value.Cell : usual;
            state = cell.Step(input[position], before);
            observe?.Invoke(new(cell, layer, backwards, step, input[position], before, state));
            output[position] = state.H;
            if (inside?[position] is not { } belongs) continue;
            output[position] = where(belongs, state.H, zeros_like(state.H));
            state = new(where(belongs, state.H, before.H), state.C is { } c ? where(belongs, c, before.C!) : null);
        }

        return (output, state.H);
    }

    /// <summary>The output layer's input for the last step, from a run: [B, D·H].</summary>
    public static Tensor LastOf((Tensor[] Steps, Tensor[] Last) run) => run.Last.Length == 1 ? run.Last[0] : cat(run.Last, dim: 1);

    public override void Dispose()
    {
        foreach (var cell in layers.SelectMany(directions => directions)) cell.Dispose();
    }
}

/// <summary>One step that the loop has just computed.</summary>
internal readonly record struct LoopStep(CellLayer Cell, int Layer, bool Backwards, int Step, Tensor Input, CellState Before, CellState After);

internal delegate void StepObserver(LoopStep step);
