using System.Globalization;
using System.Text;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Experiments.Starting;

/// <summary>An experiment over the rows of a table.</summary>
internal static class TableStart
{
    public static StartedExperiment Of(string name, string file, ReadSource source, string? target, string? horizon)
    {
        var profile = source.Profile ?? throw new StartRefusedException($"{file}: {source.Fault}");
        if (profile.Fault is { } fault) throw new StartRefusedException($"{file}: {fault}.");
        var roles = new ColumnRoles(profile, target, file);
        var ahead = HorizonOf(horizon, roles.IsClassification);
        var notes = new List<string> { Note("file", string.Create(CultureInfo.InvariantCulture, $"{source.Kind}, {profile.Columns.Count} columns, {profile.Rows:N0} rows{(profile.Rows == CsvProfile.MostRows ? " looked at" : "")}")) };
        var isConverted = source.IsConverted || profile.HasNoHeader;
        if (profile.HasNoHeader) notes.Add(Note("header", "the first line holds numbers; the columns are called column1, column2, ..."));
        notes.AddRange(roles.Notes);

        var csv = isConverted ? (profile.HasNoHeader ? source.Cut() : null)?.ToCsv() ?? source.Text : source.Text;
        var data = isConverted ? Encoding.UTF8.GetBytes(csv) : null;
        if (data?.Length > DataFile.LargestBytes) throw ExperimentStart.TooLarge($"{name}.csv, which the file becomes,", data.Length, isTable: false);
        var selection = SelectionOf(profile, roles, isConverted);
        var series = ReadOr(selection, csv, file, notes, out selection);
        var split = new DataSplit(70, 15, 15);
        var length = LengthOf(series, notes);
        var dataName = isConverted ? name + ".csv" : file;
        var yaml = new ExperimentText()
            .Comment($"Made by `harness new` from {file}: {source.Kind}.").Comment($"Each network reads a window of rows and {(roles.IsClassification ? "names the class" : "forecasts the target")} {Asked(ahead)}.").Line()
            .Line("version: 1").Line($"name: {ExperimentText.Quoted(name)}").Line($"question: {ExperimentText.Quoted($"Which network {(roles.IsClassification ? "names" : "forecasts")} {roles.Target.Name} best, and does any beat the simple {(roles.IsClassification ? "guesses" : "forecasts")}?")}").Line()
            .Line("task:").Key("kind", "csv").Key("file", ExperimentText.Quoted(dataName)).Key("columns", ExperimentText.List(roles.Inputs), "what the network sees").Key("target", ExperimentText.Quoted(roles.Target.Name), "what is asked for");
        if (selection.Time.Count > 0) yaml.Key("time", selection.Time.Count == 1 ? ExperimentText.Quoted(selection.Time[0]) : ExperimentText.List(selection.Time), "rows are read in this order");
        if (selection.Group is not null) yaml.Key("group", ExperimentText.Quoted(selection.Group), "no window crosses from one series to another");
        yaml.Key("problem", roles.IsClassification ? "classify" : "forecast")
            .Key("length", length.ToString(CultureInfo.InvariantCulture), "rows of a window")
            .Key("horizon", ahead.ToString(), ahead.IsRange ? "rows beyond the window's end, each with an answer" : "rows between the window's end and the answer")
            .Key("split", split.ToString(), "percent for training, validation, test, in order of time")
            .Key("context", "before", "every row of a part is asked for, whatever the length");
        if (selection.Categorical.Count > 0) yaml.Key("categorical", ExperimentText.List(selection.Categorical), "each word becomes an input of 0 or 1");
        if (selection.Missing != MissingRule.Refuse) yaml.Key("missing", "forward", "the value before it stands in; or interpolate, mask");
        if (selection.MissingValues.Count > 0) yaml.Key("missing_values", ExperimentText.List(selection.MissingValues));
        if (selection.HasDecimalComma) yaml.Key("decimal", "comma");
        if (selection.HasThousands) yaml.Key("thousands", "accept");
        if (selection.Separator != "detect") yaml.Key("separator", selection.Separator);
        if (selection.Encoding != DataText.Detect) yaml.Key("encoding", selection.Encoding);
        yaml.Training(hidden: 32, steps: 1000, batch: 32, isText: false);
        return new(name, yaml.ToString(), dataName, data, notes);

        CsvSelection SelectionOf(CsvProfile profile, ColumnRoles roles, bool isConverted) =>
            new(!isConverted && profile.Separator != CsvText.DetectSeparator(source.Text) ? profile.SeparatorWord : "detect", roles.Inputs, roles.Target.Name, roles.IsClassification)
            {
                Time = roles.Time, Group = source.Group ?? roles.Group, Categorical = roles.Categorical,
                Missing = roles.HasMissing ? MissingRule.Forward : MissingRule.Refuse, MissingValues = roles.MissingValues,
                HasDecimalComma = profile.HasDecimalComma, HasThousands = profile.HasThousands,
                Encoding = isConverted ? DataText.Detect : source.Encoding,
            };
    }

    private static string Asked(HorizonRange ahead) => ahead.IsRange ? string.Create(CultureInfo.InvariantCulture, $"of each of the rows {ahead.First} to {ahead.Last} beyond it, all at once")
        : ahead.Last == 1 ? "of the next row" : string.Create(CultureInfo.InvariantCulture, $"of the row {ahead.Last} rows beyond it");

    private static HorizonRange HorizonOf(string? text, bool isClassification)
    {
        if (text is null) return 1;
        if (HorizonRange.Parse(text) is not { First: > 0 } horizon) throw new StartRefusedException($"--horizon {text}: expected the rows ahead, such as 1, or a range of at most {HorizonRange.MostSteps} rows, such as 1..12.");
        return horizon.IsRange && isClassification ? throw new StartRefusedException($"--horizon {text}: a class is asked for one row, not for a range of rows. --target names a column of numbers.") : horizon;
    }

    /// <summary>The series; where the times cannot be used, in the order of the rows.</summary>
    private static CsvSeries ReadOr(CsvSelection selection, string csv, string file, List<string> notes, out CsvSelection used)
    {
        List<DataProblem> problems = [];
        used = selection;
        var bytes = Encoding.UTF8.GetBytes(csv);
        if (CsvSeries.Read(bytes, file, used with { Encoding = DataText.Detect }, problems) is { } series) return series;
        if (problems.TrueForAll(problem => problem.Setting == "time"))
        {
            notes.Add(Note("time", $"not used: {problems[0].Message}. Rows are read as they stand"));
            problems.Clear();
            used = selection with { Time = [] };
            if (CsvSeries.Read(bytes, file, used with { Encoding = DataText.Detect }, problems) is { } plain) return plain;
        }

        throw new StartRefusedException(string.Join("\n", problems.Select(problem => $"{problem.Message}{(problem.Suggestion is { } cure ? $" ({cure})" : "")}.")));
    }

    /// <summary>A season and one row; without a season what people take for this unit of time; a quarter of the training part at most.</summary>
    private static int LengthOf(CsvSeries series, List<string> notes)
    {
        var card = DataCards.Of(series, SequenceSets.Of(series, 1, 1, reachesBack: true), 1, null);
        var most = Math.Max(2, series.Groups.Max(group => group.Count) * 70 / 100 / 4);
        var (wanted, why) = card.Season is { } season ? (season + 1, string.Create(CultureInfo.InvariantCulture, $"the changes repeat after {season} rows"))
            : card.Time?.Unit switch
            {
                "minute" or "second" => (60, "an hour or a minute of rows"),
                "hour" => (24, "a day of hours"),
                "day" => (30, "a month of days"),
                "week" => (26, "half a year of weeks"),
                "month" => (12, "a year of months"),
                "quarter" => (8, "two years of quarters"),
                _ => (24, "no season was found"),
            };
        var length = Math.Min(wanted, most);
        notes.Add(Note("length", string.Create(CultureInfo.InvariantCulture, $"{length} rows: {(length < wanted ? "a quarter of the training part" : why)}")));
        return length;
    }

    private static string Note(string topic, string sentence) => $"{topic,-10}{sentence}";
}
