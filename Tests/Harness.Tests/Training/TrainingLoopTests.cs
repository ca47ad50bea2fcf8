using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Backends;

namespace Harness.Tests.Training;

/// <summary>The one loop: what it asks of a backend, and how trials of one loop end.</summary>
public sealed class TrainingLoopTests
{
    private static readonly string Page = Path.Combine(Repository.Root, "Workers", "Harness.Training", "Training", "TrainingLoop.cs");

    [Fact]
    public void The_loop_fits_on_one_page() => File.ReadAllLines(Page).Length.ShouldBeLessThanOrEqualTo(120);

    [Fact]
    public void Only_the_loop_asks_a_backend_for_a_step()
    {
        var callers = Directory.EnumerateFiles(Repository.Root, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}artifacts{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Where(file => File.ReadAllText(file).Contains(".LoadBatches" + "(", StringComparison.Ordinal));
        callers.ShouldBe([Page]);
    }

    [Fact]
    public void A_step_is_batch_forward_backward_clip_update_in_this_order()
    {
        using var step = new RecordedStep();
        var phases = new List<StepPhase>();
        TrainingLoop.TrainStep(step, [], phases.Add).ShouldBe(step.Results);
        step.Calls.ShouldBe(["batch", "forward", "backward", "clip", "update"]);
        phases.ShouldBe([StepPhase.Data, StepPhase.Forward, StepPhase.Backward, StepPhase.Update]);
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    [InlineData(KernelPath.Batched)]
    public void Trials_of_one_loop_end_each_for_itself(KernelPath kernel)
    {
        using var memory = new GroupMemory();
        var spec = Trials.Spec("gru", kernel);
        using var healthy = Build(spec, _ => { });
        using var broken = Build(spec with { Seed = 2 }, frame => throw new InvalidOperationException($"{frame} cannot be sent."));
        using var wild = Build(spec with { Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 1e30), ClipNorm = null } }, _ => { });
        using var stopped = Build(spec with { Seed = 3 }, _ => { });
        stopped.Stop = new CancellationToken(canceled: true);
        var listener = new Listener();
        using var loop = new TrainingLoop([healthy, broken, wild, stopped], TimeProvider.System, listener);
        loop.Run();

        listener.Ended.ShouldBe([healthy, wild, stopped], ignoreOrder: true);
        listener.Failed.ShouldBe([(broken, false)]);
        (healthy.Outcome!.Kind, wild.Outcome!.Kind).ShouldBe((OutcomeKind.Completed, OutcomeKind.Diverged));
        (stopped.Outcome, broken.Outcome).ShouldBe((null, null));
        healthy.StepsDone.ShouldBe(spec.Train.Steps);

        Trial Build(TrialSpec trial, Action<Harness.Abstractions.Contracts.TrainerFrame> send) => new("a", trial, TimeProvider.System, send, shared: memory);
    }

    private sealed class Listener : ITrialListener
    {
        public List<Trial> Ended { get; } = [];

        public List<(Trial, bool)> Failed { get; } = [];

        public void OnEnded(Trial trial) => Ended.Add(trial);

        public void OnFailed(Trial trial, Exception failure, bool shared) => Failed.Add((trial, shared));
    }

    /// <summary>A backend that notes what it is asked for.</summary>
    private sealed class RecordedStep : ITrainStep
    {
        public List<string> Calls { get; } = [];

        public IReadOnlyList<StepResult> Results { get; } = [new(1, 2, Clipped: true)];

        public void LoadBatches(IReadOnlyList<ModelTurn> turns) => Calls.Add("batch");

        public void Forward() => Calls.Add("forward");

        public void Backward() => Calls.Add("backward");

        public IReadOnlyList<StepResult> Clip()
        {
            Calls.Add("clip");
            return Results;
        }

        public void Update(IReadOnlyList<StepResult> results)
        {
            results.ShouldBe(Results);
            Calls.Add("update");
        }

        public IReadOnlyList<Evaluation> EvaluateBatch(IReadOnlyList<(Learner Learner, EvaluationSet Set)> due) => [];

        public void Dispose()
        {
        }
    }
}
