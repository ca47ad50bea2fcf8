using Harness.Abstractions.Specs;
using Harness.Training.Randomness;
using Harness.Training.Shared;

namespace Harness.Training.Tasks;

/// <summary>
/// The Mackey–Glass series (Mackey &amp; Glass 1977): ẋ = 0.2·x(t−τ)/(1 + x(t−τ)^10) − 0.1·x, integrated by the classical Runge–Kutta method
/// with four sub-steps per time unit, from a constant past drawn from U[0.5, 1.3], after 8·τ time units of running in.
/// </summary>
[CatalogName("mackey-glass")]
internal sealed class MackeyGlassTask(TaskSpec spec) : SequenceTask
{
    private const int SubSteps = 4;
    private const double H = 1.0 / SubSteps;

    private readonly int delay = spec.Parameters.Integer("delay");
    private readonly int horizon = spec.Parameters.Integer("horizon");

    public override TaskShape Shape { get; } = TaskShape.AnsweredFrom(spec, 0);

    public override void Generate(RandomStream random, SequenceSlot slot)
    {
        var past = new double[delay * SubSteps + 1];             // x(t−τ) … x(t), a ring
        Array.Fill(past, 0.5 + 0.8 * random.NextDouble());
        var oldest = 0;
        // The phase at which the window opens is random too, or all windows of one start would look alike.
        for (var skipped = 8 * delay + random.NextInt32(delay); skipped > 0; skipped--) Advance(past, ref oldest);

        for (var step = 0; step < Shape.Steps + horizon; step++)
        {
            var x = (float)Advance(past, ref oldest);
            if (step < Shape.Steps) slot.Input(step, 0, x);
            if (step >= horizon) slot.Value(step - horizon, 0, x);
        }
    }

    /// <summary>One time unit on; returns the new value.</summary>
    private static double Advance(double[] past, ref int oldest)
    {
        double x = 0;
        for (var i = 0; i < SubSteps; i++)
        {
            x = past[(oldest + past.Length - 1) % past.Length];
            var (then, soon) = (past[oldest], past[(oldest + 1) % past.Length]);
            var middle = (then + soon) / 2;
            var k1 = Slope(x, then);
            var k2 = Slope(x + H / 2 * k1, middle);
            var k3 = Slope(x + H / 2 * k2, middle);
            var k4 = Slope(x + H * k3, soon);
            x += H / 6 * (k1 + 2 * k2 + 2 * k3 + k4);
            past[oldest] = x;
            oldest = (oldest + 1) % past.Length;
        }

        return x;
    }

    private static double Slope(double x, double delayed)
    {
        var square = delayed * delayed;
        var fourth = square * square;
        return 0.2 * delayed / (1 + fourth * fourth * square) - 0.1 * x;
    }
}
