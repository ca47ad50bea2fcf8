using Harness.Abstractions.Catalog;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Training.Cells;

/// <summary>
/// A causal Transformer (Vaswani et al. 2017, section 3) with the normalisation before each sub-layer (Xiong et al. 2020): the input is
/// projected to width H and given sinusoidal positions; L blocks add masked self-attention and a ReLU network of width 4H; a last
/// normalisation hands on [T, B, H]. The answer at a step depends on no later step.
/// </summary>
/// <remarks>
/// Weights are named as in torch.nn.TransformerEncoder with norm_first=True, dim_feedforward=4H and a final norm, and <c>input</c> for the
/// projection before it. Linear weights and biases are drawn from U(−1/√fan_in, 1/√fan_in), normalisations begin as the identity.
/// </remarks>
internal sealed class TransformerNetwork : RecurrentNetwork
{
    private const double Epsilon = 1e-5;

    private readonly NamedWeight inputWeight, inputBias, normWeight, normBias;
    private readonly Block[] blocks;
    private readonly int heads;

    public TransformerNetwork(StackShape shape) : base(shape)
    {
        heads = CellCatalog.AttentionHeads(shape.Hidden);
        (inputWeight, inputBias) = Linear("input.weight", "input.bias", shape.Input, shape.Hidden);
        blocks = [.. Enumerable.Range(0, shape.Layers).Select(layer => new Block(this, $"layers.{layer}."))];
        (normWeight, normBias) = Norm("norm");
        Weights = [inputWeight, inputBias, .. blocks.SelectMany(block => block.Weights), normWeight, normBias];
    }

    public override IReadOnlyList<NamedWeight> Weights { get; }

    public override Tensor Last(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null)
    {
        var steps = Run(input, dropout);
        return ends is null ? steps[-1] : ends.LastOf(steps);
    }

    public override Tensor EveryStep(Tensor input, DropoutMasks? dropout = null, SequenceEnds? ends = null)
    {
        var steps = Run(input, dropout);
        return ends is null ? steps : where(ends.Inside, steps, zeros_like(steps));
    }

    /// <summary>Padding lies behind every step that counts, and attention never looks ahead: it needs no mask of its own.</summary>
    private Tensor Run(Tensor input, DropoutMasks? dropout)
    {
        var x = nn.functional.linear(input, inputWeight.Tensor, inputBias.Tensor) + Positions(input.shape[0]);     // [T, B, H]
        for (var layer = 0; layer < blocks.Length; layer++)
            x = blocks[layer].Run(layer == 0 || dropout is null ? x : x * dropout.On(layer, x));
        return Normalised(x, normWeight, normBias);
    }

    /// <summary>sin and cos of t/10000^(2i/H), interleaved: [T, 1, H] (Vaswani et al. 2017, section 3.5). Positions beyond those of training have theirs too.</summary>
    private Tensor Positions(long steps)
    {
        var rates = (arange(0, Shape.Hidden, 2, dtype: ScalarType.Float64) * (-Math.Log(10000) / Shape.Hidden)).exp();    // [⌈H/2⌉]
        var angles = arange(steps, dtype: ScalarType.Float64).unsqueeze(1) * rates;                                       // [T, ⌈H/2⌉]
        return stack([angles.sin(), angles.cos()], dim: 2).reshape(steps, -1).narrow(1, 0, Shape.Hidden).unsqueeze(1).to(Shape.Dtype).to(Shape.Device);
    }

    private Tensor Normalised(Tensor x, NamedWeight weight, NamedWeight bias) => nn.functional.layer_norm(x, [Shape.Hidden], weight.Tensor, bias.Tensor, Epsilon);

    private (NamedWeight Weight, NamedWeight Bias) Linear(string weight, string bias, long from, long to) =>
        (new(weight, Empty(to, from)) { FanIn = (int)from }, new(bias, Empty(to)) { FanIn = (int)from });

    private (NamedWeight Weight, NamedWeight Bias) Norm(string name) => (new(name + ".weight", Empty(Shape.Hidden)) { Constant = 1 }, new(name + ".bias", Empty(Shape.Hidden)) { Constant = 0 });

    private Parameter Empty(params long[] sizes) => new(zeros(sizes, dtype: Shape.Dtype, device: Shape.Device));

    public override void Dispose()
    {
        foreach (var weight in Weights) weight.Tensor.Dispose();
    }

    private sealed class Block
    {
        private readonly TransformerNetwork network;
        private readonly NamedWeight firstNorm, firstNormBias, attend, attendBias, join, joinBias, secondNorm, secondNormBias, widen, widenBias, narrow, narrowBias;

        public Block(TransformerNetwork network, string prefix)
        {
            this.network = network;
            var hidden = network.Shape.Hidden;
            (attend, attendBias) = network.Linear(prefix + "self_attn.in_proj_weight", prefix + "self_attn.in_proj_bias", hidden, 3 * hidden);
            (join, joinBias) = network.Linear(prefix + "self_attn.out_proj.weight", prefix + "self_attn.out_proj.bias", hidden, hidden);
            (widen, widenBias) = network.Linear(prefix + "linear1.weight", prefix + "linear1.bias", hidden, 4 * hidden);
            (narrow, narrowBias) = network.Linear(prefix + "linear2.weight", prefix + "linear2.bias", 4 * hidden, hidden);
            (firstNorm, firstNormBias) = network.Norm(prefix + "norm1");
            (secondNorm, secondNormBias) = network.Norm(prefix + "norm2");
        }

        public IEnumerable<NamedWeight> Weights => [attend, attendBias, join, joinBias, widen, widenBias, narrow, narrowBias, firstNorm, firstNormBias, secondNorm, secondNormBias];

        public Tensor Run(Tensor x)
        {
            x = x + nn.functional.linear(Attention(network.Normalised(x, firstNorm, firstNormBias)), join.Tensor, joinBias.Tensor);
            var wide = nn.functional.linear(network.Normalised(x, secondNorm, secondNormBias), widen.Tensor, widenBias.Tensor).relu();     // [T, B, 4H]
            return x + nn.functional.linear(wide, narrow.Tensor, narrowBias.Tensor);
        }

        private Tensor Attention(Tensor x)
        {
            var (steps, batch, hidden) = (x.shape[0], x.shape[1], x.shape[2]);
            var parts = nn.functional.linear(x, attend.Tensor, attendBias.Tensor)
                .reshape(steps, batch, 3, network.heads, hidden / network.heads).permute(2, 1, 3, 0, 4).unbind(0);                          // 3 × [B, heads, T, H/heads]
            return nn.functional.scaled_dot_product_attention(parts[0], parts[1], parts[2], is_casual: true)
                .permute(2, 0, 1, 3).reshape(steps, batch, hidden);
        }
    }
}
