using System.Globalization;

namespace Harness.Experiments.Starting;

/// <summary>Lays whole series out as rows, one per step, with the series, its part and its answer beside them.</summary>
internal static class SeriesParts
{
    public const string Series = "series", Part = "part", Answer = "answer";

    /// <summary>Of each class every fifth series of the training file validates; without a test file, another fifth tests.</summary>
    /// <param name="test">The series of the given test file; null for none.</param>
    public static SourceTable Table(SourceSeries train, SourceSeries? test)
    {
        var rows = new List<string[]>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < train.Series.Count; i++)
        {
            var label = train.IsRegression ? "" : train.Series[i].Label;
            var number = seen[label] = seen.GetValueOrDefault(label) + 1;
            var part = (number % 5) switch { 3 => "validation", 0 when test is null => "test", _ => "train" };
            Append(string.Create(CultureInfo.InvariantCulture, $"train-{i + 1}"), part, train.Series[i]);
        }

        for (var i = 0; i < (test?.Series.Count ?? 0); i++) Append(string.Create(CultureInfo.InvariantCulture, $"test-{i + 1}"), "test", test!.Series[i]);
        return new([Series, Part, Answer, .. train.Channels], rows);

        void Append(string name, string part, LabelledSeries one) => rows.AddRange(Steps(one).Select(step => (string[])[name, part, one.Label, .. step]));
    }

    /// <summary>Series for a trained model: without parts, and without answers where none is known.</summary>
    public static SourceTable TableOfNew(SourceSeries series)
    {
        var hasAnswers = series.Series.Any(one => one.Label.Length > 0);
        string[] Answered(LabelledSeries one) => hasAnswers ? [one.Label] : [];
        return new(
            [Series, .. hasAnswers ? [Answer] : Array.Empty<string>(), .. series.Channels],
            [.. series.Series.SelectMany((one, index) => Steps(one).Select(step => (string[])[(index + 1).ToString(CultureInfo.InvariantCulture), .. Answered(one), .. step]))]);
    }

    /// <summary>The values of each step; empty where a channel is shorter.</summary>
    private static IEnumerable<IEnumerable<string>> Steps(LabelledSeries one) =>
        Enumerable.Range(0, one.Steps).Select(step => one.Channels.Select(channel => step < channel.Length ? channel[step] : ""));
}
