namespace Harness.Abstractions.Catalog;

/// <summary>The cells this product knows. The one place where a cell is registered.</summary>
public static class CellCatalog
{
    /// <summary>The cell that machines are compared by, see <see cref="Results.TimingResult"/>; another one would make old figures incomparable.</summary>
    public const string Calibration = "lstm";

    private static readonly string[] everyKernel = ["library", "cell", CellDefinition.Engine, CellDefinition.Batched];

    public static IReadOnlyList<CellDefinition> All { get; } =
    [
        new("rnn", "RNN", GateCount: 1, HasCellState: false, RetentionGate: null,
            Gates: [], Activations: ["tanh", "relu"],
            "Elman's recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU.")
        {
            Sources = [Citations.Elman1990],
            Kernels = everyKernel,
        },
        new("lstm", "LSTM", GateCount: 4, HasCellState: true, RetentionGate: "forget",
            Gates: ["input", "forget", "cell", "output"], Activations: [],
            "Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000): a cell state c that a forget gate keeps, an input gate writes and an output gate reads.")
        {
            Sources = [Citations.Hochreiter1997, Citations.Gers2000],
            Candidates = ["cell"],
            Kernels = everyKernel,
        },
        new("gru", "GRU", GateCount: 3, HasCellState: false, RetentionGate: "update",
            Gates: ["reset", "update", "candidate"], Activations: [],
            "Gated recurrent unit (Cho et al. 2014): an update gate keeps the old state, a reset gate forgets it when the candidate is computed.")
        {
            Sources = [Citations.Cho2014],
            Candidates = ["candidate"],
            Kernels = everyKernel,
        },
        new("transformer", "Transformer", GateCount: 0, HasCellState: false, RetentionGate: null,
            Gates: [], Activations: [],
            "Causal Transformer (Vaswani et al. 2017) of pre-norm blocks (Xiong et al. 2020), for comparison: hidden is its width, layers counts its blocks; feed-forward networks of four times the width, as many heads as 4, 2 or 1 divide it, sinusoidal positions. It sees all steps at once and has no state, so the probes of states and gates do not apply.")
        {
            Sources = [Citations.Vaswani2017, Citations.Xiong2020],
            IsRecurrent = false,
            Kernels = ["library"],
            Costs = new(
                // Input projection and last normalisation; per block attention 4(H² + H), feed-forward 8H² + 5H, two normalisations 4H.
                Parameters: size => checked((long)size.Input * size.Hidden + 3L * size.Hidden + size.Layers * (12L * size.Hidden * size.Hidden + 13L * size.Hidden)),
                // Per block 12H² multiply-adds per step, and T² for the scores and again for the mixture, over the whole square.
                ForwardFlops: (size, steps) => 2.0 * steps * ((double)size.Input * size.Hidden + size.Layers * (12.0 * size.Hidden * size.Hidden + 2.0 * steps * size.Hidden)),
                Activations: (size, steps) => steps * (size.Input + size.Hidden + size.Layers * (17.0 * size.Hidden + 2.0 * steps * AttentionHeads(size.Hidden))),
                Weights: WeightLayout.Transformer),
        },
    ];

    /// <summary>Heads of an attention of width <paramref name="hidden"/>: the largest of 4, 2 and 1 that divides it. They change neither parameters nor operations.</summary>
    public static int AttentionHeads(int hidden) => hidden % 4 == 0 ? 4 : hidden % 2 == 0 ? 2 : 1;

    private static readonly AsyncLocal<CellDefinition?> Guest = new();

    /// <summary>Admits a cell that is not shipped, for the calling context alone and until the result is disposed of.</summary>
    internal static IDisposable Admit(CellDefinition definition) => new GuestScope<CellDefinition>(Guest, definition);

    /// <summary>The definition called <paramref name="name"/>, or null.</summary>
    public static CellDefinition? Find(string name) =>
        Guest.Value is { } guest && guest.Name == name ? guest : All.FirstOrDefault(cell => string.Equals(cell.Name, name, StringComparison.Ordinal));

    /// <summary>The definition called <paramref name="name"/>.</summary>
    /// <exception cref="ArgumentException">There is no such cell.</exception>
    public static CellDefinition Get(string name) =>
        Find(name) ?? throw new ArgumentException($"There is no cell called '{name}'. Known: {string.Join(", ", All.Select(cell => cell.Name))}.", nameof(name));
}
