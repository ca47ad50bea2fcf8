namespace Harness.Tests.Training;

/// <summary>The Transformer's equations written out with plain numbers, one step after the other, for one sequence: an oracle that shares no code with the product.</summary>
internal static class PlainTransformer
{
    /// <param name="w">Weights by name, row by row.</param>
    /// <param name="inputs">[T][I].</param>
    /// <returns>[T][H].</returns>
    public static double[][] Run(IReadOnlyDictionary<string, double[]> w, double[][] inputs, int hidden, int layers)
    {
        var heads = hidden % 4 == 0 ? 4 : hidden % 2 == 0 ? 2 : 1;
        var size = hidden / heads;
        var x = new double[inputs.Length][];
        for (var t = 0; t < inputs.Length; t++)
        {
            x[t] = Affine(w["input.weight"], w["input.bias"], inputs[t]);
            for (var j = 0; j < hidden; j++)
            {
                var angle = t / Math.Pow(10000, j / 2 * 2 / (double)hidden);
                x[t][j] += j % 2 == 0 ? Math.Sin(angle) : Math.Cos(angle);
            }
        }

        for (var layer = 0; layer < layers; layer++)
        {
            double[] Of(string name) => w[$"layers.{layer}.{name}"];
            double[][] projected = [.. x.Select(step => Affine(Of("self_attn.in_proj_weight"), Of("self_attn.in_proj_bias"), Norm(Of("norm1.weight"), Of("norm1.bias"), step)))];
            for (var t = 0; t < x.Length; t++)
            {
                var mixed = new double[hidden];
                for (var head = 0; head < heads; head++)
                {
                    double[] scores = [.. Enumerable.Range(0, t + 1).Select(s => Math.Exp(Enumerable.Range(head * size, size).Sum(j => projected[t][j] * projected[s][hidden + j]) / Math.Sqrt(size)))];
                    for (var s = 0; s <= t; s++)
                        for (var j = head * size; j < (head + 1) * size; j++) mixed[j] += scores[s] / scores.Sum() * projected[s][2 * hidden + j];
                }

                Add(x[t], Affine(Of("self_attn.out_proj.weight"), Of("self_attn.out_proj.bias"), mixed));
            }

            foreach (var step in x)
            {
                double[] wide = [.. Affine(Of("linear1.weight"), Of("linear1.bias"), Norm(Of("norm2.weight"), Of("norm2.bias"), step)).Select(value => Math.Max(0, value))];
                Add(step, Affine(Of("linear2.weight"), Of("linear2.bias"), wide));
            }
        }

        return [.. x.Select(step => Norm(w["norm.weight"], w["norm.bias"], step))];
    }

    private static void Add(double[] to, double[] what)
    {
        for (var i = 0; i < to.Length; i++) to[i] += what[i];
    }

    private static double[] Affine(double[] weight, double[] bias, double[] x) =>
        [.. bias.Select((offset, row) => offset + x.Select((value, column) => value * weight[row * x.Length + column]).Sum())];

    private static double[] Norm(double[] weight, double[] bias, double[] x)
    {
        var mean = x.Average();
        var deviation = Math.Sqrt(x.Average(value => (value - mean) * (value - mean)) + 1e-5);
        return [.. x.Select((value, i) => (value - mean) / deviation * weight[i] + bias[i])];
    }
}
