using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;

namespace Harness.Training.Tasks;

/// <summary>Rows that a trained model is applied to: scaling, vocabulary and classes are the model's own, not taken from the rows.</summary>
/// <param name="Inputs">What the model reads.</param>
/// <param name="Answer">What it answers.</param>
/// <param name="HasAnswers">Whether the right answers are read; without them every window counts whose inputs are there.</param>
/// <param name="Part">The rows to apply it to, given how many there are.</param>
internal sealed record FittedData(ModelInputs Inputs, ModelAnswer Answer, bool HasAnswers, Func<int, DataPart> Part)
{
    /// <summary>What messages call the file.</summary>
    public string Name { get; init; } = "data";
}
