using Harness.Experiments.Reading;

namespace Harness.Tests.Experiments;

/// <summary>What a person is told about a cell of a data file that is no number.</summary>
public sealed class CellAdviceTests
{
    [Theory]
    [InlineData("", "every cell needs a value")]
    [InlineData("NA", "every cell needs a value")]
    [InlineData("?", "every cell needs a value")]
    [InlineData("NaN", "every cell needs a value")]
    [InlineData("\"0,1344\"", "write decimals with a point: 0.1344")]
    [InlineData("\"-12,5\"", "write decimals with a point: -12.5")]
    [InlineData("\"1,234,567\"", "no thousands separators")]
    [InlineData("\"1,234.5\"", "no thousands separators")]
    [InlineData("2024-01-01", "a date is no input")]
    [InlineData("2024-01-01 12:30", "a date is no input")]
    [InlineData("word", "not every column holds numbers")]
    public void Each_kind_of_value_gets_its_own_advice(string cell, string advice)
    {
        var rows = SpecText.Series.Split('\n');
        var files = new MemoryFiles(("series.csv", string.Join('\n', rows.Select((row, i) => i == 1 ? $"{cell},1,up" : row))));
        var reading = SpecReader.Read(System.Text.Encoding.UTF8.GetBytes(SpecText.OverSeries("target: level")), "x.yaml", [], files);
        reading.Diagnostics.ShouldContain(diagnostic => diagnostic.Suggestion != null && diagnostic.Suggestion.Contains(advice, StringComparison.Ordinal), DiagnosticText.Human(reading));
    }
}
