using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Results;

/// <summary>What every gate did over one sequence, the first of the evaluation set: an example to look at, never a statistic.</summary>
/// <param name="Moment">When it was taken.</param>
/// <param name="Step">After how many optimizer steps.</param>
/// <param name="Length">T, steps of the sequence as the network sees it.</param>
/// <param name="Steps">The steps that were kept, ascending, from 0: all of them up to <see cref="MostSteps"/>, else every so many.</param>
/// <param name="RelevantSteps">The steps whose inputs decide the answer, among all T; empty where the task singles none out.</param>
/// <param name="AnswerSteps">The steps at which an answer is asked for, among all T.</param>
/// <param name="InputSize">Features per step that were kept: the first <see cref="MostFeatures"/> of the task's.</param>
/// <param name="Inputs">The kept steps' inputs, [step][feature], row by row.</param>
/// <param name="Layers">Every layer and direction, the first layer first, forwards first.</param>
public sealed record GateTrace(
    ProbeMoment Moment,
    int Step,
    int Length,
    int[] Steps,
    int[] RelevantSteps,
    int[] AnswerSteps,
    int InputSize,
    float[] Inputs,
    IReadOnlyList<LayerTrace> Layers)
{
    public const int MostSteps = 512, MostUnits = 64, MostFeatures = 32;
}

/// <summary>The gates of one layer in one direction.</summary>
/// <param name="Units">
/// The units that were kept, as numbers in the layer, in the order of the columns of <see cref="GateActivity.Values"/>: by the mean over the
/// sequence of the gate that keeps the state (or of the first gate), largest first; of more than <see cref="GateTrace.MostUnits"/> evenly spaced ones.
/// </param>
/// <param name="Gates">In the order of <see cref="CellDefinition.Gates"/>.</param>
public sealed record LayerTrace(int Layer, bool Backwards, int[] Units, IReadOnlyList<GateActivity> Gates);

/// <summary>One gate's values.</summary>
/// <param name="Gate">One of <see cref="CellDefinition.Gates"/>.</param>
/// <param name="Low">What the byte 0 stands for: 0 for gates; for candidates, which may be negative, −1 or less.</param>
/// <param name="High">What the byte 255 stands for: 1 for gates.</param>
/// <param name="Values">[kept step][kept unit], row by row, in the sequence's own time for both directions.</param>
public sealed record GateActivity(string Gate, double Low, double High, byte[] Values)
{
    /// <summary>The value that a byte stands for; off by at most half of (<see cref="High"/> − <see cref="Low"/>)/255.</summary>
    public double Decode(byte value) => Low + (High - Low) * value / byte.MaxValue;
}
