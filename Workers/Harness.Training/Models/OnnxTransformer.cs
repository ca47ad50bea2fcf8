using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using static Harness.Training.Models.OnnxGraph;
using Types = Harness.Training.Models.Onnx.TensorProto.Types.DataType;

namespace Harness.Training.Models;

/// <summary>The causal Transformer (<see cref="Cells.TransformerNetwork"/>) in the operators of the ONNX standard, which has none for it as a whole.</summary>
internal static class OnnxTransformer
{
    private const float Epsilon = 1e-5f;

    /// <param name="input">[T, B, I].</param>
    /// <returns>[B, H] after the last step, or [T, B, H].</returns>
    public static string Network(OnnxGraph graph, ModelSpec model, Dictionary<string, ModelWeight> weights, string input, bool last)
    {
        var steps = graph.Node("Range", [graph.Scalar(0), graph.Node("Gather", [graph.Node("Shape", [input]), graph.Scalar(0)]), graph.Scalar(1)]);    // 0 … T−1
        var mask = Mask(graph, steps);
        var x = graph.Node("Add", [Linear("input.weight", "input.bias", input), Positions(graph, steps, model.Hidden)]);
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var name = $"layers.{layer}.";
            var attended = Attention(graph, Linear($"{name}self_attn.in_proj_weight", $"{name}self_attn.in_proj_bias", Norm($"{name}norm1", x)), mask, model.Hidden);
            x = graph.Node("Add", [x, Linear($"{name}self_attn.out_proj.weight", $"{name}self_attn.out_proj.bias", attended)]);
            var wide = graph.Node("Relu", [Linear($"{name}linear1.weight", $"{name}linear1.bias", Norm($"{name}norm2", x))]);
            x = graph.Node("Add", [x, Linear($"{name}linear2.weight", $"{name}linear2.bias", wide)]);
        }

        x = Norm("norm", x);
        return last ? graph.Node("Gather", [x, graph.Scalar(-1)], [Integer("axis", 0)]) : x;

        string Linear(string weight, string bias, string values) => graph.Linear(values, weights[weight], weights[bias], weight);

        string Norm(string name, string values) => graph.Node(
            "LayerNormalization", [values, graph.Constant(weights[$"{name}.weight"].Values, [model.Hidden], $"{name}.weight"), graph.Constant(weights[$"{name}.bias"].Values, [model.Hidden], $"{name}.bias")],
            [Integer("axis", -1), Number("epsilon", Epsilon)]);
    }

    /// <summary>0 where a step may look, −∞ where it may not: [T, T].</summary>
    private static string Mask(OnnxGraph graph, string steps)
    {
        var allowed = graph.Node("GreaterOrEqual", [graph.Unsqueeze(steps, 1), graph.Unsqueeze(steps, 0)]);
        return graph.Node("Where", [allowed, graph.Constant([0f], [1]), graph.Constant([float.NegativeInfinity], [1])]);
    }

    /// <summary>sin and cos of t/10000^(2i/H), interleaved: [T, 1, H].</summary>
    private static string Positions(OnnxGraph graph, string steps, int hidden)
    {
        var rates = Enumerable.Range(0, (hidden + 1) / 2).Select(pair => Math.Exp(2 * pair * (-Math.Log(10000) / hidden))).ToArray();
        var angles = graph.Node("Mul", [graph.Unsqueeze(graph.Cast(steps, Types.Double), 1), graph.Constant(rates, [rates.Length])]);                  // [T, ⌈H/2⌉]
        // Runtimes compute the sine in float64 but not the cosine: cos(a) = sin(a + π/2).
        var shifted = graph.Node("Add", [angles, graph.Constant([Math.PI / 2], [1])]);
        var pairs = graph.Node("Concat", [graph.Unsqueeze(graph.Node("Sin", [angles]), 2), graph.Unsqueeze(graph.Node("Sin", [shifted]), 2)], [Integer("axis", 2)]);
        var rows = graph.Node("Slice", [graph.Reshape(pairs, 0, -1), graph.Constant([0L]), graph.Constant([(long)hidden]), graph.Constant([1L])]);      // [T, H]
        return graph.Cast(graph.Unsqueeze(rows, 1), Types.Float);
    }

    /// <param name="projected">Queries, keys and values: [T, B, 3H].</param>
    /// <returns>[T, B, H].</returns>
    private static string Attention(OnnxGraph graph, string projected, string mask, int hidden)
    {
        var heads = CellCatalog.AttentionHeads(hidden);
        var parts = graph.Transpose(graph.Reshape(projected, 0, 0, 3, heads, hidden / heads), 2, 1, 3, 0, 4);                                          // [3, B, heads, T, H/heads]
        string Part(int index) => graph.Node("Gather", [parts, graph.Scalar(index)], [Integer("axis", 0)]);
        var scores = graph.Node("MatMul", [Part(0), graph.Transpose(Part(1), 0, 1, 3, 2)]);                                                            // [B, heads, T, T]
        var scaled = graph.Node("Mul", [scores, graph.Constant([(float)(1 / Math.Sqrt((double)hidden / heads))], [1])]);
        var shares = graph.Node("Softmax", [graph.Node("Add", [scaled, mask])], [Integer("axis", -1)]);
        return graph.Reshape(graph.Transpose(graph.Node("MatMul", [shares, Part(2)]), 2, 0, 1, 3), 0, 0, -1);
    }
}
