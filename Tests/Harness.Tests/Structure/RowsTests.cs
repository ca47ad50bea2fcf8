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

    /// <summary>A change of the schema is then a change of one project.</summary>
    [Fact]
    public void Statements_are_written_in_the_store_alone()
    {
        var files = ((string[])["Experiments", "Workers", "Reports", "Orchestrator"])
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor").ToLookup(file => file.Contains($"{Path.DirectorySeparatorChar}Harness.Store{Path.DirectorySeparatorChar}", StringComparison.Ordinal));
        files[true].Count(file => Statement().IsMatch(File.ReadAllText(file))).ShouldBeGreaterThan(10);
        files[false].Where(file => Statement().IsMatch(File.ReadAllText(file))).Select(Path.GetFileName).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""connection.Scalar<long>("SELECT count(*) FROM trial")""")]
    [InlineData("""connection.Execute($"PRAGMA user_version = {version}")""")]
    [InlineData("    \"\"\"\n        UPDATE trial SET state = 1\n    \"\"\"")]
    [InlineData("using var command = connection.CreateCommand();")]
    public void A_statement_is_found(string source) => Statement().IsMatch(source).ShouldBeTrue();

    [GeneratedRegex(@"""\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|PRAGMA|CREATE TABLE|BEGIN|WITH)\b|CreateCommand\(", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Statement();

    [GeneratedRegex(@"\b(row|reader)(\.\w+\(|\[)\d", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ByIndex();
}
