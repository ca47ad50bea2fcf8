using System.Text;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Reports.Model;
using Harness.Workers.Trainer;

namespace Harness.Tests.Workers;

/// <summary>Workers of every version train the same canary: this file is what the first version read.</summary>
public sealed class NodeCanaryTests
{
    private const string Experiment =
        """
        version: 1
        name: canary
        task: { kind: adding, length: 20 }
        model: { hidden: 32 }
        matrix: { cell: [lstm] }
        seeds: { count: 1, base: 1 }
        train: { steps: 60, batch: 16, optimizer: { kind: adam, lr: 1e-2 }, clip_norm: 1.0 }
        evaluation: { every: 30, sequences: 64 }
        """;

    [Fact]
    public void The_canary_is_the_trial_that_the_first_version_planned()
    {
        var planned = ExperimentPlanner.Plan(SpecReader.Read(Encoding.UTF8.GetBytes(Experiment), "canary.yaml", []).Spec!).Trials[0].Spec;
        // Neither probes, nor a target that stops nothing, nor who chose the kernel changes a loss.
        var expected = planned with { Target = null, Probe = NodeCanary.Trial.Probe, Model = planned.Model with { KernelAuto = null } };
        Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(NodeCanary.Trial)).ShouldBe(Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(expected)));
    }
}
