using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Protocol;

namespace Harness.Tests.Training;

/// <summary>Trials that are trained side by side find what each finds alone, to the bit, whoever else is there.</summary>
public sealed class PackTests
{
    [SlowTheory(Category.Training)]
    [InlineData("rnn", KernelPath.Engine)]
    [InlineData("lstm", KernelPath.Engine)]
    [InlineData("gru", KernelPath.Engine)]
    [InlineData("gru", KernelPath.Library)]
    [InlineData("lstm", KernelPath.Cell)]
    public async Task Each_finds_what_it_finds_alone(string cell, KernelPath kernel)
    {
        var spec = Trials.Spec(cell, kernel, steps: 14) with { Probe = new([ProbeMoment.Init, ProbeMoment.End], 4) };
        TrialSpec[] pack =
        [
            spec,
            spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 0.03) } },
            spec with { Seed = 2 },
            // Of another length: it shares the stack, and nothing of the batches.
            spec with { Task = spec.Task with { Length = 9 }, Train = spec.Train with { Steps = 8, Batch = 6 } },
            spec with { Train = spec.Train with { EarlyStop = new(Patience: 1) }, Evaluation = spec.Evaluation with { Every = 2 } },
        ];
        var together = await Serve(pack);
        for (var place = 0; place < pack.Length; place++)
        {
            var (outcome, alone) = Trials.Run(pack[place]);
            var own = together.Where(frame => OfAttempt(frame, Name(place))).ToList();
            foreach (var metric in (string[])["train.loss", "train.grad_norm", "eval.loss"]) Trials.Curve(own, metric).ShouldBe(Trials.Curve(alone, metric));
            own.OfType<GradientFrame>().Select(frame => frame.Profile.Norms).ShouldBe(alone.OfType<GradientFrame>().Select(frame => frame.Profile.Norms));
            var end = own.OfType<TrialFinished>().ShouldHaveSingleItem().Outcome;
            (end.Kind, end.Steps, end.FinalLoss).ShouldBe((outcome!.Kind, outcome.Steps, outcome.FinalLoss));
        }
    }

    [Fact]
    public void Models_of_one_shape_take_turns_with_one_stack()
    {
        using var stacks = new EngineStacks();
        using var first = Network("gru", 5);
        using var second = Network("gru", 5);
        using var wider = Network("gru", 6);
        using var other = Network("rnn", 5);
        second.Stack.ShouldBeSameAs(first.Stack);
        wider.Stack.ShouldNotBeSameAs(first.Stack);
        other.Stack.ShouldNotBeSameAs(first.Stack);

        EngineNetwork<float> Network(string cell, int hidden) =>
            new(RecurrentCell.Find(cell)!, Trials.Shape(Trials.Model(cell, KernelPath.Engine, hidden), 2, TorchSharp.torch.ScalarType.Float32), shared: stacks);
    }

    [Fact]
    public async Task One_that_fails_leaves_the_others_alone()
    {
        var spec = Trials.Spec("gru", KernelPath.Engine);
        var frames = await Serve([
            spec with { Task = spec.Task with { Kind = "nonsense" } },
            spec,
            spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e30), ClipNorm = null } },
        ]);
        frames.OfType<TrialRejected>().ShouldHaveSingleItem().Attempt.ShouldBe(Name(0));
        var ends = frames.OfType<TrialFinished>().ToDictionary(end => end.Attempt, end => end.Outcome.Kind, StringComparer.Ordinal);
        ends[Name(1)].ShouldBe(OutcomeKind.Completed);
        ends[Name(2)].ShouldBe(OutcomeKind.Diverged);
    }

    [Fact]
    public async Task Each_leaves_and_finds_checkpoints_of_its_own()
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec("lstm", KernelPath.Engine, steps: 20);
        TrialSpec[] pack = [spec, spec with { Seed = 2 }];
        var checkpoint = new CheckpointRequest(folder.File("checkpoints"), EverySteps: 5);
        // The first has been trained to its tenth step before; in the pack it goes on from there, while the other begins.
        Interruptions.Train(spec, checkpoint, killAt: 12);
        var frames = await Serve(pack, checkpoint);
        frames.OfType<TrialResumed>().ShouldHaveSingleItem().Attempt.ShouldBe(Name(0));
        for (var place = 0; place < pack.Length; place++)
            Trials.Curve(frames.Where(frame => OfAttempt(frame, Name(place))), "train.loss").ShouldBe(Trials.Curve(Trials.Run(pack[place]).Frames, "train.loss"));
    }

    internal static string Name(int place) => $"t{place}#1";

    internal static bool OfAttempt(TrainerFrame frame, string attempt) => frame switch
    {
        MetricFrame points => points.Attempt == attempt,
        GradientFrame gradient => gradient.Attempt == attempt,
        TrialFinished finished => finished.Attempt == attempt,
        _ => false,
    };

    internal static async Task<List<TrainerFrame>> Serve(TrialSpec[] pack, CheckpointRequest? checkpoint = null)
    {
        var token = TestContext.Current.CancellationToken;
        var (requests, output) = (new Pipe(), new Pipe());
        var session = Task.Run(() => new TrainerSession(requests.Reader.AsStream(), new FrameWriter(output.Writer.AsStream()), TimeProvider.System).Serve(), token);
        var request = new TrainPackRequest([.. pack.Select((spec, place) => new TrainRequest(Name(place), spec, checkpoint))]);
        await requests.Writer.WriteAsync(Encoding.UTF8.GetBytes(ProtocolTests.Json(request)), token);
        using var reader = new StreamReader(output.Reader.AsStream());
        var frames = new List<TrainerFrame>();
        while (frames.Count(frame => frame is TrialFinished or TrialRejected or TrialErrored) < pack.Length)
            frames.Add(JsonSerializer.Deserialize((await reader.ReadLineAsync(token))!, HarnessJson.Default.TrainerFrame)!);
        // Not before: the end of the input ends the trials.
        await requests.Writer.CompleteAsync();
        await session;
        return frames;
    }
}
