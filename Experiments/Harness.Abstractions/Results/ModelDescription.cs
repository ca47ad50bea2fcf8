using System.Text.Json.Serialization;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>What an exported model is, and how it is used: <c>model.json</c> of its folder, beside its weights.</summary>
/// <param name="Version">Of this layout: see <see cref="VersionFor"/>.</param>
/// <param name="Trial">Identity of the trial that trained it.</param>
/// <param name="Step">Optimizer steps that its weights have seen.</param>
/// <param name="Experiment">The experiment that the trial was exported from; null where it belongs to none any more.</param>
/// <param name="Condition">Its condition's label there.</param>
/// <param name="Spec">The trial's configuration: data hash, window, split and horizon are in it.</param>
/// <param name="Metrics">What the trial measured, by the names of the metrics.</param>
/// <param name="Producer">Name and version of the program that wrote it.</param>
public sealed record ModelDescription(
    int Version,
    string Trial,
    int Step,
    string? Experiment,
    string? Condition,
    TrialSpec Spec,
    ModelInputs Inputs,
    ModelAnswer Answer,
    IReadOnlyDictionary<string, double> Metrics,
    string Producer)
{
    /// <summary>What the baselines took from the training part; null for generated tasks, and where an earlier program wrote it.</summary>
    public FittedBaselines? Baselines { get; init; }

    /// <summary>The licence of the data as the experiment names it; null where it names none, and where an earlier program wrote it.</summary>
    public string? DataLicence { get; init; }

    /// <summary>The newest layout. Raised when a member changes its meaning or goes; that members are added does not raise it.</summary>
    public const int CurrentVersion = 2;

    /// <summary>The layout that a model needs: 2 where it answers a range of rows, which programs that know layout 1 alone would take for one; 1 otherwise, so that they can still read it.</summary>
    public static int VersionFor(ModelAnswer answer) => answer is { Target: not null, Size: > 1 } ? CurrentVersion : 1;

    /// <summary>Names of the files in a model's folder.</summary>
    public const string File = "model.json", Weights = "weights.safetensors", Card = "README.md", Graph = "model.onnx", StateDict = "weights.pt";
}

/// <summary>What a model reads at each time step. The one description of inputs: reading, scaling and graph follow from it.</summary>
/// <param name="Window">Time steps of a sequence in training.</param>
/// <param name="Size">Numbers per time step as the network sees them.</param>
/// <param name="Columns">The columns of a file, in order; null for other inputs.</param>
/// <param name="Vocabulary">The characters of a text by their symbol, from symbol 1 on; symbol 0 is every other character. Null for other inputs.</param>
public sealed record ModelInputs(int Window, int Size, IReadOnlyList<ScaledColumn>? Columns = null, IReadOnlyList<string>? Vocabulary = null);

/// <summary>A column and its scaling: the network sees (value − mean) / deviation.</summary>
/// <param name="Deviation">Above 0.</param>
/// <param name="Word">The word of a categorical column that the input stands for by 0 and 1; null for others.</param>
/// <param name="IsFlag">Whether the input is 0 or 1: for a word, or, without one, for a missing value. Such inputs are not scaled.</param>
public sealed record ScaledColumn(string Name, double Mean, double Deviation, string? Word = null, bool IsFlag = false)
{
    /// <summary>The value as the network sees it.</summary>
    public float Scale(double value) => (float)((value - Mean) / Deviation);

    /// <summary>The value in the column's unit.</summary>
    public double Restore(double scaled) => Mean + Deviation * scaled;
}

/// <summary>What a model answers.</summary>
/// <param name="Size">Numbers per answer: 1 or more values, or one score for each class.</param>
/// <param name="FirstStep">The first time step, counted from 0, with an answer; the last one of the window where there is one answer.</param>
/// <param name="Horizon">Rows from the window's last to the one that is asked for, or to the last one of a range; null where nothing lies ahead.</param>
/// <param name="Target">The column that is forecast, with its scaling; null for classes and for generated tasks.</param>
/// <param name="Classes">Names of the classes in the order of their scores; null where the answer is no class, or its classes have no names.</param>
/// <param name="Column">The column whose class is asked for; null where there is none.</param>
public sealed record ModelAnswer(
    int Size, bool IsClass, int FirstStep, int? Horizon = null, ScaledColumn? Target = null, IReadOnlyList<string>? Classes = null, string? Column = null)
{
    /// <summary>Rows from the window's last to the first one that is asked for; null where nothing lies ahead. A column that is forecast is answered once for each row of the range.</summary>
    [JsonIgnore]
    public int? FirstHorizon => Target is null ? Horizon : Horizon - Size + 1;

    /// <summary>Whether a window has an answer for each of several rows.</summary>
    [JsonIgnore]
    public bool IsRange => Target is not null && Size > 1;
}
