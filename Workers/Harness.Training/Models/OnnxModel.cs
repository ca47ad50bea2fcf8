using Google.Protobuf;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Checkpoints;
using Harness.Training.Models.Onnx;
using Harness.Training.Shared;
using static Harness.Training.Models.OnnxGraph;
using Types = Harness.Training.Models.Onnx.TensorProto.Types.DataType;

namespace Harness.Training.Models;

/// <summary>
/// A trained model as an ONNX graph of standard operators: from numbers in the file's own units to numbers in the target's unit, or to probabilities.
/// Batch and length are free. It computes in float32, and scales in float64 as training does.
/// </summary>
internal static class OnnxModel
{
    /// <summary>Versions of the standard: the operators' set and the file format's. Set 17 is the first with LayerNormalization.</summary>
    public const int OperatorSet = 17, FormatVersion = 8;

    /// <summary>Names in the graph. <c>x</c> reads numbers, <c>symbols</c> the symbols of a text.</summary>
    public const string Numbers = "x", Symbols = "symbols", Prediction = "prediction", Probabilities = "probabilities";

    /// <exception cref="TrialRejectedException">The cell has no form in ONNX.</exception>
    public static byte[] Encode(ModelDescription description, IEnumerable<CheckpointTensor> tensors)
    {
        var (graph, spec) = (new OnnxGraph(), description.Spec);
        var weights = tensors.ToDictionary(tensor => tensor.Name, ModelWeight.Of, StringComparer.Ordinal);
        var input = graph.Transpose(Input(graph, description.Inputs), 1, 0, 2);                              // [T, B, I]
        var hasOneAnswer = description.Answer.FirstStep == description.Inputs.Window - 1;
        var features = Network(graph, spec.Model, weights, input, hasOneAnswer);                             // [B, D·H] or [T, B, D·H]
        var answer = graph.Linear(features, weights["readout.weight"], weights["readout.bias"], "readout");
        Output(graph, description.Answer, hasOneAnswer ? answer : graph.Transpose(answer, 1, 0, 2), hasOneAnswer);
        return Whole(graph, description).ToByteArray();
    }

    private static string Input(OnnxGraph graph, ModelInputs inputs)
    {
        if (inputs.Vocabulary is not null)
        {
            graph.Input(Symbols, Types.Int64, "symbols of the characters: 0 for one that is not in the vocabulary", "batch", "time");
            return graph.Node("OneHot", [Symbols, graph.Scalar(inputs.Size), graph.Constant([0f, 1f], [2])], [Integer("axis", -1)]);
        }

        if (inputs.Columns is not { } columns)
        {
            graph.Input(Numbers, Types.Float, "as the task generates them", "batch", "time", inputs.Size);
            return Numbers;
        }

        graph.Input(Numbers, Types.Double, $"in the file's units: {string.Join(", ", columns.Select(column => column.Name))}", "batch", "time", inputs.Size);
        var centred = graph.Node("Sub", [Numbers, graph.Constant(columns.Select(column => column.Mean).ToArray(), [columns.Count], "x.mean")]);
        return graph.Cast(graph.Node("Div", [centred, graph.Constant(columns.Select(column => column.Deviation).ToArray(), [columns.Count], "x.deviation")]), Types.Float);
    }

    private static string Network(OnnxGraph graph, ModelSpec model, Dictionary<string, ModelWeight> weights, string input, bool last)
    {
        var cell = RecurrentCell.Find(model.Cell)!;
        if (cell.Onnx(model.Activation) is not { } operation)
        {
            return cell is TransformerCell ? OnnxTransformer.Network(graph, model, weights, input, last)
                : throw new TrialRejectedException($"The cell {model.Cell} has no form in ONNX. Export it with --as safetensors or --as state-dict.");
        }

        var directions = model.Bidirectional ? 2 : 1;
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var isTop = layer == model.Layers - 1;
            var (gates, read) = (operation.GateOrder.Count * model.Hidden, (int)weights["weight_ih" + StackShape.Suffix(layer, backwards: false)].Shape[1]);
            string Packed(string name, string[] parts, int columns) => graph.Constant(
                [.. Enumerable.Range(0, directions).SelectMany(direction => parts.SelectMany(part => Rows(weights[part + StackShape.Suffix(layer, direction == 1)], operation)))],
                columns == 0 ? [directions, 2 * gates] : [directions, gates, columns], $"{name}_l{layer}");
            string[] inputs = [input, Packed("W", ["weight_ih"], read), Packed("R", ["weight_hh"], model.Hidden), Packed("B", ["bias_ih", "bias_hh"], 0)];
            string[] outputs = isTop && last ? ["", $"last_{layer}"] : [$"steps_{layer}"];
            graph.Node(operation.Name, inputs, outputs, Attributes(operation, model, directions));
            input = isTop && last
                ? graph.Reshape(graph.Transpose(outputs[1], 1, 0, 2), 0, -1)                                 // [D, B, H] → [B, D·H]
                : graph.Reshape(graph.Transpose(outputs[0], 0, 2, 1, 3), 0, 0, -1);                          // [T, D, B, H] → [T, B, D·H]
        }

        return input;
    }

    private static IEnumerable<AttributeProto> Attributes(OnnxOperator operation, ModelSpec model, int directions)
    {
        yield return Integer("hidden_size", model.Hidden);
        yield return Word("direction", model.Bidirectional ? "bidirectional" : "forward");
        if (operation.Activations is { } activations) yield return Words("activations", Enumerable.Repeat(activations, directions).SelectMany(each => each));
        if (operation.LinearBeforeReset is { } linear) yield return Integer("linear_before_reset", linear ? 1 : 0);
    }

    /// <summary>A weight's rows, gate by gate in the operator's order.</summary>
    private static IEnumerable<float> Rows(ModelWeight weight, OnnxOperator operation)
    {
        var block = weight.Values.Length / operation.GateOrder.Count;
        return operation.GateOrder.SelectMany(gate => new ArraySegment<float>(weight.Values, gate * block, block));
    }

    private static void Output(OnnxGraph graph, ModelAnswer answer, string values, bool hasOneAnswer)
    {
        object[] shape = hasOneAnswer ? ["batch", answer.Size] : ["batch", "time", answer.Size];
        if (answer.IsClass)
        {
            graph.Output(Probabilities, Types.Float, "of each class, in the order of model.json", shape);
            graph.Node("Softmax", [values], [Integer("axis", -1)], Probabilities);
        }
        else if (answer.Target is { } target)
        {
            graph.Output(Prediction, Types.Double, answer.IsRange ? $"{target.Name}, {answer.FirstHorizon} to {answer.Horizon} rows beyond the window's last, in the file's unit" : $"{target.Name}, in the file's unit", shape);
            var stretched = graph.Node("Mul", [graph.Cast(values, Types.Double), graph.Constant([target.Deviation], [1], "y.deviation")]);
            graph.Node("Add", [stretched, graph.Constant([target.Mean], [1], "y.mean")], output: Prediction);
        }
        else
        {
            graph.Output(Prediction, Types.Float, "as the task asks for it", shape);
            graph.Node("Identity", [values], output: Prediction);
        }
    }

    private static ModelProto Whole(OnnxGraph graph, ModelDescription description)
    {
        var whole = new ModelProto { IrVersion = FormatVersion, ProducerName = "harness", ProducerVersion = description.Producer, Graph = graph.Graph };
        whole.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        whole.MetadataProps.Add(new StringStringEntryProto { Key = "trial", Value = description.Trial });
        if (description.Spec.Task.Data is { } data) whole.MetadataProps.Add(new StringStringEntryProto { Key = "data_sha256", Value = data });
        return whole;
    }
}
