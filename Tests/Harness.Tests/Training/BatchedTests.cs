using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Networks;
using Harness.Training.Tasks;
using TorchSharp;

namespace Harness.Tests.Training;

/// <summary>Trials that a pack trains as one program find what each finds alone, up to rounding, whoever else is there.</summary>
public sealed class BatchedTests
{
    private static readonly TrialSpec Spec = Trials.Spec("gru", KernelPath.Batched, steps: 40) with { Dtype = Precision.Float64 };

    public static TheoryData<string, OptimizerSpec, string, double?, double?> Kinds => new()
    {
        { "rnn", new(OptimizerKind.Adam, 0.01), "adding", 1.0, null },
        { "lstm", new(OptimizerKind.AdamW, 0.01) { WeightDecay = 0.1 }, "temporal-order", null, 0.05 },
        { "gru", new(OptimizerKind.RmsProp, 0.003) { Momentum = 0.9 }, "copy-memory", 0.5, null },
        { "lstm", new(OptimizerKind.RmsProp, 0.003), "mackey-glass", null, null },
        { "gru", new(OptimizerKind.Sgd, 0.1) { Momentum = 0.9, WeightDecay = 1e-3 }, "markov", null, 0.02 },
        { "rnn", new(OptimizerKind.Sgd, 0.1) { WeightDecay = 1e-3 }, "anbn", null, null },
    };

    [SlowTheory(Category.Training), MemberData(nameof(Kinds))]
    public async Task Each_finds_what_it_finds_alone(string cell, OptimizerSpec optimizer, string task, double? clipNorm, double? clipValue)
    {
        var model = Trials.Model(cell, KernelPath.Batched, layers: 2, activation: cell == "rnn" ? "tanh" : null) with { Dropout = 0.2 };
        var spec = Spec with
        {
            Task = Trials.Task(task, 14) with { Shortest = 10 },
            Model = model,
            Train = Spec.Train with { Optimizer = optimizer, ClipNorm = clipNorm, ClipValue = clipValue },
            Probe = new([ProbeMoment.Init, ProbeMoment.Middle, ProbeMoment.End], 4),
        };
        await AgreesWithAlone(1e-9, spec, spec with { Train = spec.Train with { Optimizer = optimizer with { LearningRate = optimizer.LearningRate * 2 } } }, spec with { Seed = 2 }, spec with { Seed = 3 });
    }

    [SlowTheory(Category.Training)]
    [InlineData("rnn")]
    [InlineData("lstm")]
    [InlineData("gru")]
    public async Task Two_hundred_steps_in_single_precision_agree(string cell)
    {
        var spec = Trials.Spec(cell, KernelPath.Batched, steps: 200);
        spec = spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e-3) }, Evaluation = new(50, 40) };
        await AgreesWithAlone(1e-5, spec, spec with { Seed = 2 }, spec with { Seed = 3 }, spec with { Seed = 4 }, spec with { Model = spec.Model with { Init = InitKind.Orthogonal } });
    }

    [Fact]
    public async Task Who_ends_early_is_left_out_and_the_others_go_on()
    {
        var early = Spec with { Train = Spec.Train with { EarlyStop = new(Patience: 1) }, Evaluation = Spec.Evaluation with { Every = 2 } };
        var wild = early with { Train = early.Train with { Optimizer = new(OptimizerKind.Adam, 1e30), ClipNorm = null } };
        var frames = await AgreesWithAlone(1e-9, early, early with { Seed = 2 }, wild, early with { Seed = 3 }, early with { Seed = 4 });
        frames.OfType<TrialFinished>().Select(end => end.Outcome.Steps).Distinct().Count().ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task Trials_of_several_kinds_are_several_programs()
    {
        var longer = Spec with { Task = Spec.Task with { Length = 15 } };
        await AgreesWithAlone(1e-9, Spec, longer, Spec with { Seed = 2 }, longer with { Seed = 2 }, Trials.On(Spec, KernelPath.Engine));
    }

    [Theory]
    [InlineData(OptimizerKind.Adam)]
    [InlineData(OptimizerKind.Sgd)]
    public async Task One_goes_on_from_its_checkpoint_among_others_that_begin(OptimizerKind optimizer)
    {
        using var folder = new TemporaryFolder();
        var spec = Spec with { Train = Spec.Train with { Optimizer = new(optimizer, 0.01) { Momentum = optimizer == OptimizerKind.Sgd ? 0.9 : null } } };
        TrialSpec[] pack = [spec, spec with { Seed = 2 }, spec with { Seed = 3 }];
        var checkpoint = new CheckpointRequest(folder.File("checkpoints"), EverySteps: 5);
        // One alone, and one among others: what they leave is taken up by either.
        Interruptions.Train(pack[0], checkpoint, killAt: 12);
        var frames = await PackTests.Serve(pack, checkpoint);
        frames.OfType<TrialResumed>().ShouldHaveSingleItem().Attempt.ShouldBe(PackTests.Name(0));
        for (var place = 0; place < pack.Length; place++) Agree(frames.Where(frame => PackTests.OfAttempt(frame, PackTests.Name(place))), Trials.Run(pack[place]).Frames, 1e-9);

        var last = frames.OfType<TrialCheckpointed>().Last(frame => frame.Attempt == PackTests.Name(1));
        last.Step.ShouldBe(Spec.Train.Steps);
        var again = await PackTests.Serve([pack[1]], checkpoint);
        again.OfType<TrialResumed>().ShouldHaveSingleItem().Step.ShouldBe(Spec.Train.Steps);
        var (before, after) = (Outcome(frames, 1), Outcome(again, 0));
        after.FinalLoss!.Value.ShouldBe(before.FinalLoss!.Value, 1e-9);
    }

    [Fact]
    public void Members_see_their_own_weights_when_they_look()
    {
        using var first = new Learner(Spec, null);
        using var second = new Learner(Spec with { Seed = 2 }, null);
        using var step = TrainSteps.Create([first, second]);
        var before = Numbers(second);
        TrainingLoop.TrainStep(step, [new(first, 1, 0.01), new(second, 1, 0.01)]);
        Numbers(second).ShouldBe(before);
        second.SyncFromBatch();
        Numbers(second).ShouldNotBe(before);

        // The first takes no further step; it gets what it had.
        var untrained = Numbers(first);
        TrainingLoop.TrainStep(step, [new(second, 2, 0.01)]);
        Numbers(first).ShouldNotBe(untrained);
        first.BatchedStep.ShouldBeNull();

        static double[] Numbers(Learner learner) => [.. learner.Model.Parameters.SelectMany(parameter => parameter.detach().data<double>().ToArray())];
    }

    [Fact]
    public async Task What_befalls_a_step_of_all_is_told_as_that()
    {
        // No batch of this size can be made.
        var spec = Spec with { Train = Spec.Train with { Batch = int.MaxValue } };
        var frames = await PackTests.Serve([spec, spec with { Seed = 2 }]);
        var errors = frames.OfType<TrialErrored>().ToArray();
        errors.Length.ShouldBe(2);
        errors.ShouldAllBe(error => error.Shared);
    }

    [Fact]
    public void Losses_and_right_answers_are_those_of_each_model()
    {
        foreach (var kind in (string[])["copy-memory", "adding", "mackey-glass"])
        {
            var task = SequenceTask.Create(Trials.Task(kind, 9) with { Shortest = 4 })!;
            var batches = Enumerable.Range(1, 3).Select(seed => BatchTensors.Of(task.TrainingBatch(seed, 1, 5), torch.ScalarType.Float64, torch.CPU)).ToArray();
            var batched = BatchedBatch.Of(batches);
            using var prediction = torch.rand([3, task.Shape.LossSteps, 5, task.Shape.OutputSize], dtype: torch.ScalarType.Float64, generator: new torch.Generator(4));
            var (sums, answers) = batched.Losses(prediction);
            for (var model = 0; model < 3; model++)
            {
                sums[model].item<double>().ShouldBe(batches[model].Loss(prediction[model], torch.nn.Reduction.Sum).item<double>(), 1e-12);
                answers[model].item<long>().ShouldBe(batches[model].Answers());
            }
        }
    }

    [Fact]
    public void Packs_are_taken_by_themselves_on_this_path_alone()
    {
        Packing.Auto(KernelPath.Batched).ShouldBeGreaterThan(1);
        Packing.Auto(KernelPath.Engine).ShouldBe(1);
        Packing.KindOf(Spec with { Seed = 2 }).ShouldBe(Packing.KindOf(Spec));
    }

    private static async Task<List<TrainerFrame>> AgreesWithAlone(double tolerance, params TrialSpec[] pack)
    {
        var together = await PackTests.Serve(pack);
        together.OfType<TrialErrored>().Select(error => error.Details).ShouldBeEmpty();
        for (var place = 0; place < pack.Length; place++)
        {
            var (outcome, alone) = Trials.Run(pack[place]);
            Agree(together.Where(frame => PackTests.OfAttempt(frame, PackTests.Name(place))), alone, tolerance);
            var end = Outcome(together, place);
            (end.Kind, end.Steps, end.DivergedAtStep, end.ClippedShare).ShouldBe((outcome!.Kind, outcome.Steps, outcome.DivergedAtStep, outcome.ClippedShare));
        }

        return together;
    }

    private static void Agree(IEnumerable<TrainerFrame> together, IReadOnlyList<TrainerFrame> alone, double tolerance)
    {
        var own = together.ToList();
        foreach (var metric in (string[])["train.loss", "train.grad_norm", "eval.loss", "eval.accuracy"])
        {
            var (found, wanted) = (Trials.Curve(own, metric), Trials.Curve(alone, metric));
            found.Keys.ShouldBe(wanted.Keys);
            // Curves are sent in single precision. A norm that gets small has lost more to rounding than the loss that it belongs to.
            var allowed = Math.Max(metric == "train.grad_norm" ? 10 * tolerance : tolerance, 1.2e-7);
            foreach (var (step, value) in wanted)
                if (float.IsFinite(value)) ((double)found[step]).ShouldBe(value, allowed * Math.Max(1e-3, Math.Abs(value)), $"{metric} at {step}");
        }

        foreach (var (found, wanted) in own.OfType<GradientFrame>().Zip(alone.OfType<GradientFrame>()))
            foreach (var (here, there) in found.Profile.Norms.Zip(wanted.Profile.Norms)) here.ShouldBe(there, Math.Max(1e3 * tolerance, 1e-6) * there + 1e-12);
    }

    private static TrialOutcome Outcome(IEnumerable<TrainerFrame> frames, int place) => frames.OfType<TrialFinished>().Single(end => end.Attempt == PackTests.Name(place)).Outcome;
}
