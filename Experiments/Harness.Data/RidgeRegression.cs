using System.Numerics;
using System.Runtime.InteropServices;

namespace Harness.Data;

/// <summary>
/// Linear regression with a penalty on the weights, none on the intercept. The penalty is the one of five that errs least on the last fifth
/// of the rows after fitting the rest; the weights are then fitted to all.
/// </summary>
internal sealed class RidgeRegression
{
    private static readonly double[] Penalties = [1e-6, 1e-4, 1e-2, 1e-1, 1];

    private readonly double[] weights, means;
    private readonly double intercept;

    private RidgeRegression(double[] weights, double[] means, double intercept, double error = 0) => (this.weights, this.means, this.intercept, HeldOutError) = (weights, means, intercept, error);

    /// <summary>Squared error on the last fifth of the rows, summed, after fitting the rest.</summary>
    public double HeldOutError { get; }

    /// <param name="count">Rows to fit.</param>
    /// <param name="features">Writes the features of a row and returns its answer.</param>
    public static RidgeRegression Fit(int count, int width, Func<int, double[], double> features)
    {
        var row = new double[width];
        var means = new double[width];
        double mean = 0;
        for (var i = 0; i < count; i++)
        {
            mean += features(i, row) / count;
            for (var j = 0; j < width; j++) means[j] += row[j] / count;
        }

        var cut = Math.Max(1, count * 4 / 5);
        var early = new Sums(width);
        var all = new Sums(width);
        for (var i = 0; i < count; i++)
        {
            var answer = features(i, row) - mean;
            for (var j = 0; j < width; j++) row[j] -= means[j];
            if (i < cut) early.Add(row, answer);
            all.Add(row, answer);
        }

        var (penalty, error) = Penalties.Select(candidate => (Penalty: candidate, Error: Error(early.Solve(candidate * cut), cut, count, features, means, mean))).MinBy(pair => pair.Error);
        return new(all.Solve(penalty * count), means, mean, error);
    }

    public double Predict(double[] row)
    {
        var sum = intercept;
        for (var j = 0; j < weights.Length; j++) sum += weights[j] * (row[j] - means[j]);
        return sum;
    }

    private static double Error(double[] weights, int from, int to, Func<int, double[], double> features, double[] means, double mean)
    {
        var model = new RidgeRegression(weights, means, mean);
        var row = new double[weights.Length];
        double error = 0;
        for (var i = from; i < to; i++)
        {
            var miss = features(i, row) - model.Predict(row);
            error += miss * miss;
        }

        return double.IsFinite(error) ? error : double.MaxValue;
    }

    /// <summary>XᵀX and Xᵀy.</summary>
    private sealed class Sums(int width)
    {
        private readonly double[] square = new double[width * width], product = new double[width];

        public void Add(double[] row, double answer)
        {
            for (var i = 0; i < width; i++)
            {
                product[i] += row[i] * answer;
                AddScaled(row.AsSpan(0, i + 1), row[i], square.AsSpan(i * width, i + 1));
            }
        }

        /// <summary>The weights w with (XᵀX + penalty) w = Xᵀy, by Cholesky's method.</summary>
        public double[] Solve(double penalty)
        {
            var lower = (double[])square.Clone();
            var found = (double[])product.Clone();
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
