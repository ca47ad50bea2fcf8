using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Tests.Experiments;

namespace Harness.Tests.Reports;

/// <summary>What the experiments of the catalogue might have found, made up: GRU before LSTM before RNN in whatever is asked, further apart at greater lengths. Nothing is trained.</summary>
internal static class CatalogResults
{
    private const double Baseline = 0.5;

    public static IReadOnlyList<string> Files { get; } = [.. Directory.GetFiles(SpecText.Catalog, "*.yaml").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

    /// <summary>The finished experiment of a file.</summary>
    public static ExperimentResults Of(string file)
    {
        var path = Path.Combine(SpecText.Catalog, file);
        var plan = ExperimentPlanner.Plan(SpecReader.ReadFile(path, []).Spec!);
        var asked = plan.Claims.Select(claim => claim.On).Distinct(StringComparer.Ordinal).ToList();
        var results = ResultsFixture.Typical with
        {
            Name = plan.Name,
            Question = plan.Question,
            SpecText = File.ReadAllText(path),
            SpecPath = $"Experiments/catalog/{file}",
            ReproduceCommand = $"./harness run Experiments/catalog/{file}",
            Claims = plan.Claims,
            Report = plan.Report,
            Conditions = [.. plan.Conditions.Select(condition => new ConditionResults(
                condition.Ordinal, condition.Label, condition.Factors, condition.Trial, condition.Parameters, condition.ParametersTotal,
                [.. plan.Seeds.Select(seed => Trial(condition, seed, asked))]))],
        };
        return plan.TimingTrials.Count == 0 ? results
            : TimingFixture.With(results, [.. plan.TimingTrials.Select(timing => TimingFixture.Trial(timing.Id, timing.Spec.Timing!.Arms, step => Ease(step.Model.Cell) * step.Task.Length / 20.0 * (step.Model.Kernel == KernelPath.Cell ? 4 : 1)))]);
    }

    private static TrialResult Trial(Condition condition, long seed, IReadOnlyList<string> asked)
    {
        var spec = condition.Trial with { Seed = seed };
        var steps = spec.Train.Steps;
        // Arms of an experiment differ by cell and bias, and every seed by a little that all arms share.
        var isBiased = condition.Arm.Contains('+', StringComparison.Ordinal);
        var badness = Ease(spec.Model.Cell) * (isBiased ? 0.7 : 1) * Math.Sqrt(spec.Task.Length / 20.0) * (1 + 0.02 * (seed % 5));
        var (loss, isSolved) = (Baseline * Math.Min(0.9, 0.02 * badness * badness), badness < 3);
        var metrics = new Dictionary<string, MetricSeries>(StringComparer.Ordinal) { [MetricCatalog.EvaluationLoss] = new([0, steps / 2, steps], [(float)Baseline, (float)(loss + Baseline) / 2, (float)loss]) };
        foreach (var metric in asked.Concat(Measured(spec)).Where(metric => metric != MetricCatalog.EvaluationLoss).Select(name => MetricCatalog.Find(name)!))
            metrics[metric.Name] = new([0, steps], [1, (float)(metric.LowerIsBetter == false ? 1 - 0.04 * badness : 0.04 * badness)]);
        var slope = -0.03 * badness;
        var outcome = new TrialOutcome
        {
            Kind = OutcomeKind.Completed, Steps = steps, FinalLoss = loss, BestLoss = loss, BaselineLoss = Baseline, FinalAccuracy = TaskCatalog.Get(spec.Task.Kind).Loss == LossKind.CrossEntropy ? 1 - 0.04 * badness : null,
            Solved = isSolved, StepsToTarget = isSolved ? (int)(steps * badness / 4) : null, SecondsToTarget = isSolved ? badness : null, Parameters = condition.Parameters, ParametersTotal = condition.ParametersTotal,
            MillisecondsPerStep = Ease(spec.Model.Cell), SequencesPerSecond = 1000, TrainSeconds = 1, EvaluationSeconds = 0.1, ProbeSeconds = 0.1, ClippedShare = 0.1,
        };
        return new(TrialIdentity.Of(spec), seed, TrialState.Completed, outcome, 1, null, "cpu", "local-1", metrics,
            [.. new[] { (ProbeMoment.Init, 0), (ProbeMoment.End, steps) }.SelectMany(at => (CellCatalog.Get(spec.Model.Cell).HasCellState ? new[] { "h", "c" } : ["h"])
                .Select(memory => new GradientProfile(at.Item1, at.Item2, memory, 0, false, [.. Enumerable.Range(0, 12).Select(lag => Math.Pow(10, slope * lag))], slope, GradientProfile.HalfLifeOf(slope))))]);
    }

    /// <summary>What the test part of a data file gives besides.</summary>
    private static IEnumerable<string> Measured(TrialSpec spec) => spec.Task.Data is null ? [] : [MetricCatalog.TestLoss, MetricCatalog.TestSkill, MetricCatalog.BaselineOnTest("seasonal")];

    private static double Ease(string cell) => cell switch { "rnn" => 3, "lstm" => 1.5, "gru" => 1, _ => 2 };
}
