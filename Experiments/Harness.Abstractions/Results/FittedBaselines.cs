namespace Harness.Abstractions.Results;

/// <summary>What baselines took from the training part, so that they can predict rows of another file as they did those of training.</summary>
public sealed record FittedBaselines
{
    /// <summary>Rows of the season; null where the training part shows none.</summary>
    public int? Season { get; init; }

    /// <summary>The linear regression; null where there was too little to fit it, and for classes and texts.</summary>
    public FittedLinear? Linear { get; init; }

    /// <summary>How often each class came in the training part, plus one half; null for numbers and texts.</summary>
    public IReadOnlyList<double>? Frequencies { get; init; }

    /// <summary>The same after each class of the window's last row, [previous][class]; null where no class comes before the answer.</summary>
    public IReadOnlyList<IReadOnlyList<double>>? Following { get; init; }

    /// <summary>Runs of characters of the training part with their numbers, 16 bytes each; null for series, and for a text with too many of them.</summary>
    public byte[]? Runs { get; init; }
}

/// <summary>Linear regressions, one for each row ahead, in standardised units.</summary>
/// <param name="AllInputs">Whether they read all inputs of the window, step by step, or the target's own past alone.</param>
/// <param name="Means">Of each feature.</param>
/// <param name="Weights">[row ahead][feature].</param>
/// <param name="Intercepts">By row ahead.</param>
public sealed record FittedLinear(bool AllInputs, IReadOnlyList<double> Means, IReadOnlyList<IReadOnlyList<double>> Weights, IReadOnlyList<double> Intercepts);
