using TorchSharp.Modules;

namespace Harness.Training.Cells;

/// <summary>A weight and the name by which PyTorch, checkpoints and initialisers know it.</summary>
internal readonly record struct NamedWeight(string Name, Parameter Tensor)
{
    /// <summary>Inputs per output, for the bound of its draw; null means H, as for all weights and biases of recurrent cells.</summary>
    public int? FanIn { get; init; }

    /// <summary>The value that it begins with, in place of a draw.</summary>
    public double? Constant { get; init; }
}
