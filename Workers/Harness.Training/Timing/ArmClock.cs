
namespace Harness.Training.Timing;

/// <summary>What times are taken with.</summary>
/// <param name="Wall">The monotonic clock.</param>
/// <param name="Processor">Processor time of this process so far, all threads.</param>
/// <param name="Energy">The processor package's energy counters; null where there are none.</param>
internal sealed record Instruments(TimeProvider Wall, Func<TimeSpan> Processor, EnergyCounter? Energy);

/// <summary>Times one arm's steps, a visit at a time, and keeps what every counted visit found.</summary>
/// <remarks>
/// The visits before the first counted one decide how many steps a visit is made of: single steps that are too short to time well are averaged over.
/// Where they are short, the first step of a visit is not timed, because other arms have emptied the caches, which consecutive steps of a training do not find.
/// </remarks>
internal sealed class ArmClock(ITimedStep step, Instruments instruments) : IDisposable
{
    /// <summary>A visit lasts about this long at least, unless that would take more than <see cref="MostSteps"/>.</summary>
    private const double VisitMilliseconds = 4;

    private const int MostSteps = 8;

    /// <summary>Above this a step touches more memory than a cache holds, so its predecessor does not matter.</summary>
    private const double SettlesBelowMilliseconds = 20;

    private readonly List<double> settling = [], steps = [], processor = [];
    private readonly List<double>[] phases = [[], [], [], []];
    private double joules;
    private long counted;

    /// <summary>Steps of one visit.</summary>
    public int StepsPerVisit { get; private set; } = 1;

    /// <summary>Milliseconds per step, by visit.</summary>
    public double[] StepMs => [.. steps];

    /// <summary>Milliseconds of processor time per step, by visit.</summary>
    public double[] ProcessorMs => [.. processor];

    /// <summary>Mean joules per step; null where they cannot be read.</summary>
    public double? JoulesPerStep => instruments.Energy is null || counted == 0 ? null : joules / counted;

    /// <summary>Milliseconds of a phase per step, by visit.</summary>
    public double[] PhaseMs(StepPhase phase) => [.. phases[(int)phase]];

    /// <param name="counts">Whether the visit is kept, or only warms up.</param>
    public void Visit(bool counts)
    {
        if (counts && steps.Count == 0 && settling.Count > 0) StepsPerVisit = (int)Math.Clamp(Math.Ceiling(VisitMilliseconds / Math.Max(Usual(), 1e-3)), 1, MostSteps);
        step.Prepare();
        if (settling.Count == 0 || Usual() < SettlesBelowMilliseconds) step.RunStep(null);
        step.Synchronise();

        var phaseMs = new double[phases.Length];
        var energy = instruments.Energy?.Read();
        var (cpu, started) = (instruments.Processor(), instruments.Wall.GetTimestamp());
        if (step.WorksOnItsOwn)
        {
            for (var i = 0; i < StepsPerVisit; i++) step.RunStep(null);
            step.Synchronise();
        }
        else
        {
            for (var i = 0; i < StepsPerVisit; i++) RunInPhases(phaseMs);
        }

        var wall = instruments.Wall.GetElapsedTime(started).TotalMilliseconds / StepsPerVisit;
        var cpuMs = (instruments.Processor() - cpu).TotalMilliseconds / StepsPerVisit;
        var used = energy is null ? 0 : instruments.Energy!.Between(energy, instruments.Energy.Read());
        var phaseSteps = StepsPerVisit;
        if (step.WorksOnItsOwn)
        {
            phaseSteps = 1;
            RunInPhases(phaseMs);
        }

        if (!counts)
        {
            settling.Add(wall);
            return;
        }

        steps.Add(wall);
        processor.Add(cpuMs);
        for (var phase = 0; phase < phases.Length; phase++) phases[phase].Add(phaseMs[phase] / phaseSteps);
        (joules, counted) = (joules + used, counted + StepsPerVisit);
    }

    private void RunInPhases(double[] milliseconds)
    {
        var from = instruments.Wall.GetTimestamp();
        step.RunStep(phase =>
        {
            step.Synchronise();
            var now = instruments.Wall.GetTimestamp();
            milliseconds[(int)phase] += instruments.Wall.GetElapsedTime(from, now).TotalMilliseconds;
            from = now;
        });
    }

    /// <summary>The median of the warm-up.</summary>
    private double Usual() => settling.Order().ElementAt(settling.Count / 2);

    public void Dispose() => step.Dispose();
}
