using Harness.Reports.Summaries;
using Harness.Scheduling.Stages;
using Harness.Store;

namespace Harness.Server.Grains;

/// <remarks>This part decides the next step of experiments with stages.</remarks>
public sealed partial class Scheduler
{
    /// <summary>Has the next stage decided of every experiment whose trials all have results; called under the lock.</summary>
    private void GrowUndecided()
    {
        foreach (var experiment in core.TakeUndecided()) _ = Grow(experiment);
    }

    /// <summary>Decides the next step of an experiment and queues the trials that it adds.</summary>
    /// <remarks>Rests on stored results alone. Ended by a crash, it is done again by the next start, with the same outcome.</remarks>
    private async Task Grow(long experiment)
    {
        await Task.Yield();
        lock (gate) core.ExpectAdmission();
        try
        {
            // Behind the end of the last trial, which was enqueued under the lock.
            if (await store.Stage(experiment) is not { } state) return;
            var step = next?.Invoke(state) ?? (LookRule.Applies(state) ? LookRule.Next(state, await store.Results(experiment, SummaryBuilder.CurvesFor)) : StageRules.Next(state));
            if (await store.Grow(experiment, state.Decisions.Count, step) is not { } admitted) return;
            SchedulerLog.Grown(log, experiment, step.Stage, step.Trials.Count, step.Why);
            await Decide(changes =>
            {
                core.Grow(admitted[0], changes);
                foreach (var other in admitted.Skip(1)) changes.AddRange(core.Admit(other));
                return true;
            });
        }
        catch (Exception error)
        {
            // A broken database has ended this scheduler already; everything else concerns this experiment alone.
            SchedulerLog.NotGrown(log, experiment, error);
            lock (gate) core.NotDecided(experiment, error is WriteRefusedException refused ? refused.Reason : error.Message);
        }
        finally
        {
            lock (gate) core.EndAdmission();
        }
    }
}
