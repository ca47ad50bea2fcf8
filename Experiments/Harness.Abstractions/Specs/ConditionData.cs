
namespace Harness.Abstractions.Specs;

/// <summary>The part of a data file that a condition learns from.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="Rows">Rows of a series, characters of a text.</param>
public sealed record ConditionData(string Path, string Sha256, int Bytes, int Rows, DataWindows Windows)
{
    /// <summary>What the file holds for sequences of the condition's length.</summary>
    public DataCard? Card { get; init; }
}

/// <summary>How many windows each part of a data file holds.</summary>
public sealed record DataWindows(int Train, int Validation, int Test);

/// <summary>The file that a condition's initial weights come from.</summary>
/// <param name="Path">As the experiment file names it.</param>
/// <param name="Sha256">Of the content.</param>
/// <param name="Bytes">Size of the file.</param>
/// <param name="HasOutputLayer">Whether the output layer's weights are in it. Else they are drawn from the seed.</param>
public sealed record ConditionWeights(string Path, string Sha256, int Bytes, bool HasOutputLayer);
