using System.Text.Json.Serialization;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Contracts;

/// <summary>What <c>harness-trainer --model</c> reads from standard input: one JSON object. It answers on standard output and ends.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(ExportModelRequest), "export")]
[JsonDerivedType(typeof(PredictRequest), "predict")]
[JsonDerivedType(typeof(EvaluateRequest), "evaluate")]
public abstract record ModelRequest;

/// <summary>Write a finished trial as a folder that stands alone.</summary>
/// <param name="Checkpoint">Full path of the file with its weights.</param>
/// <param name="Data">Full path of the file that the trial names by its hash; null for generated tasks.</param>
/// <param name="Format"><c>onnx</c>, <c>safetensors</c> or <c>state-dict</c>.</param>
/// <param name="Folder">Full path of the folder to write.</param>
/// <param name="Metrics">What the trial measured, by the names of the metrics.</param>
/// <param name="Producer">Name and version of the program that asks.</param>
public sealed record ExportModelRequest(
    TrialSpec Trial, string Checkpoint, string? Data, string Format, string Folder, IReadOnlyDictionary<string, double> Metrics, string Producer,
    string? Experiment = null, string? Condition = null) : ModelRequest
{
    /// <summary>The licence of the data; null where it is not recorded.</summary>
    public string? DataLicence { get; init; }
}

/// <summary>Predict what follows each window of a file.</summary>
/// <param name="Model">Full path of the model's folder.</param>
/// <param name="File">Full path of the new rows, or of the text.</param>
/// <param name="Output">Full path of the CSV to write.</param>
/// <param name="FromEnd">Whether to predict only what follows the end of the file, or of each series.</param>
public sealed record PredictRequest(string Model, string File, string Output, bool FromEnd = false) : ModelRequest;

/// <summary>Score a model on a file.</summary>
/// <param name="Part"><c>all</c>, or <c>validation</c> or <c>test</c> of the file that the model was trained on.</param>
/// <param name="Windows">At most so many windows, spread evenly as in training; null takes every one.</param>
public sealed record EvaluateRequest(string Model, string File, string Part = "all", int? Windows = null) : ModelRequest;

/// <summary>What a request for a model came to.</summary>
/// <param name="Files">Full paths of the files that were written.</param>
/// <param name="Rows">Predictions written; null where none were asked for.</param>
/// <param name="Scores">What an evaluation found; null where none was asked for.</param>
/// <param name="Columns">Of the predictions; null where none were asked for.</param>
public sealed record ModelReply(IReadOnlyList<string> Files, int? Rows = null, ModelScores? Scores = null, IReadOnlyList<PredictionColumn>? Columns = null);

/// <summary>A column of predictions.</summary>
public sealed record PredictionColumn(string Name, PredictionKind Kind);

/// <summary>What the cells of a column of predictions are.</summary>
public enum PredictionKind
{
    /// <summary>A name, a class or a time.</summary>
    Text,

    /// <summary>A number of rows, or none.</summary>
    Row,

    /// <summary>A value in the target's unit, or a probability.</summary>
    Number,
}

/// <summary>How a model does on a file.</summary>
/// <param name="Windows">Windows that were scored.</param>
/// <param name="Loss">As in training: the mean squared error in units of the target's training variance, or the cross-entropy in nats.</param>
/// <param name="Baseline">The baseline's loss on the same windows.</param>
/// <param name="Accuracy">Share of right answers; null where an answer cannot be right.</param>
/// <param name="RootMeanSquare">Root mean squared error in the target's unit; null for classes.</param>
/// <param name="MeanAbsolute">Mean absolute error in the target's unit; null for classes.</param>
/// <param name="BaselineRootMeanSquare">The baseline's, in the target's unit; null for classes.</param>
/// <param name="IsTrainingData">Whether the file is the one that the model was trained on.</param>
public sealed record ModelScores(
    int Windows, double Loss, double Baseline, double? Accuracy = null, double? RootMeanSquare = null, double? MeanAbsolute = null, double? BaselineRootMeanSquare = null, bool IsTrainingData = false)
{
    /// <summary>The baselines that the report shows, on the same windows; empty where the model's folder does not say what they were fitted to.</summary>
    public IReadOnlyList<PredictorScore> Baselines { get; init; } = [];

    /// <summary>The errors by the rows ahead; null where one row is asked for.</summary>
    public IReadOnlyList<StepScore>? Steps { get; init; }
}

/// <param name="Step">Rows beyond a window's last.</param>
/// <param name="RootMeanSquare">In the target's unit.</param>
/// <param name="MeanAbsolute">In the target's unit.</param>
public sealed record StepScore(int Step, double RootMeanSquare, double MeanAbsolute);

/// <param name="Name">A baseline of <see cref="Catalog.BaselineCatalog"/>.</param>
/// <param name="Loss">As in training.</param>
/// <param name="Accuracy">Share of right answers; null for numbers and texts.</param>
/// <param name="RootMeanSquare">In the target's unit; null for classes and texts.</param>
/// <param name="MeanAbsolute">In the target's unit; null for classes and texts.</param>
public sealed record PredictorScore(string Name, double Loss, double? Accuracy, double? RootMeanSquare, double? MeanAbsolute);
