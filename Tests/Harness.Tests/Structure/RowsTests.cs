using System.Text.RegularExpressions;
using Harness.Reports.Model;

namespace Harness.Tests.Structure;

/// <summary>A column that is added to a statement must not move what is read from the others.</summary>
public sealed partial class RowsTests
{
    [Fact]
    public void Rows_are_read_by_name()
    {
        var files = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Orchestrator"), "*.cs", SearchOption.AllDirectories).ToList();
        files.Count.ShouldBeGreaterThan(100);
        files.SelectMany(file => File.ReadLines(file).Where(line => ByIndex().IsMatch(line)).Select(line => $"{Path.GetFileName(file)}: {line.Trim()}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("row => row.GetInt64(0)")]
    [InlineData("(byte[])row[2]")]
    [InlineData("reader.IsDBNull(1)")]
    public void Reading_by_index_is_found(string line) => ByIndex().IsMatch(line).ShouldBeTrue();

    [GeneratedRegex(@"\b(row|reader)(\.\w+\(|\[)\d", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ByIndex();
}
