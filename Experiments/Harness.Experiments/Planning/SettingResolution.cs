using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>
/// The settings of one condition. An included arm's value counts before the matrix's level, that before the file's value
/// (for the cell, where values are given per cell), that before the default.
/// </summary>
internal sealed class SettingResolution
{
    private readonly ExperimentSettings settings;
    private readonly SettingLevel?[] varied;

    /// <param name="varied">What the matrix and the arm decide, by <see cref="SettingDescriptor.Ordinal"/>.</param>
    public SettingResolution(ExperimentSettings settings, SettingLevel?[] varied)
    {
        this.settings = settings;
        this.varied = varied;
        Cell = CellCatalog.Get(Find(SettingCatalog.Cell, cell: null)!.Text);
        Task = TaskCatalog.Get(this[SettingCatalog.Task].Text);
    }

    /// <summary>The same condition with some settings decided otherwise.</summary>
    public SettingResolution With(IEnumerable<(SettingDescriptor Descriptor, SettingLevel Level)> changes)
    {
        SettingLevel?[] changed = [.. varied];
        foreach (var (descriptor, level) in changes) changed[descriptor.Ordinal] = level;
        return new SettingResolution(settings, changed);
    }

    public CellDefinition Cell { get; }

    public TaskDefinition Task { get; }

    /// <summary>The value of a setting that always has one.</summary>
    public SettingValue this[SettingDescriptor descriptor] => Find(descriptor)!;

    /// <summary>The value that counts; null when there is none, not even a default.</summary>
    public SettingValue? Find(SettingDescriptor descriptor) => Find(descriptor, Cell.Name);

    /// <summary>The backend that is taken: the one that is written; with auto, what the cell and the device say.</summary>
    public string Kernel => LeavesKernel ? Cell.AutomaticKernel(this[SettingCatalog.Device].Text == "cpu") : this[SettingCatalog.Kernel].Text;

    /// <summary>Whether the backend is left to us.</summary>
    public bool LeavesKernel => this[SettingCatalog.Kernel].Text == "auto";

    /// <summary>Where the value that counts was written; null for defaults.</summary>
    public SettingLevel? Written(SettingDescriptor descriptor) => Written(descriptor, Cell.Name);

    /// <summary>Whether the matrix or the arm decides the setting.</summary>
    public bool IsVaried(SettingDescriptor descriptor) => varied[descriptor.Ordinal] is not null;

    /// <summary>Whether the setting has any effect in the condition: its cell or task has it, and what it needs is set.</summary>
    public bool Has(SettingDescriptor descriptor) =>
        descriptor.AppliesTo?.Invoke(Cell) != false
        && (descriptor.Needs is not { } needed || descriptor.NeededWords.Contains(this[needed].Text, StringComparer.Ordinal))
        && (descriptor.Type is not TaskParameterType type || ParameterOf(type) is not null);

    /// <summary>The task's own definition of a parameter; null when the task has none of that name.</summary>
    public TaskParameter? ParameterOf(TaskParameterType type) =>
        Task.Parameters.FirstOrDefault(parameter => string.Equals(parameter.Name, type.Parameter, StringComparison.Ordinal));

    /// <summary>The value of one of the task's own parameters: written, or the task's default. The parameter has one.</summary>
    public SettingValue Parameter(TaskParameter parameter)
    {
        if (Find(SettingCatalog.Find($"task.{parameter.Name}")!) is { } written) return written;
        return TaskParameterType.TypeOf(parameter).Parse(parameter.Default!, out var value) is { } problem
            ? throw new InvalidOperationException($"The default of the task parameter {parameter.Name}: {problem.Message}.")
            : value;
    }

    /// <summary>See <see cref="Parameter"/>.</summary>
    public SettingValue TaskValue(string name) => Parameter(Task.Parameters.First(parameter => string.Equals(parameter.Name, name, StringComparison.Ordinal)));

    /// <summary>What the condition finds in the file that its task reads; null for generated tasks.</summary>
    public DataReading? Data => Task.ReadsFile ? field ??= settings.Data.Of(this) : null;

    /// <summary>The file that the model's initial weights come from; null where all of them are drawn.</summary>
    public WeightFile? Weights => this[SettingCatalog.Weights].IsAbsent ? null : settings.Weights.Of(this[SettingCatalog.Weights].Text);

    /// <summary>The windows of the data file, at this condition's length.</summary>
    public DataWindows? Windows => Data?.Windows(this[SettingCatalog.Length].Whole, Horizon);

    /// <summary>How many rows beyond a window's last its answers lie.</summary>
    public HorizonRange Horizon => Task.HasHorizon ? HorizonRange.Parse(TaskValue(TaskCatalog.Horizon).Text)!.Value : 1;

    private SettingValue? Find(SettingDescriptor descriptor, string? cell) => Written(descriptor, cell)?.Value ?? descriptor.DefaultValue;

    private SettingLevel? Written(SettingDescriptor descriptor, string? cell)
    {
        if (varied[descriptor.Ordinal] is { } level) return level;
        if (!settings.Base.TryGetValue(descriptor, out var setting)) return null;
        return setting.Common ?? (cell is null ? null : setting.PerCell!.GetValueOrDefault(cell));
    }
}
