using Harness.Abstractions.Specs;
using Harness.Training.Backends;

namespace Harness.Training;

/// <summary>Trials that take each optimizer step together: one trial, or several of one kind on the batched backend.</summary>
internal sealed class StepGroup : IDisposable
{
    private readonly IReadOnlyList<Trial> trials;
    private readonly bool isBatched;
    private ITrainStep? step;

    private StepGroup(IReadOnlyList<Trial> trials, bool isBatched) => (this.trials, this.isBatched) = (trials, isBatched);

    /// <summary>The trials that have not ended.</summary>
    public IEnumerable<Trial> Running => trials.Where(trial => !trial.HasEnded);

    /// <summary>Divides trials into groups. A trial without a group is one of its own, on every backend.</summary>
    public static IReadOnlyList<StepGroup> Of(IReadOnlyList<Trial> trials)
    {
        Trial[] batched = [.. trials.Where(trial => trial.IsInGroup && trial.Spec.Model.Kernel == KernelPath.Batched)];
        return
        [
            .. trials.Except(batched).Select(trial => new StepGroup([trial], isBatched: false)),
            .. batched.GroupBy(trial => Packing.KindOf(trial.Spec), StringComparer.Ordinal).Select(kind => new StepGroup([.. kind], isBatched: true)),
        ];
    }

    /// <summary>The backend's step, made when the first trials are ready for one.</summary>
    /// <param name="ready">The trials that take the next step.</param>
    public ITrainStep StepOf(IReadOnlyList<Trial> ready) => step ??= isBatched
        ? TrainSteps.Create([.. ready.Select(trial => trial.Learner)])
        : TrainSteps.Create(ready[0].Learner);

    public void Dispose() => step?.Dispose();
}
