using Harness.Abstractions.Catalog;
using Harness.Abstractions.Diagnostics;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Planning;

/// <summary>A series in a CSV file: its columns, rows and classes, and whether the training part holds something to learn.</summary>
internal sealed class CsvFormat : DataFormat
{
    public override string Kind => "csv";

    public override DataReading Read(SettingResolution resolved, DataFile file, DataSplit split)
    {
        var columns = resolved.TaskValue("columns");
        var problem = resolved.TaskValue("problem").Text;
        if (resolved.TaskValue("sequence").Text == "whole" && resolved.TaskValue("group").IsAbsent)
            return new DataReading([new(DiagnosticCodes.Conflict, "sequence", "whole series need the column that tells them apart", "group: COLUMN")]);
        var problems = new List<DataProblem>();
        List<KeyValuePair<string, string>> given = [new("separator", resolved.TaskValue("separator").Text), new("target", resolved.TaskValue("target").Text), new("problem", problem), new("split", split.ToString()), .. Extra(resolved)];
        var selection = CsvSelection.Of(new(columns.IsAbsent ? given : [.. given, new("columns", columns.Text)]));
        if (CsvSeries.Read(file.Content, file.Path, selection, problems) is not { } series) return new DataReading(problems);
        Check(series, file.Path, problems);
        List<KeyValuePair<string, string>> parameters =
        [
            new("columns", SettingValue.OfNames(series.Columns).Text), new("inputs", Text(series.Inputs.Count)), new("target", selection.Target),
            new("problem", problem), new("split", split.ToString()), new("separator", series.Separator), .. Extra(resolved),
        ];
        if (selection.IsClassification) parameters.Add(new("classes", Text(series.Classes.Count)));
        var reachesBack = resolved.TaskValue("context").Text == "before";
        return new DataReading(problems)
        {
            File = file, Rows = series.Rows, Parameters = parameters, Split = split.Within(selection.Fold), IsByRows = !selection.IsWhole && selection.Part is null && selection.Fold is null && series.Groups.Count == 1,
            Sequences = (length, horizon) => SequenceSets.Of(series, length, horizon, reachesBack),
            Card = (sets, horizon) => DataCards.Of(series, sets, horizon, series.Head),
        };
    }

    /// <summary>The parameters that a trial has only where they differ from their defaults.</summary>
    private static IEnumerable<KeyValuePair<string, string>> Extra(SettingResolution resolved) =>
        TaskCatalog.SeriesParameters.Select(parameter => parameter.Name).Append("encoding")
            .Select(name => (Parameter: resolved.Task.Parameters.First(parameter => parameter.Name == name), Value: resolved.TaskValue(name)))
            .Where(pair => !pair.Value.IsAbsent && pair.Value.Text != pair.Parameter.Default)
            .Select(pair => new KeyValuePair<string, string>(pair.Parameter.Name, pair.Value.Text));

    /// <summary>Whether the training part holds what has to be learned.</summary>
    private static void Check(CsvSeries series, string path, List<DataProblem> problems)
    {
        var rows = Enumerable.Range(0, series.Rows).Where(row => series.Parts[row] == RowPart.Train && !double.IsNaN(series.Target[row]));
        var known = rows.Select(row => series.Target[row]).Distinct().Take(CsvSeries.MostClasses).ToHashSet();
        if (known.Count == 0) return;
        var (count, isClass, target) = (series.Parts.Count(part => part == RowPart.Train), series.Selection.IsClassification, ShortText.Of(series.Selection.Target));
        if (known.Count == 1)
        {
            problems.Add(new(DiagnosticCodes.DegenerateData, "target", isClass
                ? $"{path}: the {count} rows of the training part are all of class \"{ShortText.Of(series.Classes[(int)known.First()])}\""
                : $"{path}: column \"{target}\" never changes within the {count} rows of the training part", "a target that there is something to learn about"));
        }
        else if (isClass && known.Count < series.Classes.Count)
        {
            var unseen = Enumerable.Range(0, series.Classes.Count).First(number => !known.Contains(number));
            problems.Add(new(DiagnosticCodes.DegenerateData, "target",
                $"{path}: class \"{ShortText.Of(series.Classes[unseen])}\" {(series.Groups.Count == 1 ? $"comes first after the training part, which ends with row {count}" : "is in no series of the training part")}", "every class in the training part", "a larger share for training: split"));
        }
    }
}
