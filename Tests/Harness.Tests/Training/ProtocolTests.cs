using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Protocol;

namespace Harness.Tests.Training;

public sealed class ProtocolTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static string Json(TrainerRequest request) => JsonSerializer.Serialize(request, HarnessJson.Default.TrainerRequest);

    private static string Json(TrialSpec spec) => JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec);

    private static List<TrainerFrame> Serve(string input)
    {
        using var output = new MemoryStream();
        new TrainerSession(new MemoryStream(Encoding.UTF8.GetBytes(input)), new FrameWriter(output), TimeProvider.System).Serve();
        return Frames(output.ToArray());
    }

    private static List<TrainerFrame> Frames(byte[] output) =>
        [.. Encoding.UTF8.GetString(output).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, HarnessJson.Default.TrainerFrame)!)];

    public static TheoryData<TrainerFrame> EveryFrame =>
    [
        new TrainerReady(1, 42, new("1", "os", "net", "ts", "2.10.0", "package", "cpu", 2, ["cpu"], 1)),
        new TrialStarted("a", 10, 12, 0.5, "cpu", new(3, 3, [0], [2], 1, [1, 0, -1], Classes: [1])),
        new TrialResumed("a", 7, "x.ckpt", [new("y.ckpt", "its content does not match its hash")]),
        new TrialCheckpointed("a", 7, null, "No space left on device"),
        new MetricFrame("a", "train.loss", 1, 1, [1, float.NaN, float.PositiveInfinity]),
        new GradientFrame("a", new(ProbeMoment.Init, 0, "h", 0, false, [1, 0.5], null, null)),
        new GateTraceFrame("a", new(ProbeMoment.End, 5, 2, [0, 1], [1], [1], 1, [0.5f, -1], [new(0, true, [1, 0], [new("forget", 0, 1, [0, 255, 7, 9])])])),
        new TestAnalysisFrame("a", new(2)
        {
            Answers = new([5, 6], [5, 6], [0, 1], [1, 1], "previous", [0, 0], [true, true]) { Probabilities = [0.5f, 0.9f], Series = ["s"], SeriesOf = [0, 0] },
            Classes = ["no", "yes"], Confusion = [0, 1, 0, 1], LookBack = new([1, 2], [0.7, double.NaN], 2),
        }),
        new TrialProgress("a", 1, 2, double.NaN),
        new TrialFinished("a", new() { Kind = OutcomeKind.Diverged, Steps = 1, BaselineLoss = 0.5, Solved = false, DivergedAtStep = 1, Parameters = 10, ParametersTotal = 12, TrainSeconds = 0, EvaluationSeconds = 0, ProbeSeconds = 0 }),
        new TrialStopped("a", 3),
        new TrialRejected(null, "no"),
        new TrialErrored("a", "error", "no", null),
    ];

    [Theory, MemberData(nameof(EveryFrame))]
    public void Every_frame_survives_the_wire(TrainerFrame frame)
    {
        using var output = new MemoryStream();
        new FrameWriter(output).Write(frame);
        var line = Encoding.UTF8.GetString(output.ToArray());
        line.Count(letter => letter == '\n').ShouldBe(1);
        line[^1].ShouldBe('\n');
        var back = Frames(output.ToArray()).Single();
        back.GetType().ShouldBe(frame.GetType());
        JsonSerializer.Serialize(back, HarnessJson.Default.TrainerFrame).ShouldBe(line.TrimEnd());
    }

    [Fact]
    public void A_spec_with_absent_values_survives_the_wire()
    {
        var spec = Trials.Spec("lstm") with { Target = new("eval.loss", 0.1, null), Train = Trials.Spec().Train with { ClipNorm = null } };
        var back = ((TrainRequest)Requests.Parse(Encoding.UTF8.GetBytes(Json(new TrainRequest("a", spec))))).Trial;
        TrialIdentity.Of(back).ShouldBe(TrialIdentity.Of(spec));
    }

    [Fact]
    public void A_checkpoint_folder_survives_the_wire_and_may_be_absent()
    {
        var request = new TrainRequest("a", Trials.Spec(), new("/somewhere", EverySeconds: 5));
        ((TrainRequest)Requests.Parse(Encoding.UTF8.GetBytes(Json(request)))).Checkpoint.ShouldBe(request.Checkpoint);
        Json(request with { Checkpoint = null }).ShouldNotContain("checkpoint");
    }

    [Fact]
    public void An_indented_trial_without_envelope_is_trained_by_hand()
    {
        var indented = JsonSerializer.Serialize(JsonDocument.Parse(Json(Trials.Spec(steps: 3))).RootElement, Indented);
        indented.ShouldContain("\n");
        var frames = Serve("\uFEFF" + indented + "\n");
        frames.OfType<TrialFinished>().Single().Outcome.Steps.ShouldBe(3);
        frames.OfType<TrialStarted>().Single().Attempt.ShouldBe("by-hand");
    }

    [Fact]
    public void Trial_after_trial_is_served()
    {
        var frames = Serve(Json(Trials.Spec(steps: 2)) + "\n" + Json(Trials.Spec("gru", steps: 3)) + Json(Trials.Spec("lstm", steps: 4)));
        frames.OfType<TrialFinished>().Select(frame => frame.Outcome.Steps).ShouldBe([2, 3, 4]);
    }

    [Theory]
    [InlineData("hello\n", "starts with 'h'")]
    [InlineData("[1, 2]\n", "starts with '['")]
    [InlineData("{\"type\":\"train\"}\n", "attempt")]
    [InlineData("{\"type\":\"dance\",\"attempt\":\"a\"}\n", "dance")]
    [InlineData("{\"revision\":1}\n", "task")]
    [InlineData("{\"revision\":1,\"colour\":2}\n", "colour")]
    [InlineData("{'revision':1}\n", "'\\''")]
    [InlineData("{\"revision\":1", "middle of a request")]
    [InlineData("\0\u0001\u0002\n", "byte 0x00")]
    public void What_is_no_request_gets_a_clear_answer_and_the_next_one_is_served(string malformed, string part)
    {
        Serve(malformed).OfType<TrialRejected>().Single().Message.ShouldContain(part.Replace("'\\''", "'", StringComparison.Ordinal));
        if (!malformed.EndsWith('\n')) return;
        var frames = Serve(malformed + Json(Trials.Spec(steps: 1)));
        frames[0].ShouldBeOfType<TrialRejected>().Attempt.ShouldBeNull();
        frames[^1].ShouldBeOfType<TrialFinished>();
    }

    [Fact]
    public void A_request_beyond_the_limit_is_refused_and_the_next_one_is_served()
    {
        var frames = Serve("{\"type\":\"" + new string('x', JsonObjectReader.Limit) + "\"}\n" + Json(Trials.Spec(steps: 1)));
        frames.OfType<TrialRejected>().Single().Message.ShouldContain("1024 KiB");
        frames[^1].ShouldBeOfType<TrialFinished>();
    }

    [Fact]
    public void A_trial_that_cannot_be_is_rejected_under_its_own_attempt() =>
        Serve(Json(Trials.Spec() with { Model = Trials.Model("lsmt") })).Single().ShouldBeOfType<TrialRejected>().Attempt.ShouldBe("by-hand");

    [Fact]
    public async Task A_stop_reaches_the_running_trial_and_the_next_trial_is_served()
    {
        var token = TestContext.Current.CancellationToken;
        var (requests, frames) = (new Pipe(), new Pipe());
        var session = Task.Run(() => new TrainerSession(requests.Reader.AsStream(), new FrameWriter(frames.Writer.AsStream()), TimeProvider.System).Serve(), token);
        using var reader = new StreamReader(frames.Reader.AsStream());

        await Send(new TrainRequest("long", Trials.Spec(steps: 1_000_000)));
        (await Next()).ShouldBeOfType<TrialStarted>();
        await Send(new StopRequest("long"));
        (await Until<TrialStopped>()).Attempt.ShouldBe("long");
        await Send(new StopRequest("long"));                       // too late: nothing happens
        await Send(new TrainRequest("short", Trials.Spec(steps: 2)));
        (await Until<TrialFinished>()).Attempt.ShouldBe("short");

        // A worker's trial does not outlive the worker.
        await Send(new TrainRequest("orphan", Trials.Spec(steps: 1_000_000)));
        (await Until<TrialStarted>()).Attempt.ShouldBe("orphan");
        await requests.Writer.CompleteAsync();
        (await Until<TrialStopped>()).Attempt.ShouldBe("orphan");
        await session;

        async Task Send(TrainerRequest request) => await requests.Writer.WriteAsync(Encoding.UTF8.GetBytes(Json(request) + "\n"), token);
        async Task<TrainerFrame> Next() => JsonSerializer.Deserialize((await reader.ReadLineAsync(token))!, HarnessJson.Default.TrainerFrame)!;
        async Task<T> Until<T>() where T : TrainerFrame
        {
            while (true)
                if (await Next() is T frame) return frame;
        }
    }

    [Theory]
    [InlineData("CUDA out of memory. Tried to allocate 2 GiB", "device_out_of_memory")]
    [InlineData("DefaultCPUAllocator: can't allocate memory: you tried to allocate 70368744177664 bytes", "device_out_of_memory")]
    [InlineData("mat1 and mat2 shapes cannot be multiplied", "error")]
    public void Memory_that_ran_out_is_recognised(string message, string reason) => FailureReason.Of(new InvalidOperationException(message)).ShouldBe(reason);

    [Fact]
    public void Memory_that_really_runs_out_is_reported_and_the_next_trial_is_served()
    {
        var greedy = Trials.Spec() with { Model = Trials.Model("rnn", KernelPath.Library, hidden: 40_000_000) };
        var frames = Serve(Json(greedy) + Json(Trials.Spec(steps: 1)));
        frames[0].ShouldBeOfType<TrialErrored>().Reason.ShouldBe(FailureReason.DeviceOutOfMemory);
        frames[^1].ShouldBeOfType<TrialFinished>();
    }
}
