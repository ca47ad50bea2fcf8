using System.Globalization;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>A weight by its name and sizes.</summary>
public sealed record WeightShape(string Name, IReadOnlyList<long> Shape);

/// <summary>Which weights a trial's model has, without any tensor library.</summary>
public static class WeightLayout
{
    /// <summary>Names of the output layer's weights [O, D·H] and biases [O].</summary>
    public const string OutputWeight = "readout.weight", OutputBias = "readout.bias";

    /// <summary>The weights of the layers below the output layer, under PyTorch's names.</summary>
    public static IReadOnlyList<WeightShape> Network(TrialSpec trial)
    {
        var (cell, model) = (CellCatalog.Get(trial.Model.Cell), trial.Model);
        var size = new StackSize(TaskCatalog.Get(trial.Task.Kind).InputSize(trial.Task.Parameters), model.Hidden, model.Layers);
        if (cell.Costs is { } own) return own.Weights(size);
        long rows = (long)cell.GateCount * model.Hidden;
        return
        [
            .. from layer in Enumerable.Range(0, model.Layers)
               from direction in Enumerable.Range(0, Directions(trial))
               let suffix = string.Create(CultureInfo.InvariantCulture, $"_l{layer}{(direction == 1 ? "_reverse" : "")}")
               let input = layer == 0 ? size.Input : Directions(trial) * (long)model.Hidden
               from weight in new WeightShape[]
               {
                   new("weight_ih" + suffix, [rows, input]), new("weight_hh" + suffix, [rows, model.Hidden]), new("bias_ih" + suffix, [rows]), new("bias_hh" + suffix, [rows]),
               }
               select weight,
        ];
    }

    /// <summary>The weights of the output layer.</summary>
    public static IReadOnlyList<WeightShape> Output(TrialSpec trial)
    {
        long output = TaskCatalog.Get(trial.Task.Kind).OutputSize(trial.Task.Parameters);
        return [new(OutputWeight, [output, Directions(trial) * (long)trial.Model.Hidden]), new(OutputBias, [output])];
    }

    private static int Directions(TrialSpec trial) => trial.Model.Bidirectional ? 2 : 1;

    /// <summary>The weights of a Transformer, named as in torch.nn.TransformerEncoder, with <c>input</c> for the projection before it.</summary>
    internal static IReadOnlyList<WeightShape> Transformer(StackSize size)
    {
        long hidden = size.Hidden;
        return
        [
            .. Linear("input.", size.Input, hidden),
            .. Enumerable.Range(0, size.Layers).Select(layer => string.Create(CultureInfo.InvariantCulture, $"layers.{layer}.")).SelectMany(block => (WeightShape[])
            [
                .. Linear(block + "self_attn.in_proj_", hidden, 3 * hidden), .. Linear(block + "self_attn.out_proj.", hidden, hidden),
                .. Linear(block + "linear1.", hidden, 4 * hidden), .. Linear(block + "linear2.", 4 * hidden, hidden), .. Norm(block + "norm1."), .. Norm(block + "norm2."),
            ]),
            .. Norm("norm."),
        ];

        static WeightShape[] Linear(string prefix, long from, long to) => [new(prefix + "weight", [to, from]), new(prefix + "bias", [to])];

        WeightShape[] Norm(string prefix) => [new(prefix + "weight", [hidden]), new(prefix + "bias", [hidden])];
    }
}
