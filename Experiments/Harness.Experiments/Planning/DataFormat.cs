using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>Finds out what a trial has to know of its data file. One per task that reads a file.</summary>
internal abstract class DataFormat
{
    // A format is one file and its catalogue entry: nothing else lists it.
    private static readonly Dictionary<string, DataFormat> all = typeof(DataFormat).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(DataFormat)))
        .Select(type => (DataFormat)Activator.CreateInstance(type)!).ToDictionary(format => format.Kind, StringComparer.Ordinal);

    /// <summary>The kinds of tasks whose files can be read.</summary>
    public static IReadOnlyCollection<string> Kinds => all.Keys;

    /// <summary>See <see cref="TaskDefinition.Kind"/>.</summary>
    public abstract string Kind { get; }

    /// <summary>The format of a task that reads a file.</summary>
    public static DataFormat Of(TaskDefinition task) => all[task.Kind];

    /// <summary>Reads a condition's file; problems when it cannot be used. The condition has all the parameters that its task requires.</summary>
    public abstract DataReading Read(SettingResolution resolved, DataFile file, DataSplit split);

    /// <summary>A count as a trial's parameter.</summary>
    protected static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
