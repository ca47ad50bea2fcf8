using static TorchSharp.torch;

namespace Harness.Tests.Training;

/// <summary>Compares gradients with central differences, entry by entry, in float64.</summary>
internal static class GradientCheck
{
    /// <summary>The largest difference between an analytic and a measured derivative.</summary>
    /// <param name="loss">A scalar, a smooth function of <paramref name="tensors"/>.</param>
    /// <param name="tensors">Leaves that require gradients.</param>
    public static double LargestError(Func<Tensor> loss, IReadOnlyList<Tensor> tensors)
    {
        const double Shift = 1e-5;
        using var scope = NewDisposeScope();
        var gradients = autograd.grad([loss()], [.. tensors]);
        double largest = 0;
        using var _ = no_grad();
        foreach (var (tensor, gradient) in tensors.Zip(gradients))
        {
            var (flat, analytic) = (tensor.view(-1), gradient.reshape(-1).data<double>().ToArray());
            for (var i = 0; i < analytic.Length; i++)
            {
                var value = flat[i].item<double>();
                var measured = (At(value + Shift) - At(value - Shift)) / (2 * Shift);
                At(value);
                largest = Math.Max(largest, Math.Abs(measured - analytic[i]));

                double At(double x)
                {
                    flat[i] = Scalar(x);
                    return loss().item<double>();
                }
            }
        }

        return largest;
    }

    private static Tensor Scalar(double value) => tensor(value, dtype: ScalarType.Float64);
}
