using System.Text;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;

namespace Harness.Benchmarks;

/// <summary>Planning 100,000 trials: the aim is under 2 s and under 500 MB; with tuning, under 3 s.</summary>
internal static class PlanBenchmark
{
    private const string Yaml = """
        version: 1
        name: large
        task: { kind: adding, length: 20 }
        matrix:
          cell: [rnn, lstm]
          length: { from: 20, to: 519, steps: 500 }
          hidden: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
          lr: [0.001, 0.002, 0.003, 0.004, 0.005]
        seeds: { count: 2, base: 1 }
        train: { steps: 100, batch: 4 }
        """;

    /// <summary>20 lengths × 2 cells × 4 studies × 312 points × 2 seeds, and 160 trials to confirm.</summary>
    private const string TunedYaml = """
        version: 1
        name: large
        task: { kind: adding, length: 20 }
        matrix:
          cell: [rnn, lstm]
          length: { from: 20, to: 39, steps: 20 }
        tune: { over: { lr: { log: [1e-4, 1e-1] }, clip_norm: { log: [0.1, 10] } }, trials: 312, seeds: 2, studies: 4 }
        seeds: { count: 4, base: 1 }
        train: { steps: 100, batch: 4 }
        """;

    public static async Task Run()
    {
        await Run("plan", Yaml);
        await Run("tuned plan", TunedYaml);
    }

    private static async Task Run(string name, string yaml)
    {
        var bytes = Encoding.UTF8.GetBytes(yaml);
        ExperimentPlan? plan = null;
        var time = await Measure.Median(5, () =>
        {
            plan = ExperimentPlanner.Plan(SpecReader.Read(bytes, "large.yaml", []).Spec!);
            return Task.CompletedTask;
        });
        Measure.Row(name, $"read and plan {plan!.Trials.Count} trials", $"{time.TotalSeconds:0.00} s");
        var held = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(plan);
        plan = null;
        Measure.Row(name, "memory the plan holds", $"{(held - GC.GetTotalMemory(forceFullCollection: true)) / 1e6:0} MB");
    }
}
