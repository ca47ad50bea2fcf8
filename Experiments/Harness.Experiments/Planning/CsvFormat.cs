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
        var target = ShortText.Of(selection.Target);
        if (known.Length == 1)
        {
            problems.Add(new(DiagnosticCodes.DegenerateData, "target", selection.IsClassification
                ? $"{path}: the {train.End} rows of the training part are all of class \"{ShortText.Of(series.Classes[0])}\""
                : $"{path}: column \"{target}\" never changes within the {train.End} rows of the training part", "a target that there is something to learn about"));
        }
        else if (selection.IsClassification && known.Length < series.Classes.Count)
        {
            problems.Add(new(DiagnosticCodes.DegenerateData, "target",
                $"{path}: class \"{ShortText.Of(series.Classes[known.Length])}\" comes first after the training part, which ends with row {train.End}", "every class in the training part", "a larger share for training: split"));
        }
    }
}
