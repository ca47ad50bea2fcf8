using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Harness.Tests.Structure;

/// <summary>Which namespace of a project uses which, from the project's bound source code.</summary>
internal sealed class NamespaceGraph
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private readonly Dictionary<string, SortedDictionary<string, string>> uses = new(StringComparer.Ordinal);

    /// <param name="sources">Path and text of each file.</param>
    /// <param name="assembly">The name of the project's assembly, so that it sees the internals that it may see.</param>
    public NamespaceGraph(IEnumerable<(string Path, string Text)> sources, string assembly)
    {
        var options = new CSharpParseOptions(LanguageVersion.Preview);
        SyntaxTree[] trees = [.. sources.Select(source => CSharpSyntaxTree.ParseText(source.Text, options, source.Path)), CSharpSyntaxTree.ParseText(ImplicitUsings, options)];
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(file => Path.GetFileNameWithoutExtension(file) != assembly).Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create(assembly, trees, references, new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));
        foreach (var tree in trees) Add(compilation.GetSemanticModel(tree), compilation.Assembly);
    }

    /// <summary>Namespaces with types.</summary>
    public IReadOnlyCollection<string> Namespaces => uses.Keys;

    /// <summary>The arrows that lie on a cycle, each with a place in the source: "A -> B at File.cs:12: Name".</summary>
    public IEnumerable<string> ArrowsInCycles() =>
        from source in uses
        from arrow in source.Value
        where Reaches(arrow.Key, source.Key, [])
        select $"{source.Key} -> {arrow.Key} at {arrow.Value}";

    private void Add(SemanticModel model, IAssemblySymbol project)
    {
        foreach (var node in model.SyntaxTree.GetRoot().DescendantNodes())
        {
            if (node.FirstAncestorOrSelf<UsingDirectiveSyntax>() is not null) continue;
            var symbol = node switch
            {
                SimpleNameSyntax or BaseObjectCreationExpressionSyntax or BinaryExpressionSyntax => model.GetSymbolInfo(node).Symbol,
                _ => null,
            };
            if (symbol is null or INamespaceSymbol || !SymbolEqualityComparer.Default.Equals(symbol.ContainingAssembly, project)) continue;
            if (node.FirstAncestorOrSelf<BaseNamespaceDeclarationSyntax>() is not { } declaration) continue;
            var (from, to) = (declaration.Name.ToString(), symbol.ContainingNamespace.ToDisplayString());
            if (!uses.TryGetValue(from, out var arrows)) uses.Add(from, arrows = new(StringComparer.Ordinal));
            if (from == to) continue;
            var line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
            arrows.TryAdd(to, $"{Path.GetFileName(model.SyntaxTree.FilePath)}:{line}: {symbol.Name}");
        }
    }

    private bool Reaches(string from, string to, HashSet<string> seen) =>
        from == to || seen.Add(from) && uses.TryGetValue(from, out var arrows) && arrows.Keys.Any(next => Reaches(next, to, seen));
}
