using System.Text.Json;
using System.Xml.Linq;

namespace Harness.Tests.Structure;

/// <summary>Who may refer to whom: the project references of the rooms, and which packages stay out of which.</summary>
public sealed class ArrowTests
{
    [Theory]
    [InlineData("Experiments/Harness.Abstractions", "")]
    [InlineData("Experiments/Harness.Data", "Harness.Abstractions")]
    [InlineData("Experiments/Harness.Experiments", "Harness.Abstractions Harness.Data")]
    [InlineData("Workers/Harness.Training", "Harness.Data")]
    [InlineData("Workers/Harness.Workers", "Harness.Abstractions")]
    [InlineData("Reports/Harness.Reports", "Harness.Abstractions")]
    [InlineData("Orchestrator/Harness.Scheduling", "Harness.Abstractions")]
    [InlineData("Orchestrator/Harness.Store", "Harness.Experiments Harness.Scheduling")]
    [InlineData("Orchestrator/Harness.Server", "Harness.Reports Harness.Store Harness.Workers")]
    [InlineData("Orchestrator/Harness.Orchestrator", "Harness.Server")]
    public void A_room_refers_only_to_the_rooms_it_may(string project, string allowed)
    {
        var file = Directory.GetFiles(Path.Combine(Repository.Root, project), "*.csproj").Single();
        var linked = XDocument.Load(file).Descendants("ProjectReference")
            .Where(reference => (string?)reference.Attribute("ReferenceOutputAssembly") != "false")
            .Select(reference => Path.GetFileNameWithoutExtension(((string)reference.Attribute("Include")!).Replace('\\', '/')))
            .Order(StringComparer.Ordinal);
        string.Join(' ', linked).ShouldBe(allowed);
    }

    [Theory]
    [InlineData("Harness.Training", "harness-trainer", "Orleans", "Sqlite")]
    [InlineData("Harness.Orchestrator", "harness", "TorchSharp", "libtorch")]
    public void A_program_ships_without_what_must_stay_out_of_it(string project, string program, params string[] forbidden)
    {
        var configuration = Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));
        var file = Path.Combine(Repository.Root, "artifacts", "bin", project, configuration, program + ".deps.json");
        using var dependencies = JsonDocument.Parse(File.ReadAllText(file));
        var libraries = dependencies.RootElement.GetProperty("libraries").EnumerateObject().Select(library => library.Name).ToArray();
        libraries.ShouldNotBeEmpty();
        foreach (var name in forbidden) libraries.ShouldNotContain(library => library.Contains(name, StringComparison.OrdinalIgnoreCase));
    }
}
