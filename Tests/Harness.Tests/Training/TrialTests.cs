using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;

namespace Harness.Tests.Training;

public sealed class TrialTests
{
    public static TheoryData<string, KernelPath> Paths => new()
    {
        { "rnn", KernelPath.Library }, { "rnn", KernelPath.Cell }, { "lstm", KernelPath.Library },
        { "lstm", KernelPath.Cell }, { "gru", KernelPath.Library }, { "gru", KernelPath.Cell },
    };

    [Theory, MemberData(nameof(Paths))]
    public void The_same_seed_gives_the_same_bits_and_another_seed_does_not(string cell, KernelPath kernel)
    {
        float[] Losses(long seed)
        {
            var frames = Trials.Run(Trials.Spec(cell, kernel) with { Seed = seed }).Frames;
            return [.. Trials.Curve(frames, "train.loss").Values, .. Trials.Curve(frames, "eval.loss").Values];
        }

        var first = Losses(1);
        first.Length.ShouldBe(12 + 4);
        Losses(1).ShouldBe(first);
        Losses(2).ShouldNotBe(first);
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public void Both_kernel_paths_learn_the_same_curve(string cell)
    {
        float[] Losses(KernelPath kernel) => [.. Trials.Curve(Trials.Run(Trials.Spec(cell, kernel) with { Dtype = Precision.Float64 }).Frames, "train.loss").Values];
        var (library, loop) = (Losses(KernelPath.Library), Losses(KernelPath.Cell));
        foreach (var (a, b) in library.Zip(loop)) a.ShouldBe(b, 1e-6);
    }

    [Fact]
    public void Frames_come_in_order_and_cover_every_step()
    {
        var spec = Trials.Spec(steps: 12) with { Probe = new([ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End], 4) };
        var (outcome, frames) = Trials.Run(spec);

        frames[0].ShouldBeOfType<TrialStarted>();
        frames.OfType<GradientFrame>().Select(frame => (frame.Profile.Moment, frame.Profile.Step))
            .ShouldBe([(ProbeMoment.Init, 0), (ProbeMoment.Middle, 6), (ProbeMoment.End, 12)]);
        Trials.Curve(frames, "train.loss").Keys.ShouldBe(Enumerable.Range(1, 12));
        Trials.Curve(frames, "train.grad_norm").Keys.ShouldBe(Enumerable.Range(1, 12));
        Trials.Curve(frames, "eval.loss").Keys.ShouldBe([0, 5, 10, 12]);
        Trials.Curve(frames, "eval.accuracy").ShouldBeEmpty();

        outcome.ShouldNotBeNull();
        outcome.Kind.ShouldBe(OutcomeKind.Completed);
        outcome.Steps.ShouldBe(12);
        ((float)outcome.FinalLoss!.Value).ShouldBe(Trials.Curve(frames, "eval.loss")[12]);
        ((float)outcome.BestLoss!.Value).ShouldBe(Trials.Curve(frames, "eval.loss").Values.Min());
        outcome.Parameters.ShouldBe(1 * (2 * 6 + 6 * 6 + 2 * 6));
        outcome.ParametersTotal.ShouldBe(outcome.Parameters + 7);
        outcome.MillisecondsPerStep!.Value.ShouldBeGreaterThan(0);
        outcome.SequencesPerSecond!.Value.ShouldBe(4000 / outcome.MillisecondsPerStep.Value, 1e-9);
        outcome.ProbeSeconds.ShouldBeGreaterThan(0);
        outcome.EvaluationSeconds.ShouldBeGreaterThan(0);
    }

    [Fact]
    public void A_classification_task_reports_its_accuracy()
    {
        var (outcome, frames) = Trials.Run(Trials.Spec(task: "temporal-order"));
        Trials.Curve(frames, "eval.accuracy").Keys.ShouldBe([0, 5, 10, 12]);
        outcome!.FinalAccuracy!.Value.ShouldBeInRange(0, 1);
        outcome.BaselineLoss.ShouldBe(Math.Log(4), 0.3);
    }

    public static TheoryData<string> Kinds => [.. TaskCatalog.All.Where(task => !task.ReadsFile).Select(task => task.Kind)];

    [Theory, MemberData(nameof(Kinds))]
    public void Every_task_is_trained_evaluated_and_profiled_by_every_cell(string kind)
    {
        foreach (var cell in CellCatalog.All)
        {
            var (outcome, frames) = Trials.Run(Trials.Spec(cell.Name, task: kind) with { Probe = new(cell.IsRecurrent ? [ProbeMoment.Init] : [], 4) });
            outcome!.Kind.ShouldBe(OutcomeKind.Completed);
            outcome.FinalLoss!.Value.ShouldBeGreaterThan(0);
            frames.OfType<GradientFrame>().ShouldAllBe(frame => frame.Profile.Norms.All(norm => norm > 0));
        }
    }

    [Fact]
    public void Divergence_is_a_result()
    {
        var spec = Trials.Spec("rnn", KernelPath.Cell, steps: 200, length: 60) with { Model = Trials.Model("rnn", activation: "relu") };
        var (outcome, frames) = Trials.Run(spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e6), ClipNorm = null } });

        outcome!.Kind.ShouldBe(OutcomeKind.Diverged);
        outcome.DivergedAtStep.ShouldBe(outcome.Steps);
        outcome.Steps.ShouldBeLessThan(200);
        var (losses, norms) = (Trials.Curve(frames, "train.loss"), Trials.Curve(frames, "train.grad_norm"));
        losses.Count.ShouldBe(outcome.Steps);
        (float.IsFinite(losses[outcome.Steps]) && float.IsFinite(norms[outcome.Steps])).ShouldBeFalse();
        outcome.FinalLoss!.Value.ShouldBe(Trials.Curve(frames, "eval.loss").Values.Last(), 1e-6 * outcome.FinalLoss.Value);
    }

    [Fact]
    public void Clipping_bounds_the_gradient_that_the_optimizer_sees_and_the_norm_before_it_is_recorded()
    {
        var frames = new List<TrainerFrame>();
        var spec = Trials.Spec() with { Train = Trials.Spec().Train with { ClipNorm = 1e-3 } };
        using var trial = new Trial("a", spec, TimeProvider.System, frames.Add);
        var outcome = TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!;

        // The last step's gradients are still there: had clipping run before backward, they would be unclipped.
        var applied = Math.Sqrt(trial.Model.Parameters.Sum(parameter => parameter.grad!.square().sum().item<float>()));
        applied.ShouldBe(1e-3, 1e-5);
        Trials.Curve(frames, "train.grad_norm").Values.Last().ShouldBeGreaterThan(2e-3f);
        outcome.ClippedShare.ShouldBe(1);
    }

    [Fact]
    public void Without_a_clip_norm_gradients_stay_as_they_are_and_no_share_is_reported()
    {
        var frames = new List<TrainerFrame>();
        using var trial = new Trial("a", Trials.Spec() with { Train = Trials.Spec().Train with { ClipNorm = null } }, TimeProvider.System, frames.Add);
        TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!.ClippedShare.ShouldBeNull();
        Math.Sqrt(trial.Model.Parameters.Sum(parameter => parameter.grad!.square().sum().item<float>()))
            .ShouldBe(Trials.Curve(frames, "train.grad_norm").Values.Last(), 1e-5);
    }

    [Fact]
    public void A_stop_is_honoured_before_the_next_step()
    {
        using var stop = new CancellationTokenSource();
        var frames = new List<TrainerFrame>();
        using var trial = new Trial("a", Trials.Spec(steps: 1000), TimeProvider.System, frame =>
        {
            frames.Add(frame);
            if (frame is TrialStarted) stop.Cancel();
        });
        TrainingLoop.Run(trial, stop.Token).ShouldBeNull();
        frames[^1].ShouldBe(new TrialStopped("a", 0));
    }

    [Fact]
    public void Probing_does_not_change_what_is_learnt()
    {
        float[] Losses(params ProbeMoment[] moments) => [.. Trials.Curve(Trials.Run(Trials.Spec("lstm") with { Probe = new(moments, 4) }).Frames, "train.loss").Values];
        Losses(ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End).ShouldBe(Losses());
    }

    [Fact]
    public void An_easy_target_is_reached_at_the_first_of_two_evaluations()
    {
        var (outcome, _) = Trials.Run(Trials.Spec() with { Target = new("eval.loss", 1e9, null) });
        outcome!.Solved.ShouldBeTrue();
        outcome.StepsToTarget.ShouldBe(0);
        outcome.SecondsToTarget.ShouldBe(0);
        outcome.Steps.ShouldBe(12);
    }

    [Fact]
    public void A_trial_may_end_at_its_target()
    {
        var spec = Trials.Spec(steps: 100) with { Target = new("eval.loss", 1e9, null), Probe = new([ProbeMoment.End], 4) };
        var (outcome, frames) = Trials.Run(spec with { Train = spec.Train with { EarlyStop = new(OnTarget: true) } });
        outcome!.Kind.ShouldBe(OutcomeKind.EarlyStopped);
        outcome.Steps.ShouldBe(5);                                     // the second evaluation in a row
        outcome.StepsToTarget.ShouldBe(0);
        Trials.Curve(frames, "eval.loss").Keys.ShouldBe([0, 5]);
        frames.OfType<GradientFrame>().Single().Profile.Step.ShouldBe(5);
    }

    [Fact]
    public void A_trial_may_end_when_its_evaluation_loss_falls_no_more()
    {
        // A step size this small changes no single-precision weight, so no evaluation is better than the first.
        var spec = Trials.Spec(steps: 100) with { Train = new(100, 4, new(OptimizerKind.Sgd, 1e-30), null, EarlyStop: new(Patience: 3)) };
        var (outcome, frames) = Trials.Run(spec);
        outcome!.Kind.ShouldBe(OutcomeKind.EarlyStopped);
        Trials.Curve(frames, "eval.loss").Keys.ShouldBe([0, 5, 10, 15]);
        outcome.Solved.ShouldBeFalse();
    }

    [Fact]
    public void A_stopping_rule_that_is_met_at_the_last_step_changes_nothing()
    {
        var spec = Trials.Spec(steps: 5) with { Target = new("eval.loss", 1e9, null) };
        Trials.Run(spec with { Train = spec.Train with { EarlyStop = new(OnTarget: true) } }).Outcome!.Kind.ShouldBe(OutcomeKind.Completed);
    }

    [Fact]
    public void Profiles_can_be_taken_along_the_way()
    {
        var frames = Trials.Run(Trials.Spec(steps: 12) with { Probe = new([ProbeMoment.Init], 4, GradientsEvery: 4) }).Frames.OfType<GradientFrame>();
        frames.Select(frame => (frame.Profile.Moment, frame.Profile.Step)).ShouldBe(
            [(ProbeMoment.Init, 0), (ProbeMoment.During, 4), (ProbeMoment.During, 8), (ProbeMoment.During, 12)]);
    }
}
