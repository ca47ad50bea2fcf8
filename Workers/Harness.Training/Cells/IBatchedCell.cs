using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>One step of a cell for K models at once, each with weights of its own: what <c>kernel: batched</c> loops over.</summary>
internal interface IBatchedCell
{
    /// <summary>Whether a second state c runs beside h.</summary>
    bool HasCellState => false;

    /// <summary>Whether b_hh lies within the recurrent product that a gate scales, so that it cannot be added to the input once for all steps.</summary>
    bool GatesRecurrentProduct => false;

    /// <summary>The state after a step, [K, B, H]. Part of the autograd graph.</summary>
    /// <param name="input">W_ih·x of the step with its biases, [K, B, g·H]: b_ih and, unless <see cref="GatesRecurrentProduct"/>, b_hh.</param>
    /// <param name="recurrent">W_hhᵀ, [K, H, g·H].</param>
    /// <param name="bias">b_hh, [K, 1, g·H].</param>
    CellState Step(Tensor input, CellState previous, Tensor recurrent, Tensor bias);
}
