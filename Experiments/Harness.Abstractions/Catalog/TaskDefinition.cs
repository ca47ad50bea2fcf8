using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>How a task's loss is computed.</summary>
public enum LossKind
{
    /// <summary>Mean squared error of a real-valued output.</summary>
    MeanSquaredError,

    /// <summary>Cross-entropy in nats over classes.</summary>
    CrossEntropy,
}

/// <summary>One parameter of a task: its name in YAML, its default and what it may be.</summary>
/// <param name="Name">Key in the YAML's <c>task:</c> block.</param>
/// <param name="Default">Canonical text of the default value; null when the file must give one.</param>
/// <param name="Minimum">Smallest allowed number, when the parameter is a number.</param>
/// <param name="Maximum">Largest allowed number, when the parameter is a number.</param>
/// <param name="Choices">The allowed words, when the parameter is a word.</param>
/// <param name="Summary">One sentence for the reference page.</param>
public sealed record TaskParameter(
    string Name, string? Default, double? Minimum, double? Maximum, IReadOnlyList<string>? Choices, string Summary)
{
    /// <summary>What it may be, where that is neither a whole number nor one of a few words.</summary>
    public SettingType? Type { get; init; }

    /// <summary>A value as one would write it, where the default is none.</summary>
    public string? Example { get; init; }

    /// <summary>Whether matrices and <c>--set</c> know it by its name alone; not where that would be mistaken for something else.</summary>
    public bool HasShortName { get; init; } = true;
}

/// <summary>What the plan, the reader and the report need to know about a sequence task, without any tensor library.</summary>
/// <remarks>The generator lives in the trainer and is found by <see cref="Kind"/>.</remarks>
/// <param name="Kind">The word used in YAML, database and report, e.g. <c>adding</c>.</param>
/// <param name="Name">The words used in prose.</param>
/// <param name="Loss">How the loss is computed.</param>
/// <param name="InputSize">I, features per step, given the task's parameters.</param>
/// <param name="OutputSize">Values or classes read out, given the task's parameters.</param>
/// <param name="MinimumLength">Shortest sequence for which the task is defined.</param>
/// <param name="Parameters">What can be set beside the length.</param>
/// <param name="Baseline">The baseline predictor, in words; its loss is computed on the evaluation set.</param>
/// <param name="Success">When a trial counts as having solved the task, if the experiment names no target.</param>
/// <param name="Summary">The task in one or two sentences, with its source.</param>
/// <param name="Steps">Steps of a sequence as the network sees it, given the length and the task's parameters; null means the length itself.</param>
/// <param name="Graded">Whether a sequence can be right as a whole; false for languages, in which no predictor could be.</param>
public sealed record TaskDefinition(
    string Kind,
    LocalText Name,
    LossKind Loss,
    Func<ParameterSet, int> InputSize,
    Func<ParameterSet, int> OutputSize,
    int MinimumLength,
    IReadOnlyList<TaskParameter> Parameters,
    string Baseline,
    SuccessCriterion Success,
    LocalText Summary,
    Func<int, ParameterSet, int>? Steps = null,
    bool Graded = true)
{
    /// <summary>The publications that it comes from, for a bibliography.</summary>
    public IReadOnlyList<Citation> Sources { get; init; } = [];

    /// <summary>Whether answers are asked for at several steps, so that a network that reads backwards would see them coming.</summary>
    public bool AsksAtEveryStep { get; init; }

    /// <summary>How many steps the network takes over one sequence of this length.</summary>
    public int StepsFor(int length, ParameterSet parameters) => Steps?.Invoke(length, parameters) ?? length;

    /// <summary>What is special about a task whose sequences are cut from a person's file; null for generated tasks.</summary>
    public FileTraits? File { get; init; }

    /// <summary>Whether its sequences are cut from a person's file; such a trial names the file's content by its hash.</summary>
    public bool ReadsFile => File is not null;

    /// <summary>Whether one may ask for a value some time ahead.</summary>
    public bool HasHorizon => Parameters.Any(parameter => parameter.Name == TaskCatalog.Horizon);

    /// <summary>Which of a trial's parameters cannot go together; null, or without result, where all can.</summary>
    public Func<ParameterSet, ParameterConflict?>? ConflictIn { get; init; }

    /// <summary>How the loss is computed where that depends on the task's parameters; null where it is always <see cref="Loss"/>.</summary>
    public Func<ParameterSet, LossKind>? LossBy { get; init; }

    /// <summary>How the loss of a trial with these parameters is computed.</summary>
    public LossKind LossFor(ParameterSet parameters) => LossBy?.Invoke(parameters) ?? Loss;

    /// <summary>Whether a sequence can be right as a whole: never for real answers.</summary>
    public bool IsGraded(ParameterSet parameters) => Graded && LossFor(parameters) == LossKind.CrossEntropy;
}

/// <summary>What is special about a task that reads a file.</summary>
/// <param name="Unit">What the file has one of per time step, in the plural.</param>
/// <param name="Words">Parameters of a trial that are words, beside <c>split</c>.</param>
/// <param name="Counts">Parameters of a trial that are whole numbers, given all that it has; some may be missing.</param>
public sealed record FileTraits(string Unit, IReadOnlyList<string> Words, Func<ParameterSet, IReadOnlyList<string>> Counts);

/// <summary>A parameter whose value does not fit the others.</summary>
/// <param name="Parameter">Its name.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Expected">What would be right.</param>
public sealed record ParameterConflict(string Parameter, string Message, string Expected);

/// <summary>A trial has solved its task once <paramref name="Metric"/> is beyond <paramref name="Threshold"/>.</summary>
/// <param name="Metric">A metric recorded at evaluations, e.g. <c>eval.loss</c>.</param>
/// <param name="Below">True when smaller is better.</param>
/// <param name="Threshold">In the metric's unit.</param>
/// <param name="OfBaseline">Whether the threshold is a share of the baseline's loss, for data of which nobody knows what can be reached.</param>
public sealed record SuccessCriterion(string Metric, bool Below, double Threshold, bool OfBaseline = false)
{
    /// <summary>What evaluations measure.</summary>
    public const string Loss = "eval.loss", Accuracy = "eval.accuracy";
}
