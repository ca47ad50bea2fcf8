using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Training.Probes;
using Harness.Training.Shared;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training.Example;

/// <summary>The probe of CONTRIBUTING.md is compiled, measures a trial and knows matrices whose rank is known.</summary>
public sealed class NewProbeTests : IDisposable
{
    private readonly IDisposable definition = MetricCatalog.Admit(StableRankProbe.Definition);
    private readonly IDisposable descriptor = MetricCatalog.Admit(StableRankProbe.Descriptor);
    private readonly IDisposable implementation = Implementations<ModelProbe>.Admit(typeof(StableRankProbe));

    [Fact]
    public void The_page_shows_the_file_as_it_is() => Recipe.ShouldBeShown("StableRankProbe.cs");

    [Fact]
    public void A_trial_is_measured_at_the_moments_it_names()
    {
        var spec = Trials.Spec("lstm");
        var (_, frames) = Trials.Run(spec with { Probe = spec.Probe with { Weights = [ProbeMoment.Init, ProbeMoment.End] } });
        var values = Trials.Curve(frames, StableRankProbe.Descriptor.Name);
        values.Keys.ShouldBe([0, spec.Train.Steps]);
        values.Values.ShouldAllBe(value => value >= 1 && value <= spec.Model.Hidden);
    }

    [Theory]
    [InlineData(1, 1, 1, 3)]
    [InlineData(2, 1, 1, 1.5)]
    [InlineData(5, 0, 0, 1)]
    public void The_rank_of_a_diagonal_matrix_is_known(double a, double b, double c, double rank)
    {
        using var model = Trials.Build(Trials.Model("rnn", hidden: 3), SequenceTask.Create(Trials.Task("adding", 15))!.Evaluation(1, 0, 4).Shape);
        using (no_grad()) Trials.Weight(model, "weight_hh_l0").copy_(diag(tensor([a, b, c])));
        new StableRankProbe().Measure(new ProbedModel(model, null!, null!, null!, null!)).ShouldHaveSingleItem().Value.ShouldBe(rank, 1e-12);
    }

    public void Dispose()
    {
        definition.Dispose();
        descriptor.Dispose();
        implementation.Dispose();
    }
}
