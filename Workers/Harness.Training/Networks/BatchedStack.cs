using Harness.Training.Cells;
using static TorchSharp.torch;

namespace Harness.Training.Networks;

/// <summary>The loop over a stack's steps for K models of one shape at once: every operation of it is one call for all of them.</summary>
/// <remarks>
/// At the sizes that people compare, a GPU is done with one model's step long before the next call reaches it. Products of K models are one batched product
/// (as Wang et al. 2021 fuse other layers, "Horizontally fused training array"). K = 1 is a hand-written loop like any other.
/// </remarks>
internal sealed class BatchedStack(IBatchedCell cell, StackShape shape)
{
    /// <summary>Tensors per layer and direction: weight_ih, weight_hh, bias_ih, bias_hh.</summary>
    private const int Each = 4;

    public StackShape Shape => shape;

    /// <summary>Runs the whole stack.</summary>
    /// <param name="weights">Of all models, in the order of <see cref="RecurrentNetwork.Weights"/>, each with its K in front: [K, g·H, I], [K, g·H, H], [K, g·H], [K, g·H].</param>
    /// <param name="input">[K, T, B, I].</param>
    /// <param name="everyStep">Whether the top layer's h of every step is wanted.</param>
    /// <param name="drop">Drops values [K, T, B, D·H] on their way into a layer; null drops nothing.</param>
    /// <param name="inside">Whether a step belongs to its sequence, [K, T, B, 1]; null where all do.</param>
    /// <returns>The top layer's h of every step, [K, T, B, D·H], zeros beyond a sequence's end, if wanted; and its last h of each direction, [K, B, D·H].</returns>
    public (Tensor? Every, Tensor Last) Run(IReadOnlyList<Tensor> weights, Tensor input, bool everyStep, Func<int, Tensor, Tensor>? drop = null, Tensor? inside = null)
    {
        Tensor? values = input;
        var belongs = inside?.unbind(1);                                                                   // T × [K, B, 1]
        var last = new Tensor[shape.Directions];
        for (var layer = 0; layer < shape.Layers; layer++)
        {
            var read = layer > 0 && drop is not null ? drop(layer, values!) : values!;
            var isRead = everyStep || layer < shape.Layers - 1;
            var outputs = new Tensor?[shape.Directions];
            for (var direction = 0; direction < shape.Directions; direction++)
            {
                var first = (layer * shape.Directions + direction) * Each;
                (outputs[direction], last[direction]) = RunLayer([.. weights.Skip(first).Take(Each)], read, belongs, direction == 1, isRead);
            }

            values = !isRead ? null : shape.Bidirectional ? cat([outputs[0]!, outputs[1]!], dim: 3) : outputs[0];
        }

        return (values, last.Length == 1 ? last[0] : cat(last, dim: 2));
    }

    private (Tensor? Steps, Tensor Last) RunLayer(Tensor[] weights, Tensor input, Tensor[]? inside, bool backwards, bool isRead)
    {
        var (models, steps, batch) = (input.shape[0], (int)input.shape[1], input.shape[2]);
        var (bias, recurrent) = (weights[3].unsqueeze(1), weights[1].transpose(1, 2));
        var product = BatchedProduct.Of(weights[2].unsqueeze(1), input.reshape(models, steps * batch, -1), weights[0].transpose(1, 2));
        // Not b_ih + b_hh: the gradient of such a sum is one tensor, and clipping or accumulating one bias's gradient would change the other's, too.
        if (!cell.GatesRecurrentProduct) product = product + bias;
        var read = product.reshape(models, steps, batch, -1).unbind(1);                                    // T × [K, B, g·H]
        var output = new Tensor[steps];
        var zero = zeros([models, batch, shape.Hidden], dtype: shape.Dtype, device: shape.Device);
        var state = new CellState(zero, cell.HasCellState ? zero : null);
        for (var step = 0; step < steps; step++)
        {
            var position = backwards ? steps - 1 - step : step;
            var before = state;
            state = cell.Step(read[position], before, recurrent, bias);
            output[position] = state.H;
            if (inside?[position] is not { } belongs) continue;
            output[position] = where(belongs, state.H, zero);
            state = new(where(belongs, state.H, before.H), state.C is { } c ? where(belongs, c, before.C!) : null);
        }

        return (isRead ? stack(output, dim: 1) : null, state.H);
    }
}
