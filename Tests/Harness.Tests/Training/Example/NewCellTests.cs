using System.Text.RegularExpressions;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Shared;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Example;

/// <summary>The worked example of CONTRIBUTING.md: what it shows is compiled, trained, probed and counted here.</summary>
public sealed class NewCellTests : IDisposable
{
    private readonly IDisposable definition = CellCatalog.Admit(UgrnnCell.Definition);
    private readonly IDisposable implementation = Implementations<RecurrentCell>.Admit(typeof(UgrnnCell));

    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("UgrnnCell.cs");

    [Fact]
    public void It_trains_and_is_probed_like_every_other_cell()
    {
        var spec = Trials.Spec("ugrnn", KernelPath.Cell, steps: 150, task: "latch", length: 6) with
        {
            Model = Trials.Model("ugrnn", KernelPath.Cell, hidden: 8, layers: 2) with { UpdateBias = 1, Dropout = 0.1 },
            Probe = new([ProbeMoment.Init, ProbeMoment.End], 4, Weights: [ProbeMoment.Init], Gates: [ProbeMoment.End]),
        };
        var (outcome, frames) = Trials.Run(spec);
        outcome!.Kind.ShouldBe(OutcomeKind.Completed);
        outcome.FinalLoss!.Value.ShouldBeLessThan(0.5 * outcome.BaselineLoss);
        outcome.ParametersTotal.ShouldBe(ModelSize.ParametersTotal(spec));
        frames.OfType<GradientFrame>().Select(frame => (frame.Profile.Moment, frame.Profile.Layer, frame.Profile.State))
            .ShouldBe([(ProbeMoment.Init, 0, "h"), (ProbeMoment.Init, 1, "h"), (ProbeMoment.End, 0, "h"), (ProbeMoment.End, 1, "h")]);
        Trials.Curve(frames, "weights.sigma_max").Keys.ShouldBe([0]);
        Trials.Curve(frames, "gates.kept").Keys.ShouldBe([150]);
    }

    [Fact]
    public void Its_gradients_are_those_of_finite_differences()
    {
        using var scope = NewDisposeScope();
        using var network = new LoopNetwork(RecurrentCell.Find("ugrnn")!, Trials.Shape(Trials.Model("ugrnn", hidden: 3, layers: 2, bidirectional: true), 2));
        using (no_grad())
        {
            foreach (var (_, weight) in network.Weights) weight.copy_(NetworkTests.Input(1, 1, weight.numel(), ScalarType.Float64).view(weight.shape));
        }

        var input = NetworkTests.Input(4, 2, 2, ScalarType.Float64).requires_grad_();
        GradientCheck.LargestError(() => network.EveryStep(input).square().sum() + network.Last(input).sum(), [input, .. network.Weights.Select(weight => weight.Tensor)])
            .ShouldBeLessThan(1e-8);
    }

    [Fact]
    public void Nobody_else_sees_it()
    {
        CellCatalog.All.ShouldNotContain(UgrnnCell.Definition);
        using (ExecutionContext.SuppressFlow())
        {
            var elsewhere = new Thread(() => RecurrentCell.Find("ugrnn").ShouldBeNull());
            elsewhere.UnsafeStart();
            elsewhere.Join();
        }
    }

    /// <summary>
    /// A cell is its definition and its file. Beside these, only the report's palette, its built-in claims and the experiments that <c>new</c> writes name cells:
    /// they know what to do with others.
    /// </summary>
    [Fact]
    public void No_other_file_of_the_product_names_a_cell()
    {
        var name = new Regex($"\"({string.Join('|', CellCatalog.All.Select(cell => cell.Name))})\"", RegexOptions.None, TimeSpan.FromSeconds(1));
        var naming = ((string[])["Experiments", "Workers", "Reports", "Orchestrator"])
            .SelectMany(room => Directory.EnumerateFiles(Path.Combine(Repository.Root, room), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadLines(file).Any(line => name.IsMatch(line) && !IsExample(line)))
            .Select(Path.GetFileName);
        naming.Order(StringComparer.Ordinal).ShouldBe(
            ((string[])["BuiltInClaims.cs", "CellCatalog.cs", "ExperimentText.cs", "NodeCanary.cs", "SeriesStyle.cs", .. CellCatalog.All.Select(cell => $"{char.ToUpperInvariant(cell.Name[0])}{cell.Name[1..]}Cell.cs")]).Order(StringComparer.Ordinal));
    }

    /// <summary>The last argument of a setting's description: a value as one would write it.</summary>
    private static bool IsExample(string line) => line.TrimStart().StartsWith('"') && (line.EndsWith("\")", StringComparison.Ordinal) || line.EndsWith("\");", StringComparison.Ordinal));

    public void Dispose()
    {
        implementation.Dispose();
        definition.Dispose();
    }
}
