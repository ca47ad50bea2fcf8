using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Cells;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using TorchSharp;

namespace Harness.Training;

/// <summary>Looks a spec over before anything is built. The planner has checked it too; requests may also come from a hand.</summary>
internal static class TrialCheck
{
    /// <exception cref="TrialRejectedException">With everything that is wrong.</exception>
    public static void Refuse(TrialSpec spec, CheckpointRequest? checkpoint = null)
    {
        string[] faults = [.. Faults(spec), .. checkpoint is null ? [] : TrialCheckpoints.Faults(checkpoint)];
        if (faults.Length > 0) throw new TrialRejectedException(string.Join(" ", faults));
    }

    private static IEnumerable<string> Faults(TrialSpec spec)
    {
        if (spec.Revision != TrialSpec.RevisionOf(spec.Model.Kernel))
            yield return $"revision is {spec.Revision}, but this trainer computes revision {TrialSpec.RevisionOf(spec.Model.Kernel)} of kernel: {spec.Model.Kernel.ToString().ToLowerInvariant()}; use the trainer that belongs to the harness.";
        foreach (var fault in ModelFaults(spec.Model, spec.Device)) yield return fault;
        var taskFaults = TaskFaults(spec.Task).ToArray();
        foreach (var fault in taskFaults) yield return fault;
        if (taskFaults.Length == 0)
            foreach (var fault in TaskUseFaults(spec, TaskCatalog.Get(spec.Task.Kind))) yield return fault;
        if (spec.Train.Steps < 1) yield return $"train.steps is {spec.Train.Steps}; it must be at least 1.";
        if (spec.Train.Batch < 1) yield return $"train.batch is {spec.Train.Batch}; it must be at least 1.";
        foreach (var fault in Optimizers.Faults(spec.Train.Optimizer)) yield return fault;
        if (spec.Train.ClipNorm is { } clip && !(clip > 0)) yield return "train.clip_norm must be above zero, or absent.";
        if (spec.Train.ClipValue is { } value && !(value > 0)) yield return "train.clip_value must be above zero, or absent.";
        if (spec.Train.Sequences < 1) yield return "train.sequences must be at least 1.";
        if (spec.Train.LabelNoise is { } noise && !(noise is > 0 and <= 1)) yield return "train.label_noise must be above 0 and at most 1.";
        if (spec.Train.EarlyStop?.Patience < 1) yield return "train.early_stop.patience must be at least 1.";
        if (spec.Probe.GradientsEvery < 1) yield return "probe.gradients_every must be at least 1.";
        if (spec.Probe.Gradients.Contains(ProbeMoment.During)) yield return "probe.gradients names init, middle and end; profiles along the way are asked for with probe.gradients_every.";
        if (spec.Train is { ClipNorm: not null, ClipValue: not null }) yield return "train has clip_norm and clip_value; choose one.";
        if (spec.Evaluation.Every < 1) yield return $"evaluation.every is {spec.Evaluation.Every}; it must be at least 1.";
        if (spec.Evaluation.Length is not null && TaskCatalog.Find(spec.Task.Kind)?.ReadsFile == true) yield return $"evaluation.length is for generated tasks; sequences of {spec.Task.Kind} are windows of one length.";
        if (spec.Evaluation.Length is { } length && TaskCatalog.Find(spec.Task.Kind) is { } judged && length < judged.MinimumLength) yield return $"evaluation.length is {length}; {judged.Kind} needs at least {judged.MinimumLength} steps.";
        if (spec.Evaluation.Sequences < 1) yield return $"evaluation.sequences is {spec.Evaluation.Sequences}; it must be at least 1.";
        if (Probes(spec.Probe) > 0 && spec.Probe.Sequences < 1) yield return $"probe.sequences is {spec.Probe.Sequences}; it must be at least 1.";
        if (Probes(spec.Probe) > 0 && CellCatalog.Find(spec.Model.Cell) is { IsRecurrent: false }) yield return $"The {spec.Model.Cell} has no state for probes to look into.";
        foreach (var fault in TargetFaults(spec)) yield return fault;
        if (spec.Device == DeviceKind.Cuda && !torch.cuda.is_available()) yield return "device is cuda, but this trainer has no CUDA device. Build it with TorchBackend=cuda-linux or cuda-windows, or name a CUDA libtorch in HARNESS_LIBTORCH; `harness doctor` shows what it found.";
    }

    private static int Probes(ProbeSpec probe) => MetricCatalog.MomentsOf(probe) + (probe.GradientsEvery ?? 0);

    private static IEnumerable<string> ModelFaults(ModelSpec model, DeviceKind device)
    {
        if (CellCatalog.Find(model.Cell) is not { } definition || RecurrentCell.Find(model.Cell) is not { } cell)
        {
            yield return $"There is no cell '{model.Cell}'. Known: {string.Join(", ", CellCatalog.All.Select(known => known.Name))}.";
            yield break;
        }

        if (!definition.Kernels.Contains(model.Kernel.ToString().ToLowerInvariant(), StringComparer.Ordinal)) yield return $"The {model.Cell} cell has no kernel '{model.Kernel}'; it has {string.Join(", ", definition.Kernels)}.";
        if (model.Kernel == KernelPath.Engine && device != DeviceKind.Cpu) yield return "kernel engine computes on the CPU alone; use kernel library.";
        if (model.KernelAuto == true && !string.Equals(model.Kernel.ToString(), definition.AutomaticKernel(device == DeviceKind.Cpu), StringComparison.OrdinalIgnoreCase)) yield return $"model.kernel_auto says that the path was left open, but {model.Kernel} is not what is taken then.";
        if (!definition.IsRecurrent && model.Bidirectional) yield return $"model.bidirectional is for recurrent cells; the {model.Cell} is none.";
        if (!definition.IsRecurrent && model.SpectralRadius is not null) yield return $"model.spectral_radius scales recurrent weights; the {model.Cell} has none.";
        if (!definition.IsRecurrent && model.Init != InitKind.Default) yield return $"model.init {model.Init.ToString().ToLowerInvariant()} draws recurrent weights; the {model.Cell} has none.";
        if (model.Hidden < 1) yield return $"model.hidden is {model.Hidden}; it must be at least 1.";
        if (model.Layers < 1) yield return $"model.layers is {model.Layers}; it must be at least 1.";
        if (!Enum.IsDefined(model.Kernel)) yield return $"There is no kernel '{model.Kernel}'.";
        if (!Enum.IsDefined(model.Init)) yield return $"There is no initialiser '{model.Init}'.";
        if (model.Init == InitKind.Identity && definition.Gates.Count > 0) yield return $"model.init identity is for cells without gates; the {model.Cell} cell has {string.Join(", ", definition.Gates)}.";
        if (model.Init == InitKind.Chrono && definition.RetentionGate is null) yield return $"model.init chrono needs a gate that keeps the state; the {model.Cell} cell has none.";
        if (model.Init == InitKind.Chrono && (model.ForgetBias ?? model.UpdateBias) is not null) yield return "model.init chrono draws the gate bias, so forget_bias and update_bias must be absent.";
        if (model.TMax is { } longest && (model.Init != InitKind.Chrono || !(longest >= 3 && double.IsFinite(longest)))) yield return "model.t_max belongs to init chrono and must be at least 3.";
        if (model.Activation is { } activation && !definition.Activations.Contains(activation, StringComparer.Ordinal))
            yield return definition.Activations.Count == 0 ? $"The {model.Cell} cell has no choice of activation." : $"The {model.Cell} cell has no activation '{activation}'; it has {string.Join(", ", definition.Activations)}.";
        if (model.ForgetBias is not null && definition.RetentionGate != "forget") yield return $"The {model.Cell} cell has no forget gate, so forget_bias means nothing.";
        if (model.UpdateBias is not null && definition.RetentionGate != "update") yield return $"The {model.Cell} cell has no update gate, so update_bias means nothing.";
        if (model.SpectralRadius is { } radius && !(radius > 0 && double.IsFinite(radius))) yield return "model.spectral_radius must be above zero, or absent.";
        if (model.Weights is { } weights && (weights.Length != 64 || !weights.All(char.IsAsciiHexDigitLower))) yield return "model.weights must be the SHA-256 of the file, as 64 lower-case hexadecimal digits, or absent.";
        if (model.Weights is not null && (model.Init != InitKind.Default || (model.SpectralRadius ?? model.ForgetBias ?? model.UpdateBias) is not null)) yield return "model.weights takes the place of a draw, so init must be default, and spectral_radius, forget_bias and update_bias absent.";
        if (model.Dropout is { } dropout && !(dropout is >= 0 and < 1)) yield return "model.dropout must be from 0 to below 1.";
        if (model.Dropout > 0 && model.Layers < 2) yield return "model.dropout acts between layers, so it needs model.layers of at least 2.";
    }

    private static IEnumerable<string> TaskFaults(TaskSpec task)
    {
        if (TaskCatalog.Find(task.Kind) is not { } definition || !Implementations<SequenceTask>.Names.Contains(task.Kind, StringComparer.Ordinal))
        {
            yield return $"There is no task '{task.Kind}'. Known: {string.Join(", ", TaskCatalog.All.Select(known => known.Kind))}.";
            yield break;
        }

        if (task.Length < definition.MinimumLength) yield return $"task.length is {task.Length}; {definition.Kind} needs at least {definition.MinimumLength} steps.";
        if (definition.File is { } file)
        {
            if (task.Shortest is not null) yield return $"task.shortest is for generated tasks; sequences of {task.Kind} are windows of one length.";
            foreach (var fault in FileFaults(task, file)) yield return fault;
            yield break;
        }

        if (task.Data is not null) yield return $"task.data belongs to tasks that read a file; {task.Kind} is generated.";
        if (task.Shortest is { } shortest && !(shortest >= definition.MinimumLength && shortest <= task.Length)) yield return $"task.shortest is {shortest}; it must be from {definition.MinimumLength} to task.length, or absent.";
        foreach (var parameter in definition.Parameters)
        {
            if (!task.Parameters.Values.TryGetValue(parameter.Name, out var value)) yield return $"task.parameters lacks '{parameter.Name}' (default: {parameter.Default}).";
            else if (!Fits(parameter, value)) yield return $"task.parameters.{parameter.Name} is '{value}'; it must be {(parameter.Choices is { } choices ? string.Join(" or ", choices) : string.Create(CultureInfo.InvariantCulture, $"a whole number from {parameter.Minimum} to {parameter.Maximum}"))}.";
        }
    }

    /// <summary>What the reader found in the file stands in the parameters; whether the file agrees is seen when it is read.</summary>
    private static IEnumerable<string> FileFaults(TaskSpec task, FileTraits file)
    {
        if (task.Data is not { Length: 64 } hash || !hash.All(char.IsAsciiHexDigitLower)) yield return "task.data must be the SHA-256 of the file, as 64 lower-case hexadecimal digits.";
        if (DataSplit.Parse(task.Parameters.Values.GetValueOrDefault("split", "")) is null) yield return "task.parameters.split must be percentages such as 70/15/15.";
        foreach (var missing in file.Words.Where(word => !task.Parameters.Values.ContainsKey(word))) yield return $"task.parameters lacks '{missing}'.";
        if (TaskCatalog.Get(task.Kind).HasHorizon && HorizonRange.Parse(task.Parameters.Values.GetValueOrDefault(TaskCatalog.Horizon)) is null)
            yield return $"task.parameters.{TaskCatalog.Horizon} must be a whole number of rows, or a range such as 1..12.";
        if (task.Parameters.Values.TryGetValue(DataFold.Parameter, out var fold) && DataFold.Parse(fold) is null) yield return $"task.parameters.{DataFold.Parameter} must be a fold such as 2/3.";
        foreach (var count in file.Counts(task.Parameters))
            if (!int.TryParse(task.Parameters.Values.GetValueOrDefault(count), NumberStyles.None, CultureInfo.InvariantCulture, out _)) yield return $"task.parameters.{count} must be a whole number.";
    }

    /// <summary>All numeric parameters are whole numbers so far.</summary>
    private static bool Fits(TaskParameter parameter, string value) => parameter.Choices is { } choices
        ? choices.Contains(value, StringComparer.Ordinal)
        : int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && !(number < parameter.Minimum) && !(number > parameter.Maximum);

    private static IEnumerable<string> TaskUseFaults(TrialSpec spec, TaskDefinition task)
    {
        if (spec.Model.Bidirectional && task.AsksAtEveryStep) yield return $"The task {task.Kind} asks at every step; a bidirectional network would read the answers from the future.";
        if (spec.Target?.Metric == MetricCatalog.EvaluationAccuracy && !task.IsGraded(spec.Task.Parameters)) yield return $"Sequences of the task {task.Kind} are not right or wrong as a whole, so there is no {MetricCatalog.EvaluationAccuracy} to set a target on.";
    }

    private static IEnumerable<string> TargetFaults(TrialSpec spec)
    {
        if (spec.Target is not { } target) yield break;
        if (target.Metric is not (MetricCatalog.EvaluationLoss or MetricCatalog.EvaluationAccuracy)) yield return $"target.metric is '{target.Metric}'; a target can be set on {MetricCatalog.EvaluationLoss} or {MetricCatalog.EvaluationAccuracy}.";
        if (target.Below is null == target.Above is null) yield return "target needs either below or above.";
    }
}
