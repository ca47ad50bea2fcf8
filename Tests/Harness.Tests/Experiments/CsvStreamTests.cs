using System.Globalization;
using System.Text;
using Harness.Data;

namespace Harness.Tests.Experiments;

/// <summary>Files are read piece by piece: what stands at the edge of a piece is read as anywhere else.</summary>
public sealed class CsvStreamTests
{
    /// <summary>Longer than several pieces, with line breaks, quotes and pairs of UTF-16 units at many places.</summary>
    private static List<string[]> Records(int count) =>
        [.. Enumerable.Range(0, count).Select(row => new[] { row.ToString(CultureInfo.InvariantCulture), new string('x', row % 37), $"é\"{row}\"\r\n,", string.Concat(Enumerable.Repeat("😀", row % 11)) })];

    private static string Written(IEnumerable<string[]> records, string lineEnd) =>
        string.Concat(records.Select(record => string.Join(',', record.Select(cell => cell.AsSpan().IndexOfAny("\",\r\n") >= 0 ? $"\"{cell.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : cell)) + lineEnd));

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    public void Records_are_the_same_wherever_a_piece_ends(string lineEnd)
    {
        var records = Records(9_000);
        var text = Written(records, lineEnd);
        text.Length.ShouldBeGreaterThan(4 * 65_536);
        foreach (var bytes in new[] { Encoding.UTF8.GetBytes(text), [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(text)] })
        {
            var csv = new CsvText(DataText.Open(bytes, "x.csv", [])!, ',');
            foreach (var record in records)
            {
                csv.Next().ShouldBeTrue();
                csv.Fields.Select(csv.Value).ShouldBe(record);
            }

            csv.Next().ShouldBeFalse();
            csv.Fault.ShouldBeNull();
        }
    }

    [Fact]
    public void A_record_may_be_longer_than_a_piece()
    {
        var text = $"a,b\n1,\"{new string('y', 300_000)}\"\n2,z\n";
        var csv = new CsvText(text, ',');
        (csv.Next(), csv.Next()).ShouldBe((true, true));
        csv.Value(csv.Fields[1]).Length.ShouldBe(300_000);
        csv.Next().ShouldBeTrue();
        csv.Fields.Select(csv.Value).ShouldBe(["2", "z"]);
    }

    [Fact]
    public void A_fault_far_into_the_file_is_told_with_its_line_and_column()
    {
        var lines = Enumerable.Range(0, 60_000).Select(row => FormattableString.Invariant($"{row},{row * 0.5}")).ToList();
        lines[50_000] = "50000,2x";
        var problems = new List<DataProblem>();
        CsvSeries.Read(Encoding.UTF8.GetBytes("a,b\n" + string.Join('\n', lines)), "x.csv", new("detect", null, "a", false), problems).ShouldBeNull();
        problems.ShouldHaveSingleItem().Message.ShouldStartWith("x.csv:50002:7: column \"b\" holds \"2x\"");
    }

    [Fact]
    public void Numbers_are_those_that_a_parser_of_the_whole_text_finds()
    {
        var random = new Random(5);
        double[] values = [.. Enumerable.Range(0, 40_000).Select(_ => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-12, 12)))];
        var series = CsvSeries.Read(Encoding.UTF8.GetBytes("v\n" + string.Concat(values.Select(value => value.ToString("R", CultureInfo.InvariantCulture) + "\n"))), "x.csv", new("detect", null, "v", false), [])!;
        series.Inputs[0].Values.Select(BitConverter.DoubleToInt64Bits).ShouldBe(values.Select(BitConverter.DoubleToInt64Bits));
        series.Target.Select(BitConverter.DoubleToInt64Bits).ShouldBe(values.Select(BitConverter.DoubleToInt64Bits));
    }

    [Fact]
    public void The_card_sees_the_same_rows_in_the_beginning_that_is_kept()
    {
        var text = "day,v\n" + string.Concat(Enumerable.Range(0, 150_000).Select(row => FormattableString.Invariant($"{new DateTime(2400, 1, 1).AddDays(-row):yyyy-MM-dd},{row % 7}\n")));
        var whole = DataText.Open(Encoding.UTF8.GetBytes(text), "x.csv", [])!;
        var (all, head) = (CsvProfile.Of(whole)!, CsvProfile.Of(whole.Head())!);
        whole.Head().ToString().Length.ShouldBeLessThan(text.Length);
        head.Rows.ShouldBe(all.Rows);
        head.Columns.Select(column => (column.Name, column.Rows, column.Numbers, column.Dates)).ShouldBe(all.Columns.Select(column => (column.Name, column.Rows, column.Numbers, column.Dates)));
        head.Columns[0].Times.ShouldBe(all.Columns[0].Times);
    }

    [Theory]
    [InlineData("a\n1\n\n", 1)]
    [InlineData("a,b\n1,2\n\n\n3,4", 2)]
    [InlineData("a,b\n1,2", 1)]
    [InlineData("sep=;\na;b\n1;2\n", 1)]
    public void Empty_lines_and_a_missing_last_line_end_are_no_records(string text, int rows)
    {
        var csv = new CsvText(text, CsvText.DetectSeparator(text));
        var found = 0;
        while (csv.Next()) found++;
        (found - 1, csv.Fault).ShouldBe((rows, null));
    }
}
