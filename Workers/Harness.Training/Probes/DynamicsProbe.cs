using Harness.Abstractions.Metrics;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>How the state's own dynamics stretch or shrink a disturbance, and what of the weights' gradient comes from far back.</summary>
[CatalogName("probe.dynamics")]
internal sealed class DynamicsProbe : ModelProbe
{
    /// <summary>Trajectories that the exponent is averaged over; each costs a Jacobian per step.</summary>
    private const int Trajectories = 2;

    /// <summary>Directions that are followed; the largest exponent needs one, the others catch a slow start.</summary>
    private const int Directions = 4;

    public override IEnumerable<(string Metric, double Value)> Measure(ProbedModel probed) => Measure(probed.Model, probed.Cell, probed.Exact.Value);

    /// <param name="batch">Sequences in float64 on the model's device.</param>
    public static IEnumerable<(string Metric, double Value)> Measure(SequenceModel model, RecurrentCell cell, BatchTensors batch)
    {
        using var scope = NewDisposeScope();
        var points = new List<(string, double)>();
        if (LargestExponent(model, cell, batch) is { } exponent) points.Add((MetricCatalog.LyapunovExponent, exponent));
        if (LongRangeShare(model, cell, batch) is { } share) points.Add((MetricCatalog.LongRangeShare, share));
        return points;
    }

    /// <summary>
    /// The largest Lyapunov exponent of any layer and direction along evaluation trajectories, per step in log10, as the slope of a gradient
    /// profile is: Q_t R_t = J_t Q_{t−1}, λ_i the mean of log10 |R_t,ii| after a tenth of the steps (Engelken, Wolf &amp; Abbott 2023; Vogt et al. 2022).
    /// </summary>
    /// <returns>Null when every direction dies out exactly, as with units that are always off: there is no logarithm then.</returns>
    private static double? LargestExponent(SequenceModel model, RecurrentCell cell, BatchTensors batch)
    {
        using var _ = no_grad();
        using var twin = model.DoublePrecisionLoop(cell);
        var sums = new Dictionary<(int Layer, bool Backwards), (double[] Logs, int Steps)>();
        foreach (var trajectory in Enumerable.Range(0, (int)Math.Min(Trajectories, batch.Input.shape[1])))
        {
            var frames = new Dictionary<(int Layer, bool Backwards), Tensor>();
            var (input, steps) = batch.Sequence(trajectory);
            ((LoopNetwork)twin.Network).Run(input, step =>
            {
                using var inner = NewDisposeScope();
                var key = (step.Layer, step.Backwards);
                var jacobian = Jacobian(step);                                                        // [S, S]
                var known = frames.GetValueOrDefault(key);
                var before = known ?? Start(jacobian.shape[0], jacobian.device);
                var (q, r) = linalg.qr(jacobian.matmul(before));
                frames[key] = q.MoveToOuterDisposeScope();
                known?.Dispose();
                if (step.Step < steps / 10) return;
                var (logs, count) = sums.GetValueOrDefault(key);
                var stretches = r.diagonal().abs().cpu().data<double>().ToArray();
                logs ??= new double[stretches.Length];
                for (var i = 0; i < logs.Length; i++) logs[i] += stretches[i] > 0 ? Math.Log10(stretches[i]) : double.NegativeInfinity;
                sums[key] = (logs, count + 1);
            });
        }

        var largest = sums.Values.SelectMany(sum => sum.Logs.Select(log => log / sum.Steps)).DefaultIfEmpty(double.NegativeInfinity).Max();
        return double.IsFinite(largest) ? largest : null;
    }

    /// <summary>Orthonormal directions [S, k] along no axis: a disturbance of single units can die out where others would live.</summary>
    private static Tensor Start(long size, Device device)
    {
        var count = Math.Min(Directions, size);
        return linalg.qr(arange(1, size * count + 1, dtype: ScalarType.Float64, device: device).square().cos().reshape(size, count)).Q;
    }

    /// <summary>∂state after/∂state before of one step of one sequence, with the state h or (h, c): every row in one backward pass over copies.</summary>
    private static Tensor Jacobian(LoopStep step)
    {
        using var grad = enable_grad();
        var hidden = step.Before.H.shape[1];
        var size = step.Before.C is null ? hidden : 2 * hidden;
        var h = Copies(step.Before.H, size);
        var c = step.Before.C is { } memory ? Copies(memory, size) : null;
        var after = step.Cell.Step(step.Input.detach().expand(size, -1), new(h, c));
        var output = c is null ? after.H : cat([after.H, after.C!], dim: 1);                          // [S, S]
        var rows = autograd.grad([output], c is null ? [h] : [h, c], [eye(size, dtype: ScalarType.Float64, device: h.device)]);
        return cat(rows, dim: 1);
    }

    private static Tensor Copies(Tensor state, long count) => state.detach().expand(count, -1).clone().requires_grad_();

    /// <summary>
    /// What of the gradient of the recurrent weights comes from half a sequence or more before its end: ‖Σ_{lag ≥ T/2}‖/‖Σ_all‖ (Frobenius, over
    /// all recurrent weights), for the last step's loss over the whole batch: what the optimizer sees. A weight's share of each step is told
    /// apart by computing the early steps with a copy of the network.
    /// </summary>
    /// <returns>Null when the whole gradient is exactly zero.</returns>
    internal static double? LongRangeShare(SequenceModel model, RecurrentCell cell, BatchTensors batch)
    {
        using var scope = NewDisposeScope();
        using var early = model.DoublePrecisionLoop(cell);
        using var late = model.DoublePrecisionLoop(cell);
        Parameter[] Recurrent(SequenceModel of) => [.. of.Network.Weights.Where(weight => weight.Name.StartsWith("weight_hh", StringComparison.Ordinal)).Select(weight => weight.Tensor)];
        Parameter[] far = Recurrent(early), near = Recurrent(late);
        Tensor[] farSum = [.. far.Select(weight => zeros_like(weight, requires_grad: false))], sum = [.. farSum];
        foreach (var group in batch.ByLength())
        {
            var steps = (int)group.Input.shape[0];
            if (steps < 2) continue;
            var run = ((LoopNetwork)late.Network).Run(group.Input, early: ((LoopNetwork)early.Network, steps - steps / 2));
            var gradients = autograd.grad([group.LastStepLossPerSequence(late.ReadOut(LoopNetwork.LastOf(run)))], [.. far, .. near]);
            for (var i = 0; i < far.Length; i++)
            {
                farSum[i] = farSum[i] + gradients[i];
                sum[i] = sum[i] + gradients[i] + gradients[far.Length + i];
            }
        }

        using var _ = no_grad();
        var (farNorm, norm) = (Norm(farSum), Norm(sum));
        return norm > 0 ? farNorm / norm : null;
    }

    private static double Norm(IEnumerable<Tensor> tensors) => Math.Sqrt(tensors.Sum(tensor => tensor.square().sum().item<double>()));
}
