using System.Globalization;
using Harness.Experiments.Data;
using Harness.Experiments.Specs;
using Harness.Experiments.Yaml;

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
        string[] words = [.. resolved.Task.Parameters.Where(parameter => parameter.Name != "horizon").Select(parameter => resolved.Parameter(parameter).Text)];
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
        return resolved.Task.Kind == "text" ? ReadText(resolved, file, split) : ReadSeries(resolved, file, split);
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

    private static DataReading ReadText(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var problems = new List<DataProblem>();
        var corpus = TextCorpus.Read(file.Content.Span, file.Path, split, resolved.TaskValue("vocabulary").Whole, problems);
        if (corpus is null) return new DataReading(problems);
        return new DataReading([])
        {
            File = file, Split = split, Rows = corpus.Symbols.Length,
            Parameters = [new("split", split.ToString()), new("symbols", Text(corpus.Vocabulary.Count + 1))],
        };
    }

    private static DataReading ReadSeries(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var columns = resolved.TaskValue("columns");
        var problem = resolved.TaskValue("problem").Text;
        var problems = new List<DataProblem>();
        var selection = new CsvSelection(resolved.TaskValue("separator").Text, columns.IsAbsent ? null : columns.Words, resolved.TaskValue("target").Text, problem == "classify");
        if (CsvSeries.Read(file.Content.Span, file.Path, selection, problems) is not { } series) return new DataReading(problems);
        Check(series, file.Path, selection, split, problems);
        List<KeyValuePair<string, string>> parameters =
        [
            new("columns", SettingValue.OfNames(series.Columns).Text), new("inputs", Text(series.Columns.Count)), new("target", selection.Target),
            new("problem", problem), new("split", split.ToString()), new("separator", series.Separator),
        ];
        if (selection.IsClassification) parameters.Add(new("classes", Text(series.Classes.Count)));
        return new DataReading(problems) { File = file, Split = split, Rows = series.Rows, Parameters = parameters };
    }

    /// <summary>Whether the training part holds what has to be learned.</summary>
    private static void Check(CsvSeries series, string path, CsvSelection selection, DataSplit split, List<DataProblem> problems)
    {
        var train = split.Of(series.Rows).Train;
        if (train.Count == 0) return;
        var known = series.Target.Take(train.End).Distinct().Take(CsvSeries.MostClasses).ToArray();
        var target = YamlScalar.OneLine(selection.Target);
        if (known.Length == 1)
        {
            problems.Add(new(DiagnosticCodes.DegenerateData, "target", selection.IsClassification
                ? $"{path}: the {train.End} rows of the training part are all of class \"{YamlScalar.OneLine(series.Classes[0])}\""
                : $"{path}: column \"{target}\" never changes within the {train.End} rows of the training part", "a target that there is something to learn about"));
        }
        else if (selection.IsClassification && known.Length < series.Classes.Count)
        {
            problems.Add(new(DiagnosticCodes.DegenerateData, "target",
                $"{path}: class \"{YamlScalar.OneLine(series.Classes[known.Length])}\" comes first after the training part, which ends with row {train.End}", "every class in the training part", "a larger share for training: split"));
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
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

    /// <summary>Windows of the three parts.</summary>
    public DataWindows Windows(int length, int horizon)
    {
        var (train, validation, test) = Split!.Of(Rows);
        return new(train.Windows(length, horizon), validation.Windows(length, horizon), test.Windows(length, horizon));
    }
}
