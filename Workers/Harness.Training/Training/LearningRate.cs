using Harness.Abstractions.Specs;

namespace Harness.Training;

/// <summary>The learning rate of each step: a pure function of the spec and the step.</summary>
internal static class LearningRate
{
    /// <param name="step">From 1.</param>
    /// <param name="steps">S, all steps of the trial.</param>
    public static double At(OptimizerSpec spec, int step, int steps) => spec.LearningRate * (spec.Schedule is { } schedule ? Factor(schedule, step, steps) : 1);

    private static double Factor(ScheduleSpec schedule, int step, int steps)
    {
        var warmUp = schedule.WarmUp ?? 0;
        if (step <= warmUp) return (double)step / warmUp;
        switch (schedule.Kind)
        {
            case ScheduleKind.Step:
                double factor = 1;
                for (var falls = (step - warmUp - 1) / schedule.Every!.Value; falls > 0; falls--) factor *= schedule.Factor!.Value;
                return factor;
            case ScheduleKind.Cosine:
                var floor = schedule.Floor ?? 0;
                var progress = steps - warmUp > 1 ? (double)(step - warmUp - 1) / (steps - warmUp - 1) : 0;
                return floor + (1 - floor) * (1 + Math.Cos(Math.PI * progress)) / 2;
            default:
                return 1;
        }
    }
}
