using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Training;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>Measures how much of the last step's loss reaches each earlier state: g(k) = mean over sequences of ‖∂L/∂s_{T−k}‖₂.</summary>
/// <remarks>
/// The model is rebuilt as a float64 loop over single steps with the trained weights: the fused kernels hide their states, and in
/// float32 a norm below about 1e-22 reads as zero, because it squares its entries. States are intermediate results of the graph, so
/// ∂L/∂c_t counts both ways out of c_t, through h_t and through c_{t+1}. Sequences do not interact, so the gradient of the summed
/// loss holds each sequence's own gradient in its row, and norms are averaged, not gradients.
/// </remarks>
internal static class GradientProbe
{
    /// <summary>Profiles of h and, where there is one, c, for every layer and direction.</summary>
    /// <param name="batch">Sequences in float64 on the model's device; of different lengths, if so, each with its lags counted from its own end.</param>
    public static IReadOnlyList<GradientProfile> Take(SequenceModel model, RecurrentCell cell, BatchTensors batch, ProbeMoment moment, int step)
    {
        using var scope = NewDisposeScope();
        using var twin = model.DoublePrecisionLoop(cell);
        var norms = new OrderedDictionary<(int Layer, bool Backwards, string State), List<LagNorm>>();
        foreach (var group in batch.ByLength()) Add(norms, twin, group);
        return [.. norms.Select(entry =>
        {
            double[] byLag = [.. entry.Value.Select(norm => norm.Mean)];
            var slope = DecayFit.Slope(byLag);
            return new GradientProfile(moment, step, entry.Key.State, entry.Key.Layer, entry.Key.Backwards, byLag, slope, DecayFit.HalfLife(slope));
        })];
    }

    /// <summary>Adds sequences of one length. A lag's mean is over the sequences that have it.</summary>
    private static void Add(OrderedDictionary<(int Layer, bool Backwards, string State), List<LagNorm>> norms, SequenceModel twin, BatchTensors batch)
    {
        var states = new List<(LoopStep Step, string State, Tensor Value)>();
        var run = ((LoopNetwork)twin.Network).Run(batch.Input, observed =>
        {
            states.Add((observed, "h", observed.After.H));
            if (observed.After.C is { } c) states.Add((observed, "c", c));
        });

        var loss = batch.LastStepLossPerSequence(twin.ReadOut(LoopNetwork.LastOf(run)));
        var gradients = autograd.grad([loss], [.. states.Select(state => state.Value)]);               // each [B, H]
        var means = stack(gradients).square().sum(dim: 2).sqrt().mean([1]).cpu().data<double>().ToArray();
        foreach (var group in states.Zip(means).GroupBy(pair => (pair.First.Step.Layer, pair.First.Step.Backwards, pair.First.State)))
        {
            if (!norms.TryGetValue(group.Key, out var byLag)) norms[group.Key] = byLag = [];
            // Lag 0 is the state that the direction computes last.
            foreach (var (lag, mean) in group.OrderByDescending(pair => pair.First.Step.Step).Select((pair, lag) => (lag, pair.Second)))
            {
                if (lag == byLag.Count) byLag.Add(new(mean, batch.Input.shape[1]));
                else byLag[lag] = byLag[lag].With(mean, batch.Input.shape[1]);
            }
        }
    }

    /// <summary>A mean over so many sequences.</summary>
    private readonly record struct LagNorm(double Mean, long Sequences)
    {
        public LagNorm With(double mean, long sequences) => new((Mean * Sequences + mean * sequences) / (Sequences + sequences), Sequences + sequences);
    }
}
