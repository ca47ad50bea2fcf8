
namespace Harness.Abstractions.Specs;

/// <summary>
/// What a timing trial measures: how long a training step takes, for arms that take alternate steps (ABC, CBA, ABC …) in one process, so that whatever
/// slows the machine for a while slows all of them.
/// </summary>
/// <remarks>The trial that carries it repeats its first arm in its own fields, with a step per round: that is what lists and progress show.</remarks>
/// <param name="WarmUp">Rounds at the start that are not counted.</param>
/// <param name="Rounds">Rounds that are counted: the repetitions of every arm.</param>
/// <param name="Arms">No two alike; at least one. They read one data file at most, and run on one kind of device.</param>
public sealed record TimingSpec(int WarmUp, int Rounds, IReadOnlyList<TimingArm> Arms)
{
    /// <summary>Lazy initialisation, cold caches and the runtime's compiler are over by then.</summary>
    public const int DefaultWarmUp = 5;

    /// <summary>Enough for a median and its quartiles; more than the 30 that are the least.</summary>
    public const int DefaultRounds = 40, FewestRounds = 30, MostRounds = 1_000;
}

/// <param name="Step">Everything that can change how long a step takes, and nothing else: see <see cref="StepOf"/>.</param>
/// <param name="Threads">Threads that the library computes with; the engine uses one.</param>
public sealed record TimingArm(TrialSpec Step, int Threads)
{
    /// <summary>
    /// The part of a trial that its time per step depends on, on a backend: sizes, task, batch, optimizer, clipping, precision, device. How long it is
    /// trained, from where, and what is looked at on the way takes no part; the weights hardly move, so that the last round does the work of the first.
    /// </summary>
    public static TrialSpec StepOf(TrialSpec trial, KernelPath kernel) => new(
        TrialSpec.RevisionOf(kernel),
        trial.Task,
        trial.Model with { Kernel = kernel, KernelAuto = null, Init = InitKind.Default, ForgetBias = null, UpdateBias = null, TMax = null, SpectralRadius = null, Weights = null },
        new TrainSpec(1, trial.Train.Batch, trial.Train.Optimizer with { LearningRate = 1e-6, Schedule = null }, trial.Train.ClipNorm, trial.Train.ClipValue,
            EarlyStop: null, trial.Train.Sequences, trial.Train.LabelNoise),
        new EvaluationSpec(1, 1),
        new ProbeSpec([], 1),
        Target: null,
        trial.Dtype,
        trial.Device,
        Seed: 1);

    /// <summary>The arm's name in results: the identity of its step, without the number of threads.</summary>
    public string Id => TrialIdentity.Of(Step);
}
