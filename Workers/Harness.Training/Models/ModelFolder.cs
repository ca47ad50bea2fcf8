using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Training.Checkpoints;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Training.Models;

/// <summary>An exported model's folder: a description, the weights, a card for people and, if asked for, a graph or a state_dict.</summary>
internal static class ModelFolder
{
    private const int LongestDescription = 16 * 1024 * 1024;

    private static readonly JsonSerializerOptions indented = new(HarnessJson.Default.Options) { WriteIndented = true, NewLine = "\n" };

    /// <summary>Writes a finished trial's model.</summary>
    /// <returns>The files written.</returns>
    /// <exception cref="TrialRejectedException">The data, or the folder, are not what they have to be.</exception>
    /// <exception cref="CheckpointRefusedException">The weights are not this trial's.</exception>
    public static IReadOnlyList<string> Write(ExportModelRequest request)
    {
        var spec = request.Trial;
        Refuse(spec);
        var checkpoint = CheckpointCodec.Decode(CheckpointFolder.Read(request.Checkpoint), TrialIdentity.Of(spec));
        var task = SequenceTask.Create(spec.Task, DataContent.Read(spec.Task, request.Data))!;
        var (inputs, answer) = task.Describe();
        var description = new ModelDescription(
            ModelDescription.VersionFor(answer), checkpoint.Trial, checkpoint.WeightsStep, request.Experiment, request.Condition, spec, inputs, answer, request.Metrics, request.Producer)
        {
            Baselines = (task as WindowTask)?.FitBaselines(),
            DataLicence = spec.Task.Data is null ? null : request.DataLicence,
        };

        // The graph first: a cell that has none is refused before anything is written.
        (string Name, byte[] Bytes)? extra = request.Format switch
        {
            "onnx" => (ModelDescription.Graph, OnnxModel.Encode(description, checkpoint.Weights)),
            "state-dict" => (ModelDescription.StateDict, StateDict.Encode(checkpoint)),
            _ => null,
        };
        Clear(request.Folder);
        List<(string Name, byte[] Bytes)> files =
        [
            (ModelDescription.File, JsonSerializer.SerializeToUtf8Bytes(description, indented)),
            (ModelDescription.Weights, Safetensors.Encode(checkpoint)),
            (ModelDescription.Card, System.Text.Encoding.UTF8.GetBytes(ModelCard.Of(description, request.Format))),
        ];
        if (extra is { } asked) files.Add(asked);
        foreach (var (name, bytes) in files) DurableFile.Write(Path.Combine(request.Folder, name), bytes);
        return [.. files.Select(file => Path.Combine(request.Folder, file.Name))];
    }

    /// <summary>Reads a folder's description and weights.</summary>
    /// <param name="path">The folder, or a file in it.</param>
    /// <exception cref="TrialRejectedException">It is no model's folder, or a damaged one; the message says why.</exception>
    public static (ModelDescription Description, IReadOnlyList<CheckpointTensor> Weights) Read(string path)
    {
        var folder = File.Exists(path) ? Path.GetDirectoryName(Path.GetFullPath(path))! : path;
        var description = Description(Path.Combine(folder, ModelDescription.File));
        var weights = Path.Combine(folder, ModelDescription.Weights);
        try
        {
            var (notes, tensors) = Safetensors.Decode(CheckpointFolder.Read(weights));
            return notes.GetValueOrDefault("trial") == description.Trial
                ? (description, tensors)
                : throw new TrialRejectedException($"'{weights}' holds the weights of trial {notes.GetValueOrDefault("trial", "none")}, but {ModelDescription.File} describes {description.Trial}. Export the model again.");
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or FormatException or CheckpointRefusedException)
        {
            throw new TrialRejectedException($"The weights '{weights}' cannot be used: {problem.Message}. Export the model again.");
        }
    }

    private static ModelDescription Description(string file)
    {
        try
        {
            if (!File.Exists(file)) throw new IOException("there is no such file");
            if (new FileInfo(file).Length > LongestDescription) throw new IOException("it is longer than any description");
            var description = JsonSerializer.Deserialize(File.ReadAllBytes(file), HarnessJson.Default.ModelDescription) ?? throw new JsonException("it is null");
            if (description.Version is < 1 or > ModelDescription.CurrentVersion)
                throw new TrialRejectedException($"'{file}' has layout {description.Version}; this program reads 1 to {ModelDescription.CurrentVersion}. Use the program that wrote it ({description.Producer}).");
            Refuse(description.Spec);
            if (TrialIdentity.Of(description.Spec) != description.Trial) throw new JsonException($"its configuration is not that of trial {description.Trial}");
            RequireConsistency(description);
            return description;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or JsonException or NotSupportedException or NullReferenceException)
        {
            throw new TrialRejectedException($"'{file}' does not describe a model: {problem.Message}. A model is the folder that 'harness export-model' writes.");
        }
    }

    /// <summary>A model answers on whatever machine it is on, and models of earlier revisions do, too.</summary>
    private static void Refuse(TrialSpec spec) =>
        TrialCheck.Refuse(spec with { Revision = TrialSpec.RevisionOf(spec.Model.Kernel), Device = DeviceKind.Cpu, Model = spec.Model with { KernelAuto = null } });

    /// <summary>The numbers of inputs and answers must agree with each other before memory is taken by them.</summary>
    private static void RequireConsistency(ModelDescription description)
    {
        var (inputs, answer) = (description.Inputs, description.Answer);
        if (inputs.Window < 1 || inputs.Size < 1 || answer.Size < 1 || answer.FirstStep < 0 || answer.FirstStep >= inputs.Window) throw new JsonException("its window and sizes do not fit together");
        if (inputs.Columns is { } columns && (columns.Count != inputs.Size || columns.Any(column => !(column.Deviation > 0) || !double.IsFinite(column.Mean)))) throw new JsonException("its columns and their scaling do not fit together");
        if (inputs.Vocabulary is { } vocabulary && (vocabulary.Count + 1 != inputs.Size || vocabulary.Any(string.IsNullOrEmpty))) throw new JsonException("its vocabulary does not fit its inputs");
        if (description.Baselines is { } baselines && !AreConsistent(baselines, inputs, answer)) throw new JsonException("its baselines do not fit its window and answers");
        if (answer.Classes is { } classes && classes.Count != answer.Size) throw new JsonException("its classes do not fit its answers");
    }

    private static bool AreConsistent(FittedBaselines baselines, ModelInputs inputs, ModelAnswer answer)
    {
        return baselines.Season is null or >= 1
        && (baselines.Linear is not { } linear || (linear.Intercepts.Count == answer.Size && linear.Weights.Count == answer.Size && linear.Weights.All(row => row.Count == linear.Means.Count)
            && linear.Means.Count == (linear.AllInputs ? inputs.Window * (inputs.Columns?.Count ?? 0) : Math.Min(inputs.Window, SeriesBaselines.MostFeatures))))
        && (baselines.Frequencies is not { } frequencies || (answer.IsClass && IsDistribution(frequencies)))
        && (baselines.Following is not { } following || (baselines.Frequencies is not null && following.Count == answer.Size && following.All(IsDistribution)))
        && baselines.Runs?.Length % TextCounts.StoredBytes is null or 0
        && (baselines.Runs is null || inputs.Vocabulary is not null);

        bool IsDistribution(IReadOnlyList<double> weights) => weights.Count == answer.Size && weights.All(weight => weight > 0 && double.IsFinite(weight));
    }

    /// <summary>Makes room: an earlier export of a model is replaced, a folder with anything else is not touched.</summary>
    private static void Clear(string folder)
    {
        Directory.CreateDirectory(folder);
        string[] ours = [ModelDescription.File, ModelDescription.Weights, ModelDescription.Card, ModelDescription.Graph, ModelDescription.StateDict];
        string[] present = [.. Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry)!)];
        if (present.Length > 0 && !present.Contains(ModelDescription.File, StringComparer.Ordinal))
            throw new TrialRejectedException($"The folder '{folder}' holds other files, such as {present.Order(StringComparer.Ordinal).First()}. Name another folder with --out.");
        foreach (var name in ours) File.Delete(Path.Combine(folder, name));
    }
}
