using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Planning;

/// <summary>The data files of one experiment: each is opened and hashed once, and parsed once per selection of its columns.</summary>
internal sealed class TaskData(IDataFiles files)
{
    private readonly Dictionary<string, (DataFile? File, DataProblem? Problem)> opened = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DataReading> readings = new(StringComparer.Ordinal);

    /// <summary>The files that were read, each content once.</summary>
    public IReadOnlyList<DataFile> Files => [.. opened.Values.Select(entry => entry.File).OfType<DataFile>().DistinctBy(file => file.Sha256, StringComparer.Ordinal)];

    /// <summary>What a condition finds in its file. The condition has all the parameters that its task requires.</summary>
    public DataReading Of(SettingResolution resolved)
    {
        // Neither length nor horizon decide what is in a file.
        string[] words = [.. resolved.Task.Parameters.Where(parameter => parameter.Name != TaskCatalog.Horizon).Select(parameter => resolved.Parameter(parameter).Text)];
        // With its length before it, no word can look like two.
        var key = string.Concat(words.Prepend(resolved.Task.Kind).Select(word => string.Create(CultureInfo.InvariantCulture, $"{word.Length}:{word}")));
        return readings.TryGetValue(key, out var known) ? known : readings[key] = Read(resolved);
    }

    private DataReading Read(SettingResolution resolved)
    {
        var path = resolved.TaskValue("file").Text;
        var (file, problem) = Open(path);
        if (file is null) return new DataReading([problem!]);
        var split = DataSplit.Parse(resolved.TaskValue("split").Text)!;
        return DataFormat.Of(resolved.Task).Read(resolved, file, split);
    }

    private (DataFile? File, DataProblem? Problem) Open(string path)
    {
        if (opened.TryGetValue(path, out var known)) return known;
        try
        {
            return opened[path] = (files.Open(path), null);
        }
        catch (DataFileException refusal)
        {
            return opened[path] = (null, new(refusal.Code, "file", $"{path}: {refusal.Message}", refusal.Expected));
        }
    }
}

/// <summary>What is in a file, for one selection of it; problems when it cannot be used, and then nothing else counts.</summary>
internal sealed record DataReading(IReadOnlyList<DataProblem> Problems)
{
    public DataFile? File { get; init; }

    public DataSplit? Split { get; init; }

    /// <summary>Rows, or characters.</summary>
    public int Rows { get; init; }

    /// <summary>What goes into the trial, beside horizon and content.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Parameters { get; init; } = [];

    /// <summary>Whether the parts are cut by rows, so that more rows would mean more windows.</summary>
    public bool IsByRows { get; init; } = true;

    /// <summary>The sequences of the three parts, by length and horizon.</summary>
    public Func<int, HorizonRange, SequenceSets>? Sequences { get; init; }

    /// <summary>The card of the file, by its sequences and the horizon.</summary>
    public Func<SequenceSets, HorizonRange, DataCard>? Card { get; init; }

    private readonly Dictionary<(int Length, HorizonRange Horizon), DataWindows> counted = [];

    private readonly Dictionary<(int Length, HorizonRange Horizon), DataCard> cards = [];

    /// <summary>Sequences of the three parts.</summary>
    public DataWindows Windows(int length, HorizonRange horizon) =>
        counted.TryGetValue((length, horizon), out var known) ? known : counted[(length, horizon)] = Sequences!(length, horizon).Counts;

    /// <summary>What the file holds for sequences of this length.</summary>
    public DataCard CardOf(int length, HorizonRange horizon) =>
        cards.TryGetValue((length, horizon), out var known) ? known : cards[(length, horizon)] = Card!(Sequences!(length, horizon), horizon);
}
