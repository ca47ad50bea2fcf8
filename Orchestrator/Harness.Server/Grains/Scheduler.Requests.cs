using Harness.Scheduling;
using Harness.Store;

namespace Harness.Server.Grains;

/// <remarks>This part is what people ask of experiments and workers. Events name who asked.</remarks>
public sealed partial class Scheduler
{
    /// <param name="actor">Who asks for it; the events name him.</param>
    public Task<bool> Pause(long experiment, string? actor = null) => Decide(changes => For(actor, changes, core.Pause(experiment, changes)));

    /// <inheritdoc cref="Pause"/>
    public Task<bool> Resume(long experiment, string? actor = null) => Decide(changes => For(actor, changes, core.Resume(experiment, changes)));

    /// <inheritdoc cref="Pause"/>
    public Task<bool> Cancel(long experiment, string? actor = null) => Decide(changes => For(actor, changes, core.Cancel(experiment, changes)));

    /// <summary>Retries the failed and cancelled trials of an experiment, also of one that had ended before this scheduler began.</summary>
    /// <param name="actor">See <see cref="Pause"/>.</param>
    /// <returns>How many trials are retried.</returns>
    public async Task<int> Retry(long experiment, string? actor = null)
    {
        lock (gate) core.ExpectAdmission();
        try
        {
            var ended = Counts(experiment) is null ? await store.Find(experiment) : null;
            return await Decide(changes =>
            {
                // The database knows already that it has finished.
                if (ended is not null && core.Counts(experiment) is null) changes.AddRange(core.Admit(ended).Where(change => change is not ExperimentFinished));
                return For(actor, changes, core.Retry(experiment, changes));
            });
        }
        finally
        {
            lock (gate) core.EndAdmission();
        }
    }

    /// <summary>Starts nothing more on a worker, or puts it to work again.</summary>
    /// <param name="actor">See <see cref="Pause"/>.</param>
    /// <returns>Whether that changed anything.</returns>
    public Task<bool> Drain(string worker, bool drain, string? actor = null) => Decide(changes => For(actor, changes, core.Drain(worker, drain, changes)));

    /// <inheritdoc cref="Pause"/>
    public Task<bool> Prioritise(long experiment, int priority, string? actor = null) => Decide(changes => For(actor, changes, core.Prioritise(experiment, priority, changes)));

    /// <summary>Removes an experiment that has ended from every list. Its results are removed by <see cref="ExperimentStore.RemoveUnwanted"/>.</summary>
    /// <param name="actor">See <see cref="Pause"/>.</param>
    /// <returns>False when it has not ended.</returns>
    public Task<bool> Delete(long experiment, string? actor = null) => Decide(changes => For(actor, changes, core.Delete(experiment, changes)));

    /// <summary>Names who asked in every change that came of it.</summary>
    private static T For<T>(string? actor, List<SchedulerChange> changes, T answer)
    {
        for (var i = 0; i < changes.Count; i++) changes[i] = changes[i] with { Actor = actor };
        return answer;
    }
}
