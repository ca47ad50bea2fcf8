namespace Harness.Experiments.Catalog;

/// <summary>The cells this product knows. The one place where a cell is registered.</summary>
public static class CellCatalog
{
    public static IReadOnlyList<CellDefinition> All { get; } =
    [
        new("rnn", "RNN", GateCount: 1, HasCellState: false, RetentionGate: null,
            Gates: [], Activations: ["tanh", "relu"],
            "Elman's recurrent network: h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU."),
        new("lstm", "LSTM", GateCount: 4, HasCellState: true, RetentionGate: "forget",
            Gates: ["input", "forget", "cell", "output"], Activations: [],
            "Long short-term memory (Hochreiter & Schmidhuber 1997; forget gate: Gers et al. 2000): a cell state c that a forget gate keeps, an input gate writes and an output gate reads.")
        {
            Candidates = ["cell"],
        },
        new("gru", "GRU", GateCount: 3, HasCellState: false, RetentionGate: "update",
            Gates: ["reset", "update", "candidate"], Activations: [],
            "Gated recurrent unit (Cho et al. 2014): an update gate keeps the old state, a reset gate forgets it when the candidate is computed.")
        {
            Candidates = ["candidate"],
        },
    ];

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
