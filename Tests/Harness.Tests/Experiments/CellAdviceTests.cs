using Harness.Experiments.Reading;

namespace Harness.Tests.Experiments;

/// <summary>What a person is told about a value of a data file that is no number.</summary>
public sealed class CellAdviceTests
{
    [Theory]
    [InlineData("", "values are missing: missing: forward")]
    [InlineData("NA", "values are missing: missing: forward")]
    [InlineData("?", "values are missing: missing: forward")]
    [InlineData("NaN", "values are missing: missing: forward")]
    [InlineData("\"0,1344\"", "decimals with a comma: decimal: comma")]
    [InlineData("\"-12,5\"", "decimals with a comma: decimal: comma")]
    [InlineData("\"1,234,567\"", "digits in groups: thousands: accept")]
    [InlineData("\"1,234.5\"", "digits in groups: thousands: accept")]
    [InlineData("2024-01-01", "a date is no input: time: level")]
    [InlineData("2024-01-01 12:30", "a date is no input: time: level")]
    [InlineData("word", "for a target that is a class: problem: classify")]
    public void Each_kind_of_value_gets_its_own_advice(string value, string advice)
    {
        var rows = SpecText.Series.Split('\n');
        var files = new MemoryFiles(("series.csv", string.Join('\n', rows.Select((row, i) => i == 1 ? $"{value},1,up" : row))));
        var reading = SpecReader.Read(System.Text.Encoding.UTF8.GetBytes(SpecText.OverSeries()), "x.yaml", [], files);
        reading.Diagnostics.ShouldContain(diagnostic => diagnostic.Suggestion != null && diagnostic.Suggestion.Contains(advice, StringComparison.Ordinal), DiagnosticText.Human(reading));
    }
}
