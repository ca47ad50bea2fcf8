using Harness.Abstractions.Catalog;
using Harness.Training.Engine;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>What a cell is to the trainer. One class in one file, marked with the name of its <see cref="CellDefinition"/>.</summary>
/// <remarks>
/// A cell says two things: how one step is computed (<see cref="CreateLayer"/>), and, where TorchSharp has a fused module
/// for it, which (<see cref="CreateLibrary"/>). Stacking, directions, weights, training, probes and reports follow from these.
/// </remarks>
internal abstract class RecurrentCell
{
    /// <summary>One layer in one direction, computed step by step.</summary>
    public abstract CellLayer CreateLayer(LayerShape shape);

    /// <summary>The library's own module for a whole stack, or null where the library has none; then only <c>kernel: cell</c> exists.</summary>
    public virtual LibraryStack? CreateLibrary(StackShape shape) => null;

    /// <summary>The cell in our own kernels for the CPU, or null where they lack it; then there is no <c>kernel: engine</c>.</summary>
    public virtual IEngineCell? Engine(string? activation) => null;

    /// <summary>One step for many models at once, or null where nobody wrote it; then there is no <c>kernel: batched</c>.</summary>
    public virtual IBatchedCell? Batched(string? activation) => null;

    /// <summary>The operator of the ONNX standard that computes the cell, or null where there is none.</summary>
    public virtual OnnxOperator? Onnx(string? activation) => null;

    /// <summary>Whether the library's module leaves the CPU's heap in fragments, step by step, so that garbage must be collected along the way.</summary>
    public virtual bool FragmentsMemory => false;

    /// <summary>The whole network, where it is no loop over steps; null where it is.</summary>
    public virtual RecurrentNetwork? CreateNetwork(StackShape shape) => null;

    /// <summary>The cell called <paramref name="name"/>, or null.</summary>
    public static RecurrentCell? Find(string name) => Implementations<RecurrentCell>.Create(name);
}

/// <summary>The sizes of a stack of layers.</summary>
/// <param name="Input">I, features per step.</param>
/// <param name="Hidden">H, units per layer and direction.</param>
/// <param name="Activation">tanh or relu for cells that offer the choice, else null.</param>
internal sealed record StackShape(int Input, int Hidden, int Layers, bool Bidirectional, string? Activation, ScalarType Dtype, Device Device)
{
    public int Directions => Bidirectional ? 2 : 1;

    /// <summary>D·H: what the stack hands on.</summary>
    public int Output => Directions * Hidden;

    /// <summary>The shape of one layer; deeper layers read the D·H values of the layer below.</summary>
    public LayerShape Layer(int layer) => new(layer == 0 ? Input : Output, Hidden, Activation, Dtype, Device);

    /// <summary>PyTorch's suffix for a layer's weights: <c>_l0</c>, <c>_l0_reverse</c>, <c>_l1</c> …</summary>
    public static string Suffix(int layer, bool backwards) => $"_l{layer}{(backwards ? "_reverse" : "")}";
}

/// <summary>The sizes of one layer in one direction.</summary>
internal sealed record LayerShape(int Input, int Hidden, string? Activation, ScalarType Dtype, Device Device);

/// <summary>A cell's state after a step: h, and c for cells with a cell state. Both [B, H].</summary>
internal readonly record struct CellState(Tensor H, Tensor? C = null);
