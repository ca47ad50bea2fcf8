namespace Harness.Tests.Training.Example;

/// <summary>The worked examples of CONTRIBUTING.md are files of this folder.</summary>
internal static class Recipe
{
    /// <summary>Fails unless CONTRIBUTING.md shows a file of this folder as it is.</summary>
    public static void ShouldBeShown(string file)
    {
        var page = Read("CONTRIBUTING.md");
        page.ShouldContain($"```csharp\n{Read(Path.Combine("Tests", "Harness.Tests", "Training", "Example", file))}```");
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, path)).ReplaceLineEndings("\n");
}
