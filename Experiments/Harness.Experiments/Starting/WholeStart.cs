using System.Globalization;
using System.Text;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Starting;

/// <summary>An experiment over whole series, each with one answer.</summary>
internal static class WholeStart
{
    /// <summary>Steps that are read of a series; longer ones are cut to their end.</summary>
    private const int LongestRead = 1_000;

    public static StartedExperiment Of(string name, SourceSeries train, SourceSeries? test, IReadOnlyList<SourceFile> files, string? target)
    {
        if (target is not null) throw new StartRefusedException("The series of these files have one answer each, which is the target; --target has no meaning.");
        if (test is not null && !test.Channels.SequenceEqual(train.Channels, StringComparer.Ordinal)) throw new StartRefusedException($"{files[1].Name} has {test.Channels.Count} dimensions, {files[0].Name} has {train.Channels.Count}. Both need the same.");
        var table = SeriesParts.Table(train, test);
        var data = Encoding.UTF8.GetBytes(table.ToCsv());
        if (data.Length > DataFile.LargestBytes) throw ExperimentStart.TooLarge($"{name}.csv, which the series make,", data.Length, isTable: false);
        List<LabelledSeries> all = [.. train.Series, .. test?.Series ?? []];
        var (shortest, longest) = (all.Min(series => series.Steps), all.Max(series => series.Steps));
        var hasGaps = all.Exists(series => series.Channels.Any(channel => channel.Length < series.Steps || channel.Contains("", StringComparer.Ordinal)));
        var classes = train.IsRegression ? 0 : train.Series.Select(series => series.Label).Distinct(StringComparer.Ordinal).Count();
        List<string> notes =
        [
            Note("file", $"{files.Count switch { 1 => "one file", _ => "a training and a test file" }} of whole series; written as {name}.csv, one row per step"),
            Note("series", string.Create(CultureInfo.InvariantCulture, $"{all.Count:N0}, {(shortest == longest ? $"each of {longest:N0} steps" : $"of {shortest:N0} to {longest:N0} steps")}, {train.Channels.Count} value{(train.Channels.Count == 1 ? "" : "s")} a step")),
            Note("problem", train.IsRegression ? "forecast: the answers are numbers" : $"classify: {classes} classes"),
            Note("parts", test is null ? "of each class three series in five train, one validates, one tests" : "of each class of the training file one series in five validates; the test file tests"),
        ];
        if (hasGaps) notes.Add(Note("missing", "a missing value takes the one before it"));
        var length = Math.Min(longest, LongestRead);
        if (length < longest) notes.Add(Note("length", string.Create(CultureInfo.InvariantCulture, $"the last {length} steps of each series; a longer `length` reads more")));
        var yaml = new ExperimentText()
            .Comment($"Made by `harness new` from {string.Join(" and ", files.Select(file => file.Name))}.").Comment("Each network reads a whole series and gives one answer at its end.").Line()
            .Line("version: 1").Line($"name: {ExperimentText.Quoted(name)}").Line($"question: {(train.IsRegression ? "Which network finds the number of a series best?" : "Which network tells the classes of these series apart best?")}").Line()
            .Line("task:").Key("kind", "csv").Key("file", ExperimentText.Quoted(name + ".csv"), "one row per step of each series")
            .Key("columns", ExperimentText.List(train.Channels)).Key("target", SeriesParts.Answer).Key("problem", train.IsRegression ? "forecast" : "classify")
            .Key("sequence", "whole", "each series is one sequence").Key("group", SeriesParts.Series, "the column that tells series apart").Key("part", SeriesParts.Part, "train, validation or test")
            .Key("length", length.ToString(CultureInfo.InvariantCulture), shortest == longest ? "steps of a series" : "steps of the longest series");
        if (hasGaps) yaml.Key("missing", "forward");
        yaml.Training(hidden: 32, steps: 1000, batch: 32, isText: false);
        return new(name, yaml.ToString(), name + ".csv", data, notes);
    }

    private static string Note(string topic, string sentence) => $"{topic,-10}{sentence}";
}
