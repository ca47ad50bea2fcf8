using Harness.Reports.Model;

namespace Harness.Tests.Structure;

/// <summary>No two namespaces of a room use each other, directly or in a ring.</summary>
public sealed class NamespaceCycleTests
{
    [Theory]
    [InlineData("Experiments/Harness.Abstractions", "Harness.Abstractions", 6)]
    [InlineData("Experiments/Harness.Data", "Harness.Data", 1)]
    [InlineData("Experiments/Harness.Experiments", "Harness.Experiments", 4)]
    [InlineData("Workers/Harness.Training", "harness-trainer", 13)]
    [InlineData("Workers/Harness.Workers", "Harness.Workers", 6)]
    [InlineData("Reports/Harness.Reports", "Harness.Reports", 7)]
    [InlineData("Orchestrator/Harness.Scheduling", "Harness.Scheduling", 1)]
    [InlineData("Orchestrator/Harness.Store", "Harness.Store", 4)]
    [InlineData("Orchestrator/Harness.Server", "Harness.Server", 6)]
    [InlineData("Orchestrator/Harness.Orchestrator", "harness", 1)]
    public void Namespaces_of_a_room_have_no_cycle(string project, string assembly, int namespaces)
    {
        var folder = Path.Combine(Repository.Root, project);
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Concat(CompiledPages(folder));
        var graph = new NamespaceGraph(files.Select(file => (file, File.ReadAllText(file))), assembly);
        graph.Namespaces.Count.ShouldBeGreaterThanOrEqualTo(namespaces);
        graph.ArrowsInCycles().ShouldBeEmpty();
    }

    [Fact]
    public void Pages_are_among_the_sources()
    {
        var server = Path.Combine(Repository.Root, "Orchestrator", "Harness.Server");
        CompiledPages(server).Count().ShouldBe(Directory.EnumerateFiles(server, "*.razor", SearchOption.AllDirectories).Count(file => Path.GetFileName(file) != "_Imports.razor"));
    }

    /// <summary>The C# that the compiler made of a project's .razor files.</summary>
    private static IEnumerable<string> CompiledPages(string folder)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var generated = Path.Combine(Repository.Root, "artifacts", "obj", Path.GetFileName(folder), configuration, "generated");
        if (!Directory.Exists(generated)) return [];
        var pages = Directory.EnumerateFiles(folder, "*.razor", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(folder, file).Replace(Path.DirectorySeparatorChar, '_').Replace('.', '_') + ".g.cs").ToHashSet(StringComparer.Ordinal);
        // Those of deleted pages may still lie there.
        return Directory.EnumerateFiles(generated, "*.g.cs", SearchOption.AllDirectories)
            .Where(file => pages.Contains(Path.GetRelativePath(generated, file).Replace(Path.DirectorySeparatorChar, '_').Split("RazorSourceGenerator_")[^1]) && !file.EndsWith("_Imports_razor.g.cs", StringComparison.Ordinal));
    }

    [Fact]
    public void A_cycle_is_reported_with_its_places()
    {
        var graph = new NamespaceGraph(
        [
            ("a.cs", "namespace A; class One { public B.Two Next = new(); }"),
            ("b.cs", "using C;\nnamespace B;\nclass Two { void Call() => \"\".Extend(); }"),
            ("c.cs", "namespace C; static class Three { public static void Extend(this string text) { A.One one; } }"),
            ("d.cs", "namespace D; class Four : A.One;"),
        ], "sample");
        graph.ArrowsInCycles().Order(StringComparer.Ordinal).ShouldBe(["A -> B at a.cs:1: Two", "B -> C at b.cs:3: Extend", "C -> A at c.cs:1: One"]);
    }
}
