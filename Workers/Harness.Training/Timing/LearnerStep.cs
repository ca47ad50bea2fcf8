using Harness.Experiments.Specs;
using Harness.Training.Native;
using Harness.Training.Training;
using TorchSharp;

namespace Harness.Training.Timing;

/// <summary>An arm of a timing trial: the very steps that a trial which learns takes.</summary>
internal sealed class LearnerStep(TimingArm arm, string? data) : ITimedStep
{
    private readonly Learner learner = new(arm.Step, data);
    private int step;

    public bool WorksOnItsOwn => arm.Step.Device == DeviceKind.Cuda;

    public void Prepare()
    {
        if (torch.get_num_threads() != arm.Threads) TorchEnvironment.UseThreads(arm.Threads);
        // A collection in the middle of a step would be one arm's misfortune with another's leavings.
        GC.Collect(0);
    }

    /// <exception cref="InvalidOperationException">The loss is no number: such steps do less, and their time is not a step's.</exception>
    public void Take(Action<StepPhase>? ended)
    {
        var found = learner.Take(++step, arm.Step.Train.Optimizer.LearningRate, ended);
        if (!found.IsFinite) throw new InvalidOperationException($"The loss or the gradient of {arm.Step.Model.Cell} on {arm.Step.Model.Kernel.ToString().ToLowerInvariant()} is not finite at step {step}: its steps cannot be timed.");
    }

    public void Synchronise()
    {
        if (WorksOnItsOwn) torch.cuda.synchronize();
    }

    public void Dispose() => learner.Dispose();
}
