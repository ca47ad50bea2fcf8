using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Native;
using TorchSharp;

namespace Harness.Training.Timing;

/// <summary>An arm of a timing trial: the very steps that a trial which learns takes.</summary>
internal sealed class LearnerStep : ITimedStep
{
    private readonly TimingArm arm;
    private readonly Learner learner;
    private readonly ITrainStep trainStep;
    private int step;

    public LearnerStep(TimingArm arm, string? data)
    {
        this.arm = arm;
        learner = new(arm.Step, data);
        trainStep = TrainSteps.Create(learner);
    }

    public bool WorksOnItsOwn => arm.Step.Device == DeviceKind.Cuda;

    public void Prepare()
    {
        if (torch.get_num_threads() != arm.Threads) TorchEnvironment.UseThreads(arm.Threads);
        // A collection in the middle of a step would be one arm's misfortune with another's leavings.
        GC.Collect(0);
    }

    /// <exception cref="InvalidOperationException">The loss is no number: such steps do less, and their time is not a step's.</exception>
    public void RunStep(Action<StepPhase>? ended)
    {
        var results = TrainingLoop.TrainStep(trainStep, [new(learner, ++step, arm.Step.Train.Optimizer.LearningRate)], ended);
        if (!results[0].IsFinite) throw new InvalidOperationException($"The loss or the gradient of {arm.Step.Model.Cell} on {arm.Step.Model.Kernel.ToString().ToLowerInvariant()} is not finite at step {step}: its steps cannot be timed.");
    }

    public void Synchronise()
    {
        if (WorksOnItsOwn) torch.cuda.synchronize();
    }

    public void Dispose()
    {
        trainStep.Dispose();
        learner.Dispose();
    }
}
