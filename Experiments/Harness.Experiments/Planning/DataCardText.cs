using System.Globalization;
using Harness.Abstractions.Specs;

namespace Harness.Experiments.Planning;

/// <summary>The card of a data file in words, for terminals. The report has its own words in its own language.</summary>
public static class DataCardText
{
    /// <summary>One fact a line: a word, then the sentence.</summary>
    /// <param name="unit">What the file has one of per time step, in the plural.</param>
    public static IEnumerable<string> Lines(DataCard card, string unit)
    {
        ArgumentNullException.ThrowIfNull(card);
        var series = card.Series == 1 ? "" : card.ShortestSeries == card.LongestSeries ? $" in {Number(card.Series)} series of {Number(card.LongestSeries)}" : $" in {Number(card.Series)} series of {Number(card.ShortestSeries)} to {Number(card.LongestSeries)}";
        yield return Line("rows", $"{Number(card.Rows)} {unit}{series}");
        if (card.Time is { } time) yield return Line("time", $"{time.From} to {time.To}, every {Every(time)}{(time.Gaps == 0 ? ", no gaps" : $"; {Number(time.Gaps)} gaps that lack about {Number(time.Absent)} rows")}");
        if (card.Season is { } season) yield return Line("season", $"{Number(season)} rows");
        yield return Line("sequences", $"{Three(card.Windows)} for training, validation and test; at most {Three(card.Independent)} of them share no row");
        if (card.Missing > 0) yield return Line("missing", $"{Number(card.Missing)} values");
        if (card.Constant.Count > 0) yield return Line("constant", string.Join(", ", card.Constant));
        if (card.Duplicate.Count > 0) yield return Line("repeated", string.Join(", ", card.Duplicate));
        if (card.Classes.Count > 0) yield return Line("classes", string.Join(", ", card.Classes.Select(share => $"{share.Name} {Percent(share.Share)}")));
        if (card.Unknown is > 0 and { } unknown) yield return Line("unknown", $"{Percent(unknown)} of the characters of validation and test are not in the vocabulary");
        if (card.Outside is > 0 and { } outside) yield return Line("outside", $"{Percent(outside)} of the answers of validation and test lie outside the range of training");
        foreach (var warning in card.Warnings) yield return Line("warning", Sentence(warning));
    }

    /// <summary>What a warning means and what to do about it.</summary>
    public static string Sentence(DataWarning warning) => warning switch
    {
        DataWarning.NewestFirst => "the newest row comes first, so training sees the future and the test is the past. Name the time: time: COLUMN",
        DataWarning.Interleaved => "several rows have the same date: the file holds several series, and windows run from one into the next. Name the column that tells them apart: group: COLUMN",
        DataWarning.FewWindows => "fewer than 30 independent sequences to evaluate on: a difference seen there may be chance",
        DataWarning.OutsideRange => "many answers lie outside what training has seen; forecasting the change instead of the value may help",
        DataWarning.Sentinel => "a value far from all others looks like a mark for missing ones. Name it: missing_values, with missing: forward",
        DataWarning.UnknownCharacters => "many characters are one unknown symbol, so the loss looks lower than it is. A larger vocabulary tells them apart",
        DataWarning.Gaps => "rows are missing, and a window that crosses a gap takes it for one step",
        DataWarning.Leak => "an input already holds the answer: its value is that of the target later",
        _ => warning.ToString(),
    };

    private static string Line(string topic, string sentence) => $"{topic,-10}{sentence}";

    private static string Every(DataTime time) => time.Unit == "number" ? time.Every.ToString("R", CultureInfo.InvariantCulture) : time.Every == 1 ? time.Unit : $"{time.Every.ToString("0.###", CultureInfo.InvariantCulture)} {time.Unit}s";

    private static string Three(DataWindows windows) => $"{Number(windows.Train)}/{Number(windows.Validation)}/{Number(windows.Test)}";

    private static string Number(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Percent(double share) => (share * 100).ToString(share < 0.1 ? "0.0" : "0", CultureInfo.InvariantCulture) + " %";
}
