using Harness.Abstractions.Results;

namespace Harness.Training.Tasks;

/// <summary>Rows that a trained model is applied to: scaling, vocabulary and classes are the model's own, not taken from the rows.</summary>
/// <param name="Inputs">What the model reads.</param>
/// <param name="Answer">What it answers.</param>
/// <param name="HasAnswers">Whether the right answers are read; without them every window counts whose inputs are there.</param>
internal sealed record FittedData(ModelInputs Inputs, ModelAnswer Answer, bool HasAnswers)
{
    /// <summary>Whether only the last sequence of each series is read, of which nothing that follows is known.</summary>
    public bool FromEnd { get; init; }

    /// <summary>What the baselines took from the training part; null where that is not known.</summary>
    public FittedBaselines? Baselines { get; init; }

    /// <summary>What messages call the file.</summary>
    public string Name { get; init; } = "data";
}
