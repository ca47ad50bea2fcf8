using System.Text;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;

namespace Harness.Benchmarks;

/// <summary>Planning 100,000 trials: wished under 2 s and under 500 MB.</summary>
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

    public static async Task Run()
    {
        var bytes = Encoding.UTF8.GetBytes(Yaml);
        ExperimentPlan? plan = null;
        var time = await Measure.Median(5, () =>
        {
            plan = ExperimentPlanner.Plan(SpecReader.Read(bytes, "large.yaml", []).Spec!);
            return Task.CompletedTask;
        });
        Measure.Row("plan", $"read and plan {plan!.Trials.Count} trials", $"{time.TotalSeconds:0.00} s");
        var held = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(plan);
        plan = null;
        Measure.Row("plan", "memory the plan holds", $"{(held - GC.GetTotalMemory(forceFullCollection: true)) / 1e6:0} MB");
    }
}
