using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Checkpoints;

namespace Harness.Tests.Training;

/// <summary>Which weights a trial ends with.</summary>
public sealed class KeepTests
{
    /// <summary>A learning rate far too high, so that the last evaluation is not the best.</summary>
    private static TrialSpec Restless(KernelPath kernel = KernelPath.Engine, string cell = "gru", KeepKind? keep = KeepKind.Best)
    {
        var spec = Trials.Spec(cell, kernel, steps: 24, task: "temporal-order", length: 12);
        return spec with
        {
            Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 0.3), Keep = keep },
            Evaluation = new(4, 30),
            Probe = new([ProbeMoment.Init, ProbeMoment.End], 3),
        };
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    [InlineData(KernelPath.Cell)]
    [InlineData(KernelPath.Batched)]
    public void The_model_ends_with_the_weights_of_its_best_evaluation(KernelPath kernel)
    {
        var frames = new List<TrainerFrame>();
        using var trial = new Trial("a", Restless(kernel), TimeProvider.System, frames.Add);
        var outcome = TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!;
        var curve = Trials.Curve(frames, MetricCatalog.EvaluationLoss);
        var best = curve.MinBy(point => point.Value);
        best.Key.ShouldBeLessThan(24, "the test needs a last evaluation that is not the best");
        (outcome.KeptStep, (float)outcome.FinalLoss!.Value, outcome.BestLoss).ShouldBe((best.Key, best.Value, outcome.FinalLoss));
        outcome.FinalAccuracy.ShouldNotBeNull();
        var found = trial.Evaluation.Evaluate(trial.Model);
        (found.Loss, found.Accuracy).ShouldBe((outcome.FinalLoss.Value, outcome.FinalAccuracy));
    }

    [Fact]
    public void Without_the_wish_the_last_weights_stay_and_the_outcome_is_as_before()
    {
        var (outcome, frames) = Trials.Run(Restless(keep: null));
        outcome!.KeptStep.ShouldBeNull();
        ((float)outcome.FinalLoss!.Value).ShouldBe(Trials.Curve(frames, MetricCatalog.EvaluationLoss)[24]);
        outcome.FinalLoss.ShouldNotBe(outcome.BestLoss);
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void A_kill_at_any_step_changes_nothing(KernelPath kernel)
    {
        var spec = Restless(kernel);
        spec = spec with { Train = spec.Train with { EarlyStop = new(Patience: 4) } };
        var undisturbed = Interruptions.Train(spec);
        undisturbed.Outcome!.KeptStep!.Value.ShouldBeLessThan(undisturbed.Outcome.Steps);
        for (var killAt = 1; killAt <= undisturbed.Outcome.Steps; killAt += 3)
        {
            using var folder = new TemporaryFolder();
            var request = new CheckpointRequest(folder.Path, EverySteps: 3);
            Interruptions.Train(spec, request, killAt);
            Interruptions.Train(spec, request).Result.ShouldBe(undisturbed.Result, $"killed at {killAt}");
            // Its last checkpoint is there: the trial is only finished again.
            Interruptions.Train(spec, request).Result.ShouldBe(undisturbed.Result, $"finished again after {killAt}");
        }
    }

    [Fact]
    public void What_is_exported_are_the_kept_weights()
    {
        using var folder = new TemporaryFolder();
        var spec = Restless();
        using var trial = new Trial("a", spec, TimeProvider.System, _ => { }, new(folder.Path));
        var outcome = TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!;
        var checkpoint = CheckpointCodec.Decode(File.ReadAllBytes(Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).Last()), TrialIdentity.Of(spec));
        (checkpoint.Step, checkpoint.WeightsStep).ShouldBe((24, outcome.KeptStep!.Value));
        var (notes, tensors) = SafetensorsFile.Read(Safetensors.Encode(checkpoint));
        notes["step"].ShouldBe($"{outcome.KeptStep}");
        tensors.Count.ShouldBe(trial.Model.Weights.Count);
        foreach (var (name, tensor) in trial.Model.Weights) tensors[name].Bytes.ShouldBe(TensorBytes.Of(name, tensor).Bytes.ToArray());
    }

    [Fact]
    public void Trials_of_one_program_keep_what_each_keeps_alone()
    {
        TrialSpec[] specs = [.. Enumerable.Range(1, 3).Select(seed => Restless(KernelPath.Batched) with { Seed = seed })];
        specs[1] = specs[1] with { Train = specs[1].Train with { Optimizer = new(OptimizerKind.Adam, 0.2) } };
        using var memory = new GroupMemory();
        var clock = TimeProvider.System;
        Trial[] trials = [.. specs.Select((spec, index) => new Trial($"{index}", spec, clock, _ => { }, shared: memory))];
        using (var loop = new TrainingLoop(trials, clock)) loop.Run();
        foreach (var (trial, spec) in trials.Zip(specs))
        {
            using var alone = new Trial("a", spec, clock, _ => { });
            var outcome = TrainingLoop.Run(alone, TestContext.Current.CancellationToken)!;
            trial.Outcome!.KeptStep.ShouldBe(outcome.KeptStep);
            trial.Outcome.FinalLoss!.Value.ShouldBe(outcome.FinalLoss!.Value, 1e-6);
            trial.Evaluation.Evaluate(trial.Model).Loss.ShouldBe(trial.Outcome.FinalLoss.Value, 1e-6);
            trial.Dispose();
        }
    }

    [Fact]
    public void Files_default_to_best_and_generated_tasks_to_last()
    {
        var files = new MemoryFiles(("series.csv", SpecText.Series));
        TrialSpec Planned(string yaml, params string[] set) => SpecText.SpecWith(files, yaml, set).Conditions[0].Trial;
        Planned(SpecText.OverSeries()).Train.Keep.ShouldBe(KeepKind.Best);
        Planned(SpecText.Small).Train.Keep.ShouldBeNull();
        Planned(SpecText.Small, "train.keep=best").Train.Keep.ShouldBe(KeepKind.Best);

        // Trials from before the choice kept the last weights: they are found again under the same identity.
        var last = Planned(SpecText.OverSeries(), "train.keep=last");
        Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(last)).ShouldNotContain("keep");
        TrialIdentity.Of(last).ShouldNotBe(TrialIdentity.Of(Planned(SpecText.OverSeries())), StringComparer.Ordinal);
        TrialIdentity.Of(Planned(SpecText.Small, "train.keep=last")).ShouldBe(TrialIdentity.Of(Planned(SpecText.Small)));
    }
}
