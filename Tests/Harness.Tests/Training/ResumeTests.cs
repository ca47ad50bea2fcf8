using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Checkpoints;
using Harness.Training.Shared;

namespace Harness.Tests.Training;

/// <summary>Killed at any step and resumed is uninterrupted, bit for bit.</summary>
public sealed class ResumeTests
{
    private static readonly OptimizerSpec[] Optimizers =
    [
        new(OptimizerKind.Adam, 0.01),
        new(OptimizerKind.AdamW, 0.01, WeightDecay: 0.1, Schedule: new(ScheduleKind.Cosine, WarmUp: 2)),
        new(OptimizerKind.Sgd, 0.05),
        new(OptimizerKind.Sgd, 0.05, Momentum: 0.9, WeightDecay: 0.01),
        new(OptimizerKind.RmsProp, 0.01),
        new(OptimizerKind.RmsProp, 0.01, Momentum: 0.9),
    ];

    private static TrialSpec Spec(string cell, KernelPath kernel, OptimizerSpec optimizer, double? dropout = null, int steps = 9) => Trials.Spec(cell, kernel, steps, length: 6) with
    {
        Model = Trials.Model(cell, kernel, hidden: 4, layers: 2) with { Dropout = dropout },
        Train = new(steps, 3, optimizer, 1.0),
        Evaluation = new(2, 5),
    };

    /// <summary>Patience, a target in sight, probes at every moment and along the way: all that a trial remembers.</summary>
    private static TrialSpec Eventful(int patience = 6)
    {
        var spec = Spec("lstm", KernelPath.Library, new(OptimizerKind.Adam, 0.02), 0.3) with
        {
            Task = Trials.Task("temporal-order", 12),
            Target = new("eval.loss", 1e9, null),
            Probe = new([ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End], 3, [ProbeMoment.Init, ProbeMoment.End], [ProbeMoment.Middle], GradientsEvery: 4, Trace: [ProbeMoment.Init, ProbeMoment.End]),
        };
        return spec with { Train = spec.Train with { EarlyStop = new(Patience: patience) } };
    }

    public static TheoryData<string, KernelPath> Paths
    {
        get
        {
            var paths = new TheoryData<string, KernelPath>();
            foreach (var cell in CellCatalog.All)
                foreach (var kernel in cell.Kernels) paths.Add(cell.Name, Enum.Parse<KernelPath>(kernel, ignoreCase: true));
            return paths;
        }
    }

    [SlowTheory(Category.Training), MemberData(nameof(Paths))]
    public void Three_kills_and_a_stop_change_nothing_under_any_optimizer_with_and_without_dropout(string cell, KernelPath kernel)
    {
        foreach (var optimizer in Optimizers)
        {
            foreach (var dropout in (double?[])[null, 0.3])
            {
                using var folder = new TemporaryFolder();
                var spec = Spec(cell, kernel, optimizer, dropout);
                var request = new CheckpointRequest(folder.Path, EverySteps: 2);
                var undisturbed = Interruptions.Train(spec);
                undisturbed.Outcome!.Steps.ShouldBe(9);

                Interruptions.Train(spec, request, killAt: 1).Frames.OfType<TrialCheckpointed>().ShouldBeEmpty();
                Interruptions.Train(spec, request, killAt: 3).Frames.OfType<TrialResumed>().ShouldBeEmpty();
                Interruptions.Train(spec, request, killAt: 6).Frames.OfType<TrialResumed>().Single().Step.ShouldBe(2);
                var stopped = Interruptions.Train(spec, request, stopAt: 7);
                stopped.Frames.OfType<TrialResumed>().Single().Step.ShouldBe(4);
                stopped.Frames[^1].ShouldBe(new TrialStopped("a", 7));
                var last = Interruptions.Train(spec, request);
                last.Frames.OfType<TrialResumed>().Single().Step.ShouldBe(7);
                last.Result.ShouldBe(undisturbed.Result, $"{optimizer.Kind}, momentum {optimizer.Momentum}, dropout {dropout}");
            }
        }
    }

    [Theory]
    [InlineData(1, 6, OutcomeKind.Completed)]
    [InlineData(3, 6, OutcomeKind.Completed)]
    [InlineData(1, 3, OutcomeKind.EarlyStopped)]
    public void A_kill_at_any_step_changes_nothing_whatever_the_trial_watches(int every, int patience, OutcomeKind end)
    {
        var spec = Eventful(patience);
        var undisturbed = Interruptions.Train(spec);
        undisturbed.Outcome!.Kind.ShouldBe(end);
        for (var killAt = 1; killAt <= undisturbed.Outcome.Steps; killAt++)
        {
            using var folder = new TemporaryFolder();
            var request = new CheckpointRequest(folder.Path, EverySteps: every);
            Interruptions.Train(spec, request, killAt).Outcome.ShouldBeNull();
            var resumed = Interruptions.Train(spec, request);
            resumed.Frames.OfType<TrialResumed>().Select(frame => frame.Step).ShouldBe(killAt > every ? [(killAt - 1) / every * every] : []);
            resumed.Result.ShouldBe(undisturbed.Result, $"killed at {killAt}");
        }
    }

    [Fact]
    public void A_stop_at_any_step_leaves_a_checkpoint_and_changes_nothing()
    {
        var spec = Eventful();
        var undisturbed = Interruptions.Train(spec);
        for (var stopAt = 0; stopAt < 9; stopAt++)
        {
            using var folder = new TemporaryFolder();
            var request = new CheckpointRequest(folder.Path);
            var frames = Interruptions.Train(spec, request, stopAt: stopAt).Frames;
            frames[^2].ShouldBeOfType<TrialCheckpointed>().Step.ShouldBe(stopAt);
            frames[^1].ShouldBe(new TrialStopped("a", stopAt));
            Interruptions.Train(spec, request).Result.ShouldBe(undisturbed.Result, $"stopped at {stopAt}");
        }
    }

    [Fact]
    public void Checkpoints_themselves_change_nothing()
    {
        using var folder = new TemporaryFolder();
        Interruptions.Train(Eventful(), new(folder.Path, EverySteps: 1)).Result.ShouldBe(Interruptions.Train(Eventful()).Result);
    }

    [SlowTheory(Category.Training)]
    [InlineData(100)]
    [InlineData(257)]
    [InlineData(512)]
    [InlineData(520)]
    public void Frames_that_were_full_and_the_one_in_progress_come_again_as_they_were(int killAt)
    {
        var spec = Trials.Spec("rnn", KernelPath.Cell, steps: 530, length: 3) with { Model = Trials.Model("rnn", hidden: 2), Task = Trials.Task("majority", 3), Evaluation = new(1, 2) };
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 32);
        var undisturbed = Interruptions.Train(spec);
        Interruptions.Train(spec, request, killAt).Outcome.ShouldBeNull();
        var resumed = Interruptions.Train(spec, request);
        resumed.Result.ShouldBe(undisturbed.Result);
        resumed.Frames.OfType<MetricFrame>().Where(frame => frame.Metric == "train.loss").Select(frame => frame.FirstStep).Distinct().ShouldBe([1, 257, 513]);
    }

    [Fact]
    public void Double_precision_and_both_directions_resume_as_well()
    {
        var spec = Spec("gru", KernelPath.Library, new(OptimizerKind.Adam, 0.01), 0.2) with { Dtype = Precision.Float64 };
        spec = spec with { Model = spec.Model with { Bidirectional = true } };
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 1);
        Interruptions.Train(spec, request, killAt: 5);
        Interruptions.Train(spec, request).Result.ShouldBe(Interruptions.Train(spec).Result);
    }

    [Fact]
    public void Divergence_comes_at_the_same_step()
    {
        var spec = Trials.Spec("rnn", KernelPath.Cell, steps: 200, length: 60) with { Model = Trials.Model("rnn", activation: "relu"), Evaluation = new(1, 4) };
        spec = spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Sgd, 3), ClipNorm = null } };
        var undisturbed = Interruptions.Train(spec);
        undisturbed.Outcome!.Kind.ShouldBe(OutcomeKind.Diverged);
        undisturbed.Outcome.Steps.ShouldBeGreaterThan(1);
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 1);
        Interruptions.Train(spec, request, killAt: undisturbed.Outcome.Steps).Frames.OfType<TrialCheckpointed>().ShouldNotBeEmpty();
        Interruptions.Train(spec, request).Result.ShouldBe(undisturbed.Result);
    }

    [Fact]
    public void A_trial_that_had_ended_only_says_its_outcome_again()
    {
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 4);
        var first = Interruptions.Train(Eventful(), request);
        var again = Interruptions.Train(Eventful(), request);
        again.Frames.OfType<TrialResumed>().Single().Step.ShouldBe(9);
        again.Frames.OfType<TrialProgress>().ShouldBeEmpty();
        again.Result.ShouldBe(first.Result);
    }

    [Fact]
    public void A_damaged_checkpoint_is_refused_with_its_reason_and_the_one_before_is_used()
    {
        var spec = Eventful();
        var undisturbed = Interruptions.Train(spec);
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 2);
        Interruptions.Train(spec, request, killAt: 7);
        var files = Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).ToArray();
        files.Length.ShouldBe(2);

        Damage(files[1]);
        var resumed = Interruptions.Train(spec, request, killAt: 8);
        var said = resumed.Frames.OfType<TrialResumed>().Single();
        said.Step.ShouldBe(4);
        said.File.ShouldBe(Path.GetFileName(files[0]));
        said.Refused.ShouldBe([new(Path.GetFileName(files[1]), "its content does not match its hash")]);

        foreach (var file in Directory.GetFiles(folder.Path)) Damage(file);
        var scratch = Interruptions.Train(spec, request);
        said = scratch.Frames.OfType<TrialResumed>().Single();
        (said.Step, said.File, said.Refused.Count).ShouldBe((0, null, 2));
        scratch.Result.ShouldBe(undisturbed.Result);
        Directory.GetFiles(folder.Path).Length.ShouldBe(2);

        static void Damage(string file)
        {
            var bytes = File.ReadAllBytes(file);
            bytes[bytes.Length / 2] ^= 1;
            File.WriteAllBytes(file, bytes);
        }
    }

    [Fact]
    public void A_checkpoint_from_another_platform_is_refused_because_the_last_bits_could_differ()
    {
        using var folder = new TemporaryFolder();
        var (spec, request) = (Eventful(), new CheckpointRequest(folder.Path, EverySteps: 4));
        Interruptions.Train(spec, request, killAt: 5);
        var file = Directory.GetFiles(folder.Path).Single();
        var checkpoint = CheckpointCodec.Decode(File.ReadAllBytes(file), TrialIdentity.Of(spec));
        File.WriteAllBytes(file, CheckpointCodec.Encode(checkpoint with { Progress = checkpoint.Progress with { Platform = "an abacus" } }));
        var run = Interruptions.Train(spec, request);
        run.Frames.OfType<TrialResumed>().Single().Refused.Single().Reason.ShouldStartWith("it was computed with an abacus, which can differ in the last bits from libtorch 2.10.0");
        run.Result.ShouldBe(Interruptions.Train(spec).Result);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_costs_the_checkpoint_and_not_the_trial()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.File("taken"), "");
        var run = Interruptions.Train(Eventful(), new(folder.File("taken"), EverySteps: 3));
        run.Frames.OfType<TrialCheckpointed>().ShouldAllBe(frame => frame.File == null && frame.Failure!.Length > 0);
        run.Frames.OfType<TrialCheckpointed>().Select(frame => frame.Step).ShouldBe([3, 6, 9, 9]);
        run.Result.ShouldBe(Interruptions.Train(Eventful()).Result);
    }

    [Fact]
    public void Checkpoints_come_by_the_clock_when_no_steps_are_named()
    {
        // The clock moves 0.6 s at each look, several looks a step: every 30 s is seldom, every 0 s is at each step.
        using var folder = new TemporaryFolder();
        var frames = Interruptions.Train(Eventful(), new(folder.Path, EverySeconds: 0)).Frames;
        frames.OfType<TrialCheckpointed>().Select(frame => frame.Step).ShouldBe(Enumerable.Range(1, 9));
        using var other = new TemporaryFolder();
        Interruptions.Train(Eventful(), new(other.Path)).Frames.OfType<TrialCheckpointed>().Count().ShouldBeInRange(2, 5);
    }

    [Theory]
    [InlineData("relative/folder", null, null, "full path")]
    [InlineData("/tmp", 0, null, "every_steps")]
    [InlineData("/tmp", null, -1.0, "every_seconds")]
    public void A_request_that_makes_no_sense_is_rejected(string folder, int? steps, double? seconds, string part) =>
        Should.Throw<TrialRejectedException>(() => Interruptions.Train(Eventful(), new(folder, steps, seconds))).Message.ShouldContain(part);
}
