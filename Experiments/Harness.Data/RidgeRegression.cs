using System.Numerics;
using System.Runtime.InteropServices;
using Harness.Abstractions.Results;

namespace Harness.Data;

/// <summary>
/// Linear regression with a penalty on the weights, none on the intercept. The penalty is the one of five that errs least on the last fifth
/// of the rows after fitting the rest; the weights are then fitted to all.
/// </summary>
internal sealed class RidgeRegression
{
    /// <summary>Writes the features of a row, and its answers.</summary>
    public delegate void RowWriter(int row, double[] features, double[] answers);

    private static readonly double[] Penalties = [1e-6, 1e-4, 1e-2, 1e-1, 1];

    private readonly double[][] weights;         // [answer][feature]
    private readonly double[] means, intercepts;

    private RidgeRegression(double[][] weights, double[] means, double[] intercepts, double error = 0) => (this.weights, this.means, this.intercepts, HeldOutError) = (weights, means, intercepts, error);

    /// <summary>Squared error on the last fifth of the rows, summed over rows and answers, after fitting the rest.</summary>
    public double HeldOutError { get; }

    /// <param name="count">Rows to fit.</param>
    /// <param name="width">Features of a row.</param>
    /// <param name="answers">Answers of a row. All have one penalty.</param>
    public static RidgeRegression Fit(int count, int width, int answers, RowWriter write)
    {
        var (row, asked) = (new double[width], new double[answers]);
        var (means, intercepts) = (new double[width], new double[answers]);
        for (var i = 0; i < count; i++)
        {
            write(i, row, asked);
            for (var k = 0; k < answers; k++) intercepts[k] += asked[k] / count;
            for (var j = 0; j < width; j++) means[j] += row[j] / count;
        }

        var cut = Math.Max(1, count * 4 / 5);
        var early = new Sums(width, answers);
        var all = new Sums(width, answers);
        for (var i = 0; i < count; i++)
        {
            write(i, row, asked);
            for (var k = 0; k < answers; k++) asked[k] -= intercepts[k];
            for (var j = 0; j < width; j++) row[j] -= means[j];
            if (i < cut) early.Add(row, asked);
            all.Add(row, asked);
        }

        var (penalty, error) = Penalties.Select(candidate => (Penalty: candidate, Error: Error(new(early.Solve(candidate * cut), means, intercepts), cut, count, write))).MinBy(pair => pair.Error);
        return new(all.Solve(penalty * count), means, intercepts, error);
    }

    /// <summary>One that was fitted before.</summary>
    public static RidgeRegression Of(FittedLinear known) => new([.. known.Weights.Select(row => row.ToArray())], [.. known.Means], [.. known.Intercepts]);

    /// <summary>What it predicts by, to be stored.</summary>
    public FittedLinear Stored(bool allInputs) => new(allInputs, means, weights, intercepts);

    /// <param name="answer">The answer's place.</param>
    public double Predict(double[] row, int answer = 0)
    {
        var (sum, own) = (intercepts[answer], weights[answer]);
        for (var j = 0; j < own.Length; j++) sum += own[j] * (row[j] - means[j]);
        return sum;
    }

    private static double Error(RidgeRegression model, int from, int to, RowWriter write)
    {
        var (row, asked) = (new double[model.means.Length], new double[model.intercepts.Length]);
        double error = 0;
        for (var i = from; i < to; i++)
        {
            write(i, row, asked);
            for (var k = 0; k < asked.Length; k++)
            {
                var miss = asked[k] - model.Predict(row, k);
                error += miss * miss;
            }
        }

        return double.IsFinite(error) ? error : double.MaxValue;
    }

    /// <summary>XᵀX and Xᵀy.</summary>
    private sealed class Sums(int width, int answers)
    {
        private readonly double[] square = new double[width * width];
        private readonly double[][] products = [.. Enumerable.Range(0, answers).Select(_ => new double[width])];

        public void Add(double[] row, double[] asked)
        {
            for (var i = 0; i < width; i++)
            {
                for (var k = 0; k < answers; k++) products[k][i] += row[i] * asked[k];
                AddScaled(row.AsSpan(0, i + 1), row[i], square.AsSpan(i * width, i + 1));
            }
        }

        /// <summary>The weights w with (XᵀX + penalty) w = Xᵀy for each answer, by Cholesky's method.</summary>
        public double[][] Solve(double penalty)
        {
            var lower = (double[])square.Clone();
            for (var i = 0; i < width; i++) lower[i * width + i] += Math.Max(penalty, 1e-9);
            for (var i = 0; i < width; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var sum = lower[i * width + j];
                    for (var k = 0; k < j; k++) sum -= lower[i * width + k] * lower[j * width + k];
                    lower[i * width + j] = i == j ? Math.Sqrt(Math.Max(sum, 1e-12)) : sum / lower[j * width + j];
                }
            }

            return [.. products.Select(product => Solve(lower, product))];
        }

        private double[] Solve(double[] lower, double[] product)
        {
            var found = (double[])product.Clone();
            for (var i = 0; i < width; i++)
            {
                for (var k = 0; k < i; k++) found[i] -= lower[i * width + k] * found[k];
                found[i] /= lower[i * width + i];
            }

            for (var i = width - 1; i >= 0; i--)
            {
                for (var k = i + 1; k < width; k++) found[i] -= lower[k * width + i] * found[k];
                found[i] /= lower[i * width + i];
            }

            return found;
        }

        /// <summary>Element by element, so that the sums do not depend on how wide the machine's vectors are.</summary>
        private static void AddScaled(ReadOnlySpan<double> values, double factor, Span<double> sums)
        {
            var from = MemoryMarshal.Cast<double, Vector<double>>(values);
            var to = MemoryMarshal.Cast<double, Vector<double>>(sums);
            for (var i = 0; i < from.Length; i++) to[i] += from[i] * factor;
            for (var i = from.Length * Vector<double>.Count; i < values.Length; i++) sums[i] += values[i] * factor;
        }
    }
}
