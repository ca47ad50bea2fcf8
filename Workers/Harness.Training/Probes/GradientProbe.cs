using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Cells;
using Harness.Training.Networks;
using static TorchSharp.torch;

namespace Harness.Training.Probes;

/// <summary>Measures how much of the last step's loss reaches each earlier state: g(k) = mean over sequences of ‖∂L/∂s_{T−k}‖₂.</summary>
/// <remarks>
/// The model is rebuilt in float64 with the trained weights, as a loop over single steps or, for a trial on the engine, as the engine: fused kernels hide their states, and in
/// float32 a norm below about 1e-19 reads as zero, because it squares its entries. States are intermediate results of the graph, so
/// ∂L/∂c_t counts both ways out of c_t, through h_t and through c_{t+1}. Sequences do not interact, so the gradient of the summed
/// loss holds each sequence's own gradient in its row, and norms are averaged, not gradients.
/// </remarks>
internal static class GradientProbe
{
    /// <summary>Profiles of h and, where there is one, c, for every layer and direction.</summary>
    /// <param name="batch">Sequences in float64 on the model's device; of different lengths, if so, each with its lags counted from its own end.</param>
    public static IReadOnlyList<GradientProfile> Measure(SequenceModel model, RecurrentCell cell, BatchTensors batch, ProbeMoment moment, int step)
    {
        using var scope = NewDisposeScope();
        var isEngine = model.Network is EngineNetwork<float> or EngineNetwork<double>;
        using var twin = isEngine ? model.DoublePrecisionEngine(cell) : model.DoublePrecisionLoop(cell);
        var norms = new OrderedDictionary<(int Layer, bool Backwards, string State), List<LagNorm>>();
        foreach (var group in batch.ByLength())
        {
            if (isEngine) AddFromEngine(norms, twin, group);
            else Add(norms, twin, group);
        }

        return [.. norms.Select(entry =>
        {
            double[] byLag = [.. entry.Value.Select(norm => norm.Mean)];
            var slope = DecayFit.Slope(byLag);
            return new GradientProfile(moment, step, entry.Key.State, entry.Key.Layer, entry.Key.Backwards, byLag, slope, GradientProfile.HalfLifeOf(slope));
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
            // Lag 0 is the state that the direction computes last.
            Add(norms, group.Key, group.OrderByDescending(pair => pair.First.Step.Step).Select(pair => pair.Second), batch.Input.shape[1]);
        }
    }

    /// <summary>The same from the engine, whose way back passes through every state.</summary>
    private static void AddFromEngine(OrderedDictionary<(int Layer, bool Backwards, string State), List<LagNorm>> norms, SequenceModel twin, BatchTensors batch)
    {
        var (network, sequences) = ((EngineNetwork<double>)twin.Network, (int)batch.Input.shape[1]);
        twin.Backward(batch.LastStepLossPerSequence(twin.ReadOut(network.Last(batch.Input))));
        for (var layer = 0; layer < network.Shape.Layers; layer++)
        {
            for (var direction = 0; direction < network.Shape.Directions; direction++)
            {
                var (hidden, cell) = network.Norms(layer, direction);
                Add(norms, (layer, direction == 1, "h"), hidden.Chunk(sequences).Reverse().Select(step => step.Average()), sequences);
                if (cell is not null) Add(norms, (layer, direction == 1, "c"), cell.Chunk(sequences).Reverse().Select(step => step.Average()), sequences);
            }
        }
    }

    /// <param name="means">By lag, over so many sequences.</param>
    private static void Add(
        OrderedDictionary<(int Layer, bool Backwards, string State), List<LagNorm>> norms, (int Layer, bool Backwards, string State) key, IEnumerable<double> means, long sequences)
    {
        if (!norms.TryGetValue(key, out var byLag)) norms[key] = byLag = [];
        foreach (var (lag, mean) in means.Index())
        {
            if (lag == byLag.Count) byLag.Add(new(mean, sequences));
            else byLag[lag] = byLag[lag].With(mean, sequences);
        }
    }

    /// <summary>A mean over so many sequences.</summary>
    private readonly record struct LagNorm(double Mean, long Sequences)
    {
        public LagNorm With(double mean, long sequences) => new((Mean * Sequences + mean * sequences) / (Sequences + sequences), Sequences + sequences);
    }
}
