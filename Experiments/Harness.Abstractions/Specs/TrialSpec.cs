using System.Text.Json.Serialization;

namespace Harness.Abstractions.Specs;

/// <summary>Everything that can change a trial's outcome, and nothing else: its JSON is what the trainer reads and what the trial's identity is hashed from.</summary>
/// <remarks>
/// A property added later must be nullable and absent by default (<see cref="JsonIgnoreCondition.WhenWritingNull"/> is on),
/// so that finished trials keep their identity.
/// </remarks>
/// <param name="Revision">The trainer's numerical contract: see <see cref="RevisionOf"/>.</param>
/// <param name="Seed">Weights are f(spec, seed), batches f(task, seed, step): equal seeds give every cell the same data.</param>
/// <param name="Timing">What a timing trial measures; null for a trial that learns.</param>
public sealed record TrialSpec(
    int Revision,
    TaskSpec Task,
    ModelSpec Model,
    TrainSpec Train,
    EvaluationSpec Evaluation,
    ProbeSpec Probe,
    TargetSpec? Target,
    Precision Dtype,
    DeviceKind Device,
    long Seed,
    TimingSpec? Timing = null)
{
    /// <summary>The contract of trials on a backend. Raised when the same spec would come to other numbers on it, in the last bit too; what other paths have computed stays.</summary>
    /// <remarks>
    /// Engine: 2 since evaluations are its own, too, in float64 and sequence by sequence; 3 since subnormal numbers are flushed and clipping scales in float64.
    /// Other paths: 2 since then, too, and since their gradient norms are float64.
    /// Library: 3 since oneDNN no longer evaluates LSTMs, which was wrong on some processors.
    /// </remarks>
    public static int RevisionOf(KernelPath kernel) => kernel is KernelPath.Engine or KernelPath.Library ? 3 : 2;
}

/// <param name="Kind">A task of <see cref="Catalog.TaskCatalog"/>.</param>
/// <param name="Length">T, steps per sequence.</param>
/// <param name="Parameters">The task's own parameters, completed with its defaults and, for a file, with what it holds.</param>
/// <param name="Shortest">Each sequence's length is drawn from here to <paramref name="Length"/>; null means that all have that length.</param>
/// <param name="Data">SHA-256 of the file that sequences are cut from, as 64 lower-case hexadecimal digits; null for generated tasks.</param>
public sealed record TaskSpec(string Kind, int Length, ParameterSet Parameters, int? Shortest = null, string? Data = null);

/// <param name="Cell">A cell of <see cref="Catalog.CellCatalog"/>.</param>
/// <param name="Kernel">Which code computes it: see <see cref="KernelPath"/>.</param>
/// <param name="Hidden">H, units per layer and direction.</param>
/// <param name="Activation">tanh or relu for cells that offer the choice, else null.</param>
/// <param name="Init">How weights are drawn.</param>
/// <param name="ForgetBias">The LSTM's forget-gate bias as the sum over both bias vectors (written as b_ih = value, b_hh = 0); null keeps the draw.</param>
/// <param name="UpdateBias">The GRU's update-gate bias, likewise.</param>
/// <param name="Dropout">Share of values dropped between layers in training, from 0 to below 1; the masks are f(seed, step). Null means 0.</param>
/// <param name="SpectralRadius">Every H×H block of the recurrent weights is scaled to this largest eigenvalue by magnitude, after it has been drawn; null keeps the draw.</param>
/// <param name="KernelAuto">True when the file left the path to us and <paramref name="Kernel"/> is what was taken; null when it named the path.</param>
/// <param name="TMax">The longest dependency that <see cref="InitKind.Chrono"/> prepares for, in steps, at least 3; null means the task's steps.</param>
/// <param name="Weights">SHA-256 of the safetensors file with the initial weights, as 64 lower-case hexadecimal digits; null draws all of them.</param>
public sealed record ModelSpec(
    string Cell,
    KernelPath Kernel,
    int Hidden,
    int Layers,
    bool Bidirectional,
    string? Activation,
    InitKind Init,
    double? ForgetBias = null,
    double? UpdateBias = null,
    double? Dropout = null,
    double? TMax = null,
    double? SpectralRadius = null,
    bool? KernelAuto = null,
    string? Weights = null);

/// <param name="Steps">Optimizer steps.</param>
/// <param name="Batch">B, sequences per step.</param>
/// <param name="ClipNorm">Largest global gradient norm, applied after backward; null clips nothing.</param>
/// <param name="ClipValue">Largest gradient entry by magnitude, applied after backward; excludes <paramref name="ClipNorm"/>.</param>
/// <param name="EarlyStop">When to end before the last step; null means never.</param>
/// <param name="Sequences">N, the size of a training set that is fixed beforehand; null draws fresh sequences at every step.</param>
/// <param name="Keep">Which weights the trial ends with; null means those of the last step.</param>
/// <param name="LabelNoise">Share of the training answers that are replaced by wrong ones, above 0 and at most 1; null means none.</param>
public sealed record TrainSpec(
    int Steps,
    int Batch,
    OptimizerSpec Optimizer,
    double? ClipNorm,
    double? ClipValue = null,
    EarlyStopSpec? EarlyStop = null,
    int? Sequences = null,
    double? LabelNoise = null,
    KeepKind? Keep = null);

/// <summary>Which weights a trial ends with: final losses, the test part, the probes at the end and exports are theirs.</summary>
public enum KeepKind
{
    /// <summary>Those of the last step. In a spec it is written as an absent value, so that trials from before the choice are the same trials.</summary>
    Last,

    /// <summary>Those with the smallest evaluation loss, the first of equals.</summary>
    Best,
}

/// <summary>When training ends before its last step; looked at after each evaluation.</summary>
/// <param name="OnTarget">Whether to end once the target is reached; null means no.</param>
/// <param name="Patience">Evaluations in a row without a smaller evaluation loss after which to end; null means never.</param>
public sealed record EarlyStopSpec(bool? OnTarget = null, int? Patience = null);

/// <param name="LearningRate">Before the schedule.</param>
/// <param name="Momentum">For SGD and RMSprop, from 0 to below 1; null means 0.</param>
/// <param name="WeightDecay">For AdamW, decoupled; for SGD, L2. Null means 0.</param>
/// <param name="Schedule">How the learning rate changes; null keeps it.</param>
public sealed record OptimizerSpec(
    OptimizerKind Kind,
    [property: JsonPropertyName("lr")] double LearningRate,
    double? Momentum = null,
    double? WeightDecay = null,
    ScheduleSpec? Schedule = null);

/// <summary>The factor on the learning rate at step s (from 1) of S: warm-up first, then the schedule's own course over the remaining steps.</summary>
/// <param name="WarmUp">Steps over which the factor rises linearly to 1; null means none.</param>
/// <param name="Every">For <see cref="ScheduleKind.Step"/>: steps between two falls.</param>
/// <param name="Factor">For <see cref="ScheduleKind.Step"/>: what each fall multiplies by.</param>
/// <param name="Floor">For <see cref="ScheduleKind.Cosine"/>: the factor at the last step; null means 0.</param>
public sealed record ScheduleSpec(ScheduleKind Kind, int? WarmUp = null, int? Every = null, double? Factor = null, double? Floor = null);

/// <param name="Every">Steps between evaluations; the last step is always evaluated.</param>
/// <param name="Sequences">Size of the evaluation set, the same for every cell and step of a seed.</param>
/// <param name="Length">The length of every evaluation sequence; null means lengths as in training.</param>
public sealed record EvaluationSpec(int Every, int Sequences, int? Length = null);

/// <param name="Gradients">When the gradient profile is taken; empty takes none.</param>
/// <param name="Sequences">How many evaluation sequences a profile averages over.</param>
/// <param name="Weights">When the recurrent weights' σ_max and spectral radius are taken; null takes none.</param>
/// <param name="Gates">When the retention gate's statistics are taken, for cells that have one; null takes none.</param>
/// <param name="Trace">When an example trace of the gates is taken, for cells that have any; null takes none.</param>
/// <param name="Dynamics">When the state's largest Lyapunov exponent and the long-range share of the recurrent weights' gradient are taken; null takes none.</param>
/// <param name="Health">When gradients that are exactly zero and dead units are counted; null never.</param>
/// <param name="GradientsEvery">Steps between further gradient profiles during training (<see cref="ProbeMoment.During"/>); null takes none.</param>
public sealed record ProbeSpec(
    IReadOnlyList<ProbeMoment> Gradients,
    int Sequences,
    IReadOnlyList<ProbeMoment>? Weights = null,
    IReadOnlyList<ProbeMoment>? Gates = null,
    int? GradientsEvery = null,
    IReadOnlyList<ProbeMoment>? Trace = null,
    IReadOnlyList<ProbeMoment>? Dynamics = null,
    IReadOnlyList<ProbeMoment>? Health = null);

/// <summary>A trial reaches its target once the metric is beyond the threshold at two evaluations in a row (MLPerf's rule).</summary>
public sealed record TargetSpec(string Metric, double? Below, double? Above);

/// <summary>Which code computes the recurrence. Part of a result's identity.</summary>
public enum KernelPath
{
    /// <summary>The library's automatic loop: nn.RNN, nn.LSTM, nn.GRU (cuDNN on a GPU).</summary>
    Library,

    /// <summary>The hand-written loop over nn.RNNCell, nn.LSTMCell, nn.GRUCell.</summary>
    Cell,

    /// <summary>Our own kernels for the CPU.</summary>
    Engine,

    /// <summary>The hand-written loop over batched matrix products, one step of which is that of every model of a pack.</summary>
    Batched,
}

public enum InitKind
{
    /// <summary>PyTorch's U(−1/√H, 1/√H) for every weight and bias.</summary>
    Default,

    /// <summary>Every H×H block of the recurrent weights is a random orthogonal matrix (Saxe et al. 2014); the rest as <see cref="Default"/>.</summary>
    Orthogonal,

    /// <summary>IRNN (Le, Jaitly, Hinton 2015), for cells without gates: recurrent weights are the identity, biases zero, input weights N(0, 0.001²).</summary>
    Identity,

    /// <summary>Gate biases that remember for up to T_max steps (Tallec &amp; Ollivier 2018), for cells with a retention gate; the rest as <see cref="Default"/>.</summary>
    Chrono,
}

public enum OptimizerKind
{
    /// <summary>Adam (Kingma &amp; Ba 2015) with β = (0.9, 0.999), ε = 1e-8.</summary>
    Adam,

    /// <summary>Stochastic gradient descent, with momentum as PyTorch writes it (v' = μv + g, w' = w − lr·v').</summary>
    Sgd,

    /// <summary>Adam with decoupled weight decay (Loshchilov &amp; Hutter 2019).</summary>
    AdamW,

    /// <summary>RMSprop (Tieleman &amp; Hinton 2012) with α = 0.99, ε = 1e-8.</summary>
    RmsProp,
}

public enum ScheduleKind
{
    /// <summary>The learning rate stays, after any warm-up.</summary>
    Constant,

    /// <summary>The learning rate falls by a factor every so many steps.</summary>
    Step,

    /// <summary>Half a cosine from 1 down to the floor (Loshchilov &amp; Hutter 2017, without restarts).</summary>
    Cosine,
}

/// <summary>In the order in which they come.</summary>
public enum ProbeMoment
{
    Init,

    /// <summary>Along the way, every so many steps (<see cref="ProbeSpec.GradientsEvery"/>).</summary>
    During,

    Middle,
    End,
}

public enum Precision
{
    Float32,
    Float64,
}

public enum DeviceKind
{
    Cpu,
    Cuda,
}
