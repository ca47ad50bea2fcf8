using System.Text;
using Harness.Abstractions.Specs;
using Harness.Data;

namespace Harness.Tests.Experiments;

/// <summary>How a person's table is read: order, series, parts, gaps, words, and how numbers are written.</summary>
public sealed class DataReadingTests
{
    private static readonly CsvSelection Plain = new("detect", null, "v", IsClassification: false) { Split = new(50, 25, 25) };

    [Theory]
    [InlineData("2016-07-01 13:00", "2016-07-01T13:00:00Z")]
    [InlineData("2016-07-01 15:00", "2016-07-01T15:00:00+02:00")]
    [InlineData("20160701", "2016-07-01")]
    [InlineData("1/7/2016 0:00", "1.7.2016", "31/12/2016")]
    [InlineData("7/1/2016 1:00 PM", "Jul 1 2016 13:00", "12/31/2016 1:00 AM")]
    [InlineData("1949-01", "01/1949")]
    [InlineData("2016 7 1 13", "2016-07-01 13:00:00.000")]
    public void Times_are_read_as_people_write_them(string one, string same, string? decisive = null)
    {
        double First(string text)
        {
            var times = new TimeText();
            times.Add(text).ShouldBeTrue(text);
            if (decisive is not null) times.Add(decisive).ShouldBeTrue(decisive);
            return times.Resolve().ShouldNotBeNull()[0];
        }

        if (one.Contains("15:00", StringComparison.Ordinal)) (First(one) - First(same)).ShouldBe(7200, "the second names a zone two hours ahead");
        else First(one).ShouldBe(First(same));
    }

    [Theory]
    [InlineData("noon")]
    [InlineData("12:30")]
    [InlineData("2016-13-01")]
    [InlineData("2016-02-30")]
    [InlineData("1/2")]
    [InlineData("")]
    public void Other_texts_are_no_times(string text) => new TimeText().Add(text).ShouldBeFalse();

    [Fact]
    public void Day_and_month_that_exclude_each_other_are_no_column_of_times()
    {
        var times = new TimeText();
        foreach (var text in new[] { "13/1/2020", "1/13/2020" }) times.Add(text).ShouldBeTrue();
        times.Resolve().ShouldBeNull();
    }

    [Theory]
    [InlineData("1,5", true, false, 1.5)]
    [InlineData("-1.234,5", true, true, -1234.5)]
    [InlineData("1,234,567.25", false, true, 1234567.25)]
    [InlineData("1 234", false, true, 1234.0)]
    [InlineData("1'234.5", false, true, 1234.5)]
    [InlineData("1e-3", true, true, 0.001)]
    [InlineData("12,34", false, true, null)]
    [InlineData("1.5", true, false, null)]
    [InlineData("1,2345", false, true, null)]
    [InlineData("1,,234", false, true, null)]
    [InlineData(",5", true, false, 0.5)]
    public void Numbers_are_read_as_the_file_writes_them(string text, bool comma, bool thousands, double? value)
    {
        var isNumber = new NumberStyle(comma, thousands).TryRead(text, out var number);
        (isNumber ? number : (double?)null).ShouldBe(value);
    }

    [Fact]
    public void Rows_are_put_in_order_of_time_within_their_series()
    {
        var series = Read("t,who,v\n2,b,20\n1,a,1\n1,b,10\n2,a,2\n3,a,3\n3,b,30\n", Plain with { Time = ["t"], Group = "who" });
        series.Target.ShouldBe([10, 20, 30, 1, 2, 3], "series as they first appear");
        series.Groups.Select(group => group.Name).ShouldBe(["b", "a"]);
        series.WasSorted.ShouldBeTrue();
        series.Columns.ShouldBe(["v"]);
    }

    [Fact]
    public void Two_rows_of_one_time_are_refused_with_both_lines()
    {
        var problem = Refused("t,v\n1,1\n2,2\n2,3\n", Plain with { Time = ["t"] });
        problem.Message.ShouldBe("x.csv:4:1: the time of this row is that of line 3");
        problem.Suggestion.ShouldNotBeNull().ShouldContain("group");
    }

    [Fact]
    public void Every_column_that_cannot_be_read_is_named_at_once_with_its_cure()
    {
        var problem = Refused("day,v,w,site,load\n2020-01-01,1,\"2,5\",north,NA\n2020-01-02,2,\"2,6\",south,3\n", Plain);
        problem.Message.ShouldBe("x.csv:2:1: column \"day\" holds \"2020-01-01\", which is not a number (the first of 2 such values); nor can \"w\" be read (2 values, the first is \"2,5\"), \"site\" be read (2 values, the first is \"north\"), \"load\" be read (\"NA\")");
        foreach (var cure in new[] { "decimal: comma", "time: day", "missing: forward", "categorical: [site]", "columns: [v]" }) problem.Suggestion.ShouldNotBeNull().ShouldContain(cure);
    }

    [Fact]
    public void A_value_is_counted_once_though_target_and_inputs_hold_it() =>
        Refused("v,w\n1,1\nNA,2\n", Plain).Message.ShouldBe("x.csv:3:1: column \"v\" holds \"NA\", which is not a number");

    [Fact]
    public void Forward_takes_the_value_before_and_never_one_after()
    {
        var series = Read("v,w\n1,\n2,5\n3,NA\n4,?\n5,6\n6,7\n7,8\n8,9\n", Plain with { Missing = MissingRule.Forward });
        series.Inputs.Single(input => input.Column == "w").Values.ShouldBe([double.NaN, 5, 5, 5, 6, 7, 8, 9]);
        (series.MissingCells, series.FilledFromLater).ShouldBe((3, null));
    }

    [Fact]
    public void Interpolation_draws_a_line_and_windows_that_end_inside_it_are_left_out()
    {
        var series = Read("v,w\n1,1\n2,2\n3,\n4,4\n5,5\n6,6\n7,7\n8,8\n", Plain with { Missing = MissingRule.Interpolate, Split = new(80, 20, 0) });
        series.Inputs.Single(input => input.Column == "w").Values.ShouldBe([1, 2, 3, 4, 5, 6, 7, 8]);
        // Six rows train; of the windows of two rows that begin at rows 0 to 3 the one that ends in row 2 would know row 3.
        var train = SequenceSets.Of(series, 2, 1, reachesBack: false).Train;
        Enumerable.Range(0, train.Count).Select(i => train[i]).ShouldBe([0, 2, 3]);
    }

    [Fact]
    public void Mask_adds_an_input_that_says_what_is_missing()
    {
        var series = Read("v,w\n1,-200\n2,2\n3,3\n4,-200.0\n", Plain with { Missing = MissingRule.Mask, MissingValues = ["-200"] });
        series.Inputs.Select(input => (input.Column, input.IsFlag)).ShouldBe([("v", false), ("w", false), ("w", true)]);
        series.Inputs[2].Values.ShouldBe([1, 0, 0, 1]);
    }

    [Fact]
    public void Windows_whose_answer_is_missing_are_left_out()
    {
        var series = Read("v,w\n1,1\n2,2\n,3\n4,4\n5,5\n6,6\n7,7\n8,8\n", Plain with { Missing = MissingRule.Forward });
        var train = SequenceSets.Of(series, 1, 1, reachesBack: false).Train;
        Enumerable.Range(0, train.Count).Select(i => train[i]).ShouldBe([0, 2], "row 2 has no answer");
    }

    [Fact]
    public void Words_of_the_training_part_become_inputs_and_later_ones_do_not()
    {
        var series = Read("v,site\n1,b\n2,a\n3,b\n4,c\n", Plain with { Categorical = ["site"] });
        series.Inputs.Skip(1).Select(input => input.Word).ShouldBe(["a", "b"], "rows 3 and 4 are validation and test");
        series.Inputs[2].Values.ShouldBe([1, 0, 1, 0]);
    }

    [Fact]
    public void No_window_crosses_from_one_series_to_another_or_over_a_cut()
    {
        var text = "who,v\n" + string.Concat(Enumerable.Range(0, 40).Select(row => $"{(row % 2 == 0 ? "a" : "b")},{row}\n"));
        var series = Read(text, Plain with { Group = "who" });
        foreach (var reachesBack in new[] { false, true })
        {
            var sets = SequenceSets.Of(series, 3, 1, reachesBack);
            foreach (var (set, part) in new[] { (sets.Train, RowPart.Train), (sets.Validation, RowPart.Validation), (sets.Test, RowPart.Test) })
            {
                set.Count.ShouldBeGreaterThan(0);
                for (var i = 0; i < set.Count; i++)
                {
                    series.Parts[set[i] + 3].ShouldBe(part);
                    (set[i] / 20).ShouldBe((set[i] + 3) / 20, "one series");
                    if (!reachesBack) series.Parts[set[i]].ShouldBe(part);
                }
            }
        }
    }

    [Fact]
    public void Windows_that_reach_back_ask_for_the_same_rows_whatever_their_length()
    {
        var series = Read("v\n" + string.Concat(Enumerable.Range(0, 100).Select(row => $"{row * row % 17}\n")), Plain);
        int[] Answers(int length)
        {
            var sets = SequenceSets.Of(series, length, 2, reachesBack: true);
            return [.. Enumerable.Range(0, sets.Validation.Count).Select(i => sets.Validation[i] + length + 1), .. Enumerable.Range(0, sets.Test.Count).Select(i => sets.Test[i] + length + 1)];
        }

        Answers(1).ShouldBe(Enumerable.Range(50, 50));
        foreach (var length in new[] { 2, 7, 30 }) Answers(length).ShouldBe(Answers(1));
    }

    [Fact]
    public void Whole_series_have_one_answer_and_one_part()
    {
        var whole = Plain with { IsClassification = true, IsWhole = true, Group = "s", Part = "p", Target = "c" };
        var series = Read("s,p,c,v\n1,train,x,1\n1,train,x,2\n2,test,y,3\n3,val,y,4\n", whole);
        series.Columns.ShouldBe(["v"]);
        SequenceSets.Of(series, 2, 1, reachesBack: false).Counts.ShouldBe(new DataWindows(1, 1, 1));
        Refused("s,p,c,v\n1,train,x,1\n1,train,y,2\n", whole).Message.ShouldBe("x.csv:3:1: series \"1\" has a second target here; with sequence: whole each series has one");
        Refused("s,p,c,v\n1,later,x,1\n", whole).Message.ShouldContain("\"later\", which names no part");
    }

    [Fact]
    public void First_lines_and_last_rows_of_spreadsheets_are_no_rows()
    {
        var series = Read("sep=;\r\n;v;w\r\n0;1;2\r\n\r\n1;3;4\r\n;;\r\n;;\r\n", Plain);
        (series.Rows, series.Columns.Count).ShouldBe((2, 2));
        Refused("v,w\n1,2\n,\n3,4\n", Plain).Message.ShouldContain("x.csv:3:1: column \"v\" is empty");
    }

    [Theory]
    [InlineData("v w\n1   2\n 3 4 \n", "space")]
    [InlineData("v|w\n1|2\n3|4\n", "detect")]
    public void Other_separators_are_known(string text, string separator) => Read(text, Plain with { Separator = separator, Columns = ["w", "v"] }).Inputs[0].Values.ShouldBe([2, 4]);

    [Fact]
    public void Card_says_what_makes_a_verdict_doubtful()
    {
        DataCard Card(string text, CsvSelection selection, int length = 2)
        {
            var series = Read(text, selection);
            return DataCards.Of(series, SequenceSets.Of(series, length, 1, reachesBack: true), 1, DecodedText.Of(text));
        }

        var alone = Plain with { Columns = ["v"] };
        Card(Days(80, day => $"{new DateTime(2020, 1, 1).AddDays(-day):yyyy-MM-dd},{day % 7}"), alone).Warnings.ShouldContain(DataWarning.NewestFirst);
        Card(Days(80, day => $"{new DateTime(2020, 1, 1).AddDays(day / 2):yyyy-MM-dd},{day % 7}"), alone).Warnings.ShouldContain(DataWarning.Interleaved);
        Card(Days(80, day => $"{new DateTime(2020, 1, 1).AddDays(day):yyyy-MM-dd},{(day % 9 == 4 ? -999 : day % 7)}"), alone).Warnings.ShouldContain(DataWarning.Sentinel);
        var gaps = Card(Days(80, day => $"{new DateTime(2020, 1, 1).AddDays(day + day / 40 * 5):yyyy-MM-dd},{day % 7}"), Plain with { Time = ["day"] });
        gaps.Warnings.ShouldContain(DataWarning.Gaps);
        (gaps.Time!.Every, gaps.Time.Unit, gaps.Time.Gaps, gaps.Time.Absent).ShouldBe((1, "day", 1, 5));
        Card(Days(400, day => $"{new DateTime(2020, 1, 1).AddDays(day):yyyy-MM-dd},{day % 7}"), Plain with { Time = ["day"] }).Warnings.ShouldBeEmpty();
        Card("v,w\n" + string.Concat(Enumerable.Range(0, 90).Select(row => $"{row * row % 31},{(row + 1) * (row + 1) % 31}\n")), Plain).Warnings.ShouldContain(DataWarning.Leak);

        static string Days(int count, Func<int, string> row) => "day,v\n" + string.Concat(Enumerable.Range(0, count).Select(day => row(day) + "\n"));
    }

    private static CsvSeries Read(string text, CsvSelection selection)
    {
        var problems = new List<DataProblem>();
        var series = CsvSeries.Read(Encoding.UTF8.GetBytes(text), "x.csv", selection, problems);
        problems.ShouldBeEmpty();
        return series.ShouldNotBeNull();
    }

    private static DataProblem Refused(string text, CsvSelection selection)
    {
        var problems = new List<DataProblem>();
        CsvSeries.Read(Encoding.UTF8.GetBytes(text), "x.csv", selection, problems).ShouldBeNull();
        return problems.ShouldHaveSingleItem();
    }
}
