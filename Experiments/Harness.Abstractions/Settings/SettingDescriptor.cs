using Harness.Abstractions.Catalog;

namespace Harness.Abstractions.Settings;

/// <summary>One key of the experiment file. The reader, the schema, the reference page and the completion are made from these.</summary>
/// <param name="path">Dotted path from the file's root, e.g. <c>train.optimizer.lr</c>; <c>[]</c> marks the entries of a list.</param>
/// <param name="type">What it may be.</param>
/// <param name="summary">One or two sentences for the reference page.</param>
/// <param name="example">A value as one would write it.</param>
public sealed class SettingDescriptor(string path, SettingType type, string summary, string example)
{
    public string Path { get; } = path;

    public SettingType Type { get; } = type;

    public string Summary { get; } = summary;

    public string Example { get; } = example;

    /// <summary>The word that stands for the path in a matrix, in <c>--set</c> and in tables, e.g. <c>lr</c>.</summary>
    public string? ShortName { get; init; }

    /// <summary>The value that counts when nothing is written; null when there is none.</summary>
    public string? Default { get; init; }

    /// <summary>The default in words, where it depends on other settings.</summary>
    public string? DefaultNote { get; init; }

    /// <summary>Whether the file must give it.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether it can be a factor of the matrix.</summary>
    public bool CanVary { get; init; }

    /// <summary>Whether tuning can search for its best value: it is no part of what is compared and changes no trial's cost.</summary>
    public bool CanBeTuned { get; init; }

    /// <summary>Whether a map from cell to value can stand in place of the value.</summary>
    public bool CanBePerCell { get; init; }

    /// <summary>Whether a map from a language of <see cref="Specs.ReportLanguages"/> to a text can stand in place of the text.</summary>
    public bool CanBePerLanguage { get; init; }

    /// <summary>The property of the trial's identity that it feeds, as a JSON path; null when it changes no trial.</summary>
    public string? Identity { get; init; }

    /// <summary>What its values are called in diagnostics, where the key's own word does not say it.</summary>
    public string Noun
    {
        get => field ?? ShortName ?? Key;
        init;
    }

    /// <summary>The letter in labels, e.g. <c>T</c> for the length.</summary>
    public string? Symbol { get; init; }

    /// <summary>Which cells have the setting; null when all have.</summary>
    public Func<CellDefinition, bool>? AppliesTo { get; init; }

    /// <summary>The setting that must have one of the words of <see cref="NeededWords"/> for this one to have an effect; null when none must.</summary>
    public SettingDescriptor? Needs { get; init; }

    /// <summary>See <see cref="Needs"/>.</summary>
    public IReadOnlyList<string> NeededWords { get; init; } = [];

    /// <summary><see cref="NeededWords"/> in words.</summary>
    public string NeededNote
    {
        get => field ?? string.Join(" or ", NeededWords);
        init;
    }

    /// <summary>Whether it is a parameter of some tasks only, read by <see cref="TaskParameter"/>.</summary>
    public bool IsTaskParameter => Type is TaskParameterType;

    /// <summary>The value of <see cref="Default"/>; null when there is none.</summary>
    internal SettingValue? DefaultValue => field ??= Default is null ? null : ReadDefault(Default);

    /// <summary>Position in <see cref="SettingCatalog.All"/>.</summary>
    internal int Ordinal { get; set; }

    /// <summary>Path or short name: what people write.</summary>
    public string Name => ShortName ?? Path;

    /// <summary>The last word of the path.</summary>
    public string Key => Path[(Path.LastIndexOf('.') + 1)..];

    public override string ToString() => Path;

    /// <exception cref="InvalidOperationException">The default is not a value of the setting's own type.</exception>
    private SettingValue ReadDefault(string text)
    {
        if (text.StartsWith('[')) return SettingValue.OfWords(text.Trim('[', ']').Split(", "));
        return Type.Parse(text, out var value) is { } problem
            ? throw new InvalidOperationException($"The default of {Path}: {problem.Message}.")
            : value;
    }
}

/// <summary>The value of a task's own parameter. Which texts are right depends on the task, so reading accepts what any task accepts.</summary>
/// <param name="Parameter">The parameter's name in <see cref="TaskDefinition.Parameters"/>.</param>
public sealed record TaskParameterType(string Parameter) : SettingType
{
    internal IEnumerable<SettingType> Types => TaskCatalog.All.SelectMany(task => task.Parameters)
        .Where(parameter => string.Equals(parameter.Name, Parameter, StringComparison.Ordinal)).Select(TypeOf);

    public override string Expected => string.Join("; or ", Types.Select(type => type.Expected).Distinct(StringComparer.Ordinal));

    public override IReadOnlyList<string> Choices => Types.SelectMany(type => type.Choices).Distinct(StringComparer.Ordinal).ToList();

    /// <summary>What <paramref name="parameter"/> may be. A default written as a whole number makes a whole number.</summary>
    public static SettingType TypeOf(TaskParameter parameter)
    {
        if (parameter.Type is { } type) return type;
        if (parameter.Choices is { } words) return new WordType(words);
        var isWhole = NumberType.TryRead(parameter.Default, out var number) && number == Math.Floor(number) && !parameter.Default!.Contains('.', StringComparison.Ordinal);
        return isWhole
            ? new WholeNumberType((long)(parameter.Minimum ?? int.MinValue), (long)(parameter.Maximum ?? int.MaxValue))
            : new NumberType(parameter.Minimum ?? -1e9, parameter.Maximum ?? 1e9, AboveMinimum: false);
    }

    internal override SettingProblem? Parse(string text, out SettingValue value)
    {
        value = None;
        SettingProblem? problem = null;
        foreach (var type in Types)
        {
            problem = type.Parse(text, out value);
            if (problem is null) return null;
        }

        return problem;
    }
}
