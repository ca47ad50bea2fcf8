using Harness.Abstractions.Metrics;
using Harness.Reports.Model;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Harness.Tests.Structure;

/// <summary>A metric's name is written once, in <see cref="MetricCatalog"/>.</summary>
public sealed class MetricNamesTests
{
    /// <summary>The catalogue, and the two names that a task's success needs, which lies beneath it.</summary>
    private static readonly string[] spelling = ["MetricCatalog.cs", "TaskDefinition.cs"];

    private static readonly string[] rooms = ["Experiments", "Workers", "Orchestrator", "Reports"];

    /// <summary>Names such as <c>solved</c> are words of other things, too; the others cannot be anything else.</summary>
    private static readonly HashSet<string> unmistakable = MetricCatalog.All.Select(metric => metric.Name).Where(name => name.Contains('.', StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);

    [Fact]
    public void No_other_file_spells_a_metric()
    {
        var files = rooms.SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.*", SearchOption.AllDirectories))
            .Where(file => Path.GetExtension(file) is ".cs" or ".razor" && !spelling.Contains(Path.GetFileName(file), StringComparer.Ordinal)).ToList();
        files.Count.ShouldBeGreaterThan(400);
        files.SelectMany(file => Spelled(File.ReadAllText(file)).Select(name => $"{Path.GetRelativePath(Repository.Root, file)}: {name}")).ShouldBeEmpty();
    }

    [Fact]
    public void A_spelled_metric_is_found() =>
        Spelled("""class A { string a = "eval.loss"; string b = $"gates.{a}.open"; string c = "such as eval.loss"; string d = $"{a}.open"; }""").ShouldBe(["eval.loss", "gates."]);

    /// <summary>Literals that are a metric's name, and interpolated ones that begin as a gate's metric does. Examples within a sentence are none.</summary>
    private static IEnumerable<string> Spelled(string source)
    {
        var nodes = CSharpSyntaxTree.ParseText(source).GetRoot().DescendantNodes().ToList();
        return nodes.OfType<LiteralExpressionSyntax>().Where(literal => literal.IsKind(SyntaxKind.StringLiteralExpression)).Select(literal => literal.Token.ValueText).Where(unmistakable.Contains)
            .Concat(nodes.OfType<InterpolatedStringExpressionSyntax>().Select(text => text.Contents.FirstOrDefault()).OfType<InterpolatedStringTextSyntax>()
                .Select(start => start.TextToken.ValueText).Where(start => start == MetricCatalog.GatesGroup));
    }
}
