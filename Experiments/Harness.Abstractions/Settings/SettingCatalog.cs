using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Settings;

/// <summary>Every key of the experiment file. The one place where a key is registered, and so longer than other files.</summary>
/// <remarks>Long because it is one table: reader, schema, reference page and completion are made from it, in its order.</remarks>
public static class SettingCatalog
{
    public const int CurrentVersion = 1;

    private static readonly string[] EvaluationMetrics = MetricCatalog.All.Where(metric => metric.IsEvaluated).Select(metric => metric.Name).ToArray();

    private static readonly Func<CellDefinition, bool> Recurrent = cell => cell.IsRecurrent;

    internal static readonly SettingDescriptor Version = new("version", new WholeNumberType(1, 1_000),
        "Version of this file format.", "1")
    { IsRequired = true };

    internal static readonly SettingDescriptor Name = new("name", new NameType(),
        "Names the experiment in lists, files and the report.", "adding-problem")
    { IsRequired = true };

    internal static readonly SettingDescriptor Question = new("question", new TextType(500),
        "What the experiment wants to know, in one sentence. Reports in several languages can have it in each: { en: ..., zh: ... }; translations change no identity.", "How far back can each cell remember?")
    { CanBePerLanguage = true };

    internal static readonly SettingDescriptor Task = new("task.kind", new WordType(TaskCatalog.All.Select(task => task.Kind).ToArray()),
        "The problem that the cells learn.", "adding")
    {
        ShortName = "task", IsRequired = true, CanVary = true, Identity = "task.kind",
    };

    internal static readonly SettingDescriptor Length = new("task.length", new WholeNumberType(1, 100_000),
        "T, the number of steps in a sequence.", "100")
    {
        ShortName = "length", IsRequired = true, CanVary = true, CanBePerCell = true, Identity = "task.length", Symbol = "T",
    };

    internal static readonly SettingDescriptor Shortest = new("task.shortest", new OptionalType(new WholeNumberType(1, 100_000), "none"),
        "Sequences of different lengths in one batch: each length is drawn evenly from this to task.length, and shorter sequences end earlier; none gives all the same length.", "10")
    {
        ShortName = "shortest", Default = "none", CanVary = true, Identity = "task.shortest",
    };

    internal static readonly SettingDescriptor Cell = new("model.cell", new WordType(CellCatalog.All.Select(cell => cell.Name).ToArray()),
        "The recurrent cell. Usually a factor of the matrix.", "lstm")
    {
        ShortName = "cell", IsRequired = true, CanVary = true, Identity = "model.cell",
    };

    internal static readonly SettingDescriptor Kernel = new("model.kernel", new WordType(["library", "cell", CellDefinition.Engine, CellDefinition.Batched, "auto"]),
        "Which code computes the recurrence: the library's automatic loop (nn.RNN, nn.LSTM, nn.GRU; cuDNN on a GPU; for a Transformer its attention), the hand-written loop over one cell per step (cell), our own kernels for rnn, lstm and gru on the CPU (engine), a hand-written loop in which rnn, lstm or gru of a whole pack take each step as one program (batched, for GPUs; see run.pack), or auto: the engine wherever it applies, else the library. What was asked for and what was taken are both part of a trial's identity.", "library")
    {
        ShortName = "kernel", Default = "auto", CanVary = true, CanBePerCell = true, Identity = "model.kernel",
    };

    internal static readonly SettingDescriptor Hidden = new("model.hidden", new WholeNumberType(1, 8_192),
        "H, units per layer and direction.", "64")
    {
        ShortName = "hidden", Default = "64", CanVary = true, CanBePerCell = true, Identity = "model.hidden", Symbol = "H",
    };

    internal static readonly SettingDescriptor Layers = new("model.layers", new WholeNumberType(1, 16),
        "Stacked recurrent layers.", "2")
    {
        ShortName = "layers", Default = "1", CanVary = true, CanBePerCell = true, Identity = "model.layers", Symbol = "L",
    };

    internal static readonly SettingDescriptor Bidirectional = new("model.bidirectional", new SwitchType(),
        "Whether a second set of weights reads the sequence backwards.", "true")
    {
        ShortName = "bidirectional", Default = "false", CanVary = true, CanBePerCell = true, Identity = "model.bidirectional", AppliesTo = Recurrent,
    };

    internal static readonly SettingDescriptor Activation = new("model.activation",
        new WordType(CellCatalog.All.SelectMany(cell => cell.Activations).Distinct(StringComparer.Ordinal).ToArray()),
        "The non-linearity of cells that offer a choice; it has no effect on the others.", "relu")
    {
        ShortName = "activation", DefaultNote = "the cell's first: tanh", CanVary = true, CanBePerCell = true, Identity = "model.activation",
        AppliesTo = cell => cell.Activations.Count > 0,
    };

    internal static readonly SettingDescriptor Init = new("model.init", new WordType(["default", "orthogonal", "identity", "chrono"]),
        "How weights are drawn: default is PyTorch's U(-1/sqrt(H), 1/sqrt(H)) for every weight and bias; orthogonal draws orthogonal recurrent weights (Saxe et al. 2014); identity is the IRNN (Le, Jaitly & Hinton 2015), for cells without gates; chrono draws gate biases that remember for up to t_max steps (Tallec & Ollivier 2018), for cells with a gate that keeps the state.", "orthogonal")
    {
        ShortName = "init", Default = "default", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.init",
    };

    internal static readonly SettingDescriptor TMax = new("model.t_max", new NumberType(3, 1e6, AboveMinimum: false),
        "The longest dependency, in steps, that init chrono prepares for.", "100")
    {
        ShortName = "t_max", DefaultNote = "the task's steps", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.t_max",
        AppliesTo = cell => cell.RetentionGate is not null, Needs = Init, NeededWords = ["chrono"],
    };

    internal static readonly SettingDescriptor SpectralRadius = new("model.spectral_radius", new OptionalType(new NumberType(0, 100, AboveMinimum: true), "drawn"),
        "Scales every gate's recurrent weights to this spectral radius after they have been drawn; drawn keeps them. Above 1 gradients can explode.", "1.5")
    {
        ShortName = "spectral_radius", Default = "drawn", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.spectral_radius", AppliesTo = Recurrent,
    };

    internal static readonly SettingDescriptor ForgetBias = new("model.forget_bias", new OptionalType(new NumberType(-100, 100, AboveMinimum: false), "drawn"),
        "Forget-gate bias of cells that have the gate, as the sum over both bias vectors; drawn keeps the random draw.", "1")
    {
        ShortName = "forget_bias", Default = "drawn", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.forget_bias",
        AppliesTo = cell => cell.Gates.Contains("forget", StringComparer.Ordinal),
    };

    internal static readonly SettingDescriptor UpdateBias = new("model.update_bias", new OptionalType(new NumberType(-100, 100, AboveMinimum: false), "drawn"),
        "Update-gate bias of cells that have the gate, as the sum over both bias vectors; drawn keeps the random draw.", "1")
    {
        ShortName = "update_bias", Default = "drawn", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.update_bias",
        AppliesTo = cell => cell.Gates.Contains("update", StringComparer.Ordinal),
    };

    internal static readonly SettingDescriptor Weights = new("model.weights", new OptionalType(new FilePathType(), "none"),
        "Initial weights from a safetensors file in place of a draw, for example those of a trained PyTorch network: a path below the folder of the experiment file or a data root. Names are PyTorch's (weight_ih_l0, weight_hh_l0, bias_ih_l0, bias_hh_l0, _reverse), with or without a common prefix. Without an output layer in the file, that layer alone is drawn. See models.md.", "trained-lstm.safetensors")
    {
        ShortName = "weights", Default = "none", CanVary = true, CanBePerCell = true, Identity = "model.weights", Noun = "file",
    };

    internal static readonly SettingDescriptor Dropout = new("model.dropout", new NumberType(0, 0.9999, AboveMinimum: false),
        "Share of values dropped between layers in training.", "0.2")
    {
        ShortName = "dropout", Default = "0", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "model.dropout",
        Needs = Layers, NeededWords = Enumerable.Range(2, 15).Select(layers => layers.ToString(CultureInfo.InvariantCulture)).ToArray(), NeededNote = "2 or more",
    };

    internal static readonly SettingDescriptor Match = new("model.match", new WordType(["hidden", "parameters", "flops"]),
        "What the cells have in common: the hidden size as written, or the number of trainable parameters, or the operations per training step. With the latter two the hidden size of each cell is solved to the reference cell's budget.", "parameters")
    {
        Default = "hidden",
    };

    internal static readonly SettingDescriptor Reference = new("model.reference", new WordType(CellCatalog.All.Select(cell => cell.Name).ToArray()),
        "The cell whose size under model.hidden sets the budget when sizes are matched.", "lstm")
    {
        DefaultNote = "the first cell of the matrix", Noun = "cell",
    };

    internal static readonly SettingDescriptor Budget = new("model.budget", new QuantityType(1, 1_000_000_000_000_000),
        "The budget when sizes are matched, in place of a reference cell: trainable parameters with the read-out, or operations per training step.", "50k");

    internal static readonly SettingDescriptor Steps = new("train.steps", new WholeNumberType(1, 10_000_000),
        "Optimizer steps of each trial.", "3000")
    {
        ShortName = "steps", Default = "1000", CanVary = true, CanBePerCell = true, Identity = "train.steps",
    };

    internal static readonly SettingDescriptor Batch = new("train.batch", new WholeNumberType(1, 65_536),
        "B, sequences per step.", "64")
    {
        ShortName = "batch", Default = "64", CanVary = true, CanBePerCell = true, Identity = "train.batch", Symbol = "B",
    };

    internal static readonly SettingDescriptor TrainingSequences = new("train.sequences", new OptionalType(new WholeNumberType(1, 1_000_000), "fresh"),
        "N, the size of a training set that is fixed by the seed: epoch after epoch goes through all N sequences, each time in another order. fresh draws new sequences at every step, so that nothing can be learned by heart.", "200")
    {
        ShortName = "sequences", Default = "fresh", CanVary = true, CanBePerCell = true, Identity = "train.sequences", Symbol = "N",
    };

    internal static readonly SettingDescriptor LabelNoise = new("train.label_noise", new NumberType(0, 1, AboveMinimum: false),
        "Share of the training answers that are replaced: a class by another class, each as likely; a number by the answer of another sequence, drawn independently. Evaluations see right answers only.", "0.2")
    {
        ShortName = "label_noise", Default = "0", CanVary = true, CanBePerCell = true, Identity = "train.label_noise",
    };

    internal static readonly SettingDescriptor Optimizer = new("train.optimizer.kind", new WordType(["adam", "sgd", "adamw", "rmsprop"]),
        "The optimizer: adam (Kingma & Ba 2015; beta = (0.9, 0.999), epsilon = 1e-8), sgd, adamw (Loshchilov & Hutter 2019), rmsprop (Tieleman & Hinton 2012; alpha = 0.99, epsilon = 1e-8).", "sgd")
    {
        ShortName = "optimizer", Default = "adam", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.kind",
    };

    internal static readonly SettingDescriptor LearningRate = new("train.optimizer.lr", new NumberType(0, 100, AboveMinimum: true),
        "Learning rate. The setting that decides most; give each cell the one that suits it.", "3e-3")
    {
        ShortName = "lr", Default = "0.001", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.lr",
    };

    internal static readonly SettingDescriptor Momentum = new("train.optimizer.momentum", new NumberType(0, 0.9999, AboveMinimum: false),
        "Momentum of sgd and rmsprop.", "0.9")
    {
        ShortName = "momentum", Default = "0", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.momentum",
        Needs = Optimizer, NeededWords = ["sgd", "rmsprop"],
    };

    internal static readonly SettingDescriptor WeightDecay = new("train.optimizer.weight_decay", new NumberType(0, 100, AboveMinimum: false),
        "Weight decay: decoupled for adamw, L2 for sgd.", "0.01")
    {
        ShortName = "weight_decay", Default = "0", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.weight_decay",
        Needs = Optimizer, NeededWords = ["sgd", "adamw"],
    };

    internal static readonly SettingDescriptor Schedule = new("train.optimizer.schedule.kind", new WordType(["constant", "step", "cosine"]),
        "How the learning rate changes: it stays, falls by a factor every so many steps, or follows half a cosine down to the floor.", "cosine")
    {
        ShortName = "schedule", Default = "constant", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.schedule.kind",
    };

    internal static readonly SettingDescriptor WarmUp = new("train.optimizer.schedule.warm_up", new WholeNumberType(0, 10_000_000),
        "Steps over which the learning rate first rises linearly from zero.", "100")
    {
        ShortName = "warm_up", Default = "0", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.schedule.warm_up",
    };

    internal static readonly SettingDescriptor ScheduleEvery = new("train.optimizer.schedule.every", new WholeNumberType(1, 10_000_000),
        "Steps between two falls of schedule step.", "1000")
    {
        DefaultNote = "required for schedule step", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.schedule.every",
        Needs = Schedule, NeededWords = ["step"],
    };

    internal static readonly SettingDescriptor ScheduleFactor = new("train.optimizer.schedule.factor", new NumberType(0, 1, AboveMinimum: true),
        "What each fall of schedule step multiplies the learning rate by.", "0.5")
    {
        DefaultNote = "required for schedule step", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.schedule.factor",
        Needs = Schedule, NeededWords = ["step"],
    };

    internal static readonly SettingDescriptor ScheduleFloor = new("train.optimizer.schedule.floor", new NumberType(0, 1, AboveMinimum: false),
        "The share of the learning rate that is left at the last step of schedule cosine.", "0.1")
    {
        Default = "0", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.optimizer.schedule.floor",
        Needs = Schedule, NeededWords = ["cosine"],
    };

    internal static readonly SettingDescriptor ClipNorm = new("train.clip_norm", new OptionalType(new NumberType(0, 1e9, AboveMinimum: true), "none"),
        "Largest global gradient norm, applied after the backward pass; none clips nothing.", "1.0")
    {
        ShortName = "clip_norm", Default = "none", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.clip_norm",
    };

    internal static readonly SettingDescriptor ClipValue = new("train.clip_value", new OptionalType(new NumberType(0, 1e9, AboveMinimum: true), "none"),
        "Largest gradient entry by magnitude, applied after the backward pass; in place of clip_norm.", "0.1")
    {
        ShortName = "clip_value", Default = "none", CanVary = true, CanBeTuned = true, CanBePerCell = true, Identity = "train.clip_value",
    };

    internal static readonly SettingDescriptor Keep = new("train.keep", new WordType(["best", "last"]),
        "The weights that a trial ends with: those with the smallest evaluation loss, or those of the last step. Final loss, test loss, the probes at the end and exports are theirs.", "best")
    {
        DefaultNote = "best for tasks that read a file, which have a validation part; last for generated tasks", CanVary = true, CanBePerCell = true, Identity = "train.keep",
    };

    internal static readonly SettingDescriptor StopOnTarget = new("train.early_stop.on_target", new SwitchType(),
        "Whether a trial ends once its target is reached.", "true")
    {
        Default = "false", CanVary = true, CanBePerCell = true, Identity = "train.early_stop.on_target",
    };

    internal static readonly SettingDescriptor StopPatience = new("train.early_stop.patience", new OptionalType(new WholeNumberType(1, 1_000_000), "none"),
        "Evaluations in a row without a smaller evaluation loss after which a trial ends.", "5")
    {
        ShortName = "patience", Default = "none", CanVary = true, CanBePerCell = true, Identity = "train.early_stop.patience",
    };

    internal static readonly SettingDescriptor EvaluationEvery = new("evaluation.every", new WholeNumberType(1, 10_000_000),
        "Steps between evaluations. The last step is always evaluated.", "100")
    {
        DefaultNote = "a twentieth of train.steps", Identity = "evaluation.every",
    };

    internal static readonly SettingDescriptor EvaluationSequences = new("evaluation.sequences", new WholeNumberType(1, 1_000_000),
        "Size of the evaluation set, which is the same for every cell and step of a seed.", "1000")
    {
        Default = "1000", Identity = "evaluation.sequences",
    };

    internal static readonly SettingDescriptor EvaluationLength = new("evaluation.length", new OptionalType(new WholeNumberType(1, 100_000), "trained"),
        "The length of all evaluation sequences, which probes look at too, where it shall differ from training: what a cell does beyond the lengths it has seen.", "200")
    {
        ShortName = "evaluation_length", Default = "trained", CanVary = true, Identity = "evaluation.length",
    };

    internal static readonly SettingDescriptor ProbeGradients = new("probe.gradients", new OptionalType(new WordListType(["init", "middle", "end"]), "none"),
        "When the gradient that reaches each earlier step is profiled; none takes no profile.", "[init, end]")
    {
        Default = "[init, middle, end]", Identity = "probe.gradients", Noun = "moment", AppliesTo = Recurrent,
    };

    private static readonly SettingDescriptor[] PointProbes = MetricCatalog.PointProbes
        .Select(probe => new SettingDescriptor(probe.Setting, new OptionalType(new WordListType(["init", "middle", "end"]), "none"), probe.Summary, probe.Example)
        {
            Default = "none", Identity = probe.Setting, Noun = "moment", AppliesTo = probe.AppliesTo,
        })
        .ToArray();

    internal static readonly SettingDescriptor ProbeTrace = new("probe.trace", new OptionalType(new WordListType(["init", "middle", "end"]), "none"),
        "When an example is kept of what every gate does over one evaluation sequence, for cells that have gates; a few kilobytes to a few hundred per trial.", "[end]")
    {
        Default = "none", Identity = "probe.trace", Noun = "moment", AppliesTo = cell => cell.Gates.Count > 0,
    };

    internal static readonly SettingDescriptor ProbeGradientsEvery = new("probe.gradients_every", new OptionalType(new WholeNumberType(1, 10_000_000), "none"),
        "Steps between further gradient profiles along the way.", "100")
    {
        Default = "none", Identity = "probe.gradients_every", AppliesTo = Recurrent,
    };

    internal static readonly SettingDescriptor ProbeSequences = new("probe.sequences", new WholeNumberType(1, 10_000),
        "How many evaluation sequences a gradient profile averages over.", "32")
    {
        DefaultNote = "32, or evaluation.sequences where that is less", Identity = "probe.sequences",
    };

    internal static readonly SettingDescriptor TargetMetric = new("target.metric", new WordType(EvaluationMetrics),
        "The metric whose threshold counts as having solved the task, once it is met at two evaluations in a row.", MetricCatalog.EvaluationLoss)
    {
        DefaultNote = "the task's own criterion", Identity = "target.metric",
    };

    internal static readonly SettingDescriptor TargetBelow = new("target.below", new NumberType(-1e9, 1e9, AboveMinimum: false),
        "The target is met when the metric is below this. Give below or above, not both.", "0.01")
    { Identity = "target.below" };

    internal static readonly SettingDescriptor TargetAbove = new("target.above", new NumberType(-1e9, 1e9, AboveMinimum: false),
        "The target is met when the metric is above this.", "0.99")
    { Identity = "target.above" };

    internal static readonly SettingDescriptor Dtype = new("dtype", new WordType(["float32", "float64"]),
        "Precision of training. Gradient norms are always taken in float64.", "float64")
    {
        ShortName = "dtype", Default = "float32", CanVary = true, CanBePerCell = true, Identity = "dtype",
    };

    internal static readonly SettingDescriptor Device = new("device", new WordType(["cpu", "cuda"]),
        "The kind of device that trains.", "cuda")
    {
        ShortName = "device", Default = "cpu", CanVary = true, CanBePerCell = true, Identity = "device",
    };

    internal static readonly SettingDescriptor SeedCount = new("seeds.count", new WholeNumberType(1, 100_000),
        "How many seeds each condition is trained with. At least 6 decide one claim, 8 decide five and 11 decide thirty; plan shows what each claim needs.", "12")
    { Default = "8" };

    internal static readonly SettingDescriptor SeedBase = new("seeds.base", new WholeNumberType(0, int.MaxValue),
        "The first seed; the others follow it. In place of count and base, a list of seeds or just their number can be written: seeds: [3, 5, 8].", "1")
    { Default = "1" };

    internal static readonly SettingDescriptor SeedUntil = new("seeds.until", new WordType(["decided"]),
        "With decided, seeds are added until every claim is decided, or more of them would hardly decide it. Each look pays for all looks, so that the chance of any false verdict stays at 5 %.", "decided")
    { DefaultNote = "a fixed number of seeds" };

    internal static readonly SettingDescriptor SeedStart = new("seeds.start", new WholeNumberType(3, 100_000),
        "Seeds at the first look.", "8")
    { DefaultNote = "the fewest that can decide a claim, at least 8", Needs = SeedUntil, NeededWords = ["decided"] };

    internal static readonly SettingDescriptor SeedMost = new("seeds.most", new WholeNumberType(3, 100_000),
        "Seeds at the last look.", "40")
    { DefaultNote = "30", Needs = SeedUntil, NeededWords = ["decided"] };

    internal static readonly SettingDescriptor SeedLooks = new("seeds.looks", new WholeNumberListType(3, 100_000),
        "Seeds at each look, in place of start and most.", "[8, 12, 16, 20, 30]")
    { DefaultNote = "start, then more and more rarely, and most", Needs = SeedUntil, NeededWords = ["decided"] };

    internal static readonly SettingDescriptor TuneTrials = new("tune.trials", new WholeNumberType(2, 10_000),
        "Points that are tried for every arm, the same number for all.", "16")
    { Default = "16" };

    internal static readonly SettingDescriptor TuneSeconds = new("tune.seconds", new NumberType(0, 10_000_000, AboveMinimum: true),
        "In place of trials: seconds of training that every condition may spend in each study, the same for all. Points are added while they fit, and fast cells try more of them.", "60")
    { DefaultNote = "the number of points is the budget" };

    internal static readonly SettingDescriptor TuneSeeds = new("tune.seeds", new WholeNumberType(1, 1_000),
        "Seeds on which each point is tried; the median over them counts. They are never seeds of a verdict.", "2")
    { Default = "2" };

    internal static readonly SettingDescriptor TuneStudies = new("tune.studies", new WholeNumberType(1, 100),
        "Independent searches, each with its own points and seeds. They show how much of a choice is luck; the search in the middle chooses.", "3")
    { Default = "1" };

    internal static readonly SettingDescriptor TuneSampler = new("tune.sampler", new WordType(["sobol", "random", "grid"]),
        "How points are drawn, the same for every arm: a scrambled Sobol sequence (Joe & Kuo 2008, Owen 1995), independently, or every combination.", "sobol")
    { Default = "sobol" };

    internal static readonly SettingDescriptor TuneSelect = new("tune.select", new WordType(EvaluationMetrics),
        "The metric that chooses: the median over seeds, the better the smaller for a loss and the larger for an accuracy. For a data file it is taken on the validation part.", MetricCatalog.EvaluationLoss)
    { Default = MetricCatalog.EvaluationLoss, Noun = "metric" };

    internal static readonly SettingDescriptor TunePrune = new("tune.prune", new WordType(["none", "halving"]),
        "With halving, all points train for a part of their steps, and only the best go on for more (successive halving, Jamieson & Talwalkar 2016). Trials that a verdict counts are never pruned.", "halving")
    { Default = "none" };

    internal static readonly SettingDescriptor TuneEta = new("tune.eta", new WholeNumberType(2, 10),
        "One in so many points goes on after each rung, for so many times the steps.", "3")
    { Default = "2", Needs = TunePrune, NeededWords = ["halving"] };

    internal static readonly SettingDescriptor TuneRungs = new("tune.rungs", new WholeNumberType(2, 8),
        "How often points are trained and compared, the last time in full: with eta 2 and three rungs for 1/4, 1/2 and all of the steps.", "3")
    { Default = "3", Needs = TunePrune, NeededWords = ["halving"] };

    internal static readonly SettingDescriptor SpeedMeasure = new("speed.measure", new SwitchType(),
        "Whether timing trials are run after the learning trials: each has a machine to itself and takes every distinct training step of the experiment in turns, on every kernel path that has it.", "true")
    { Default = "false" };

    internal static readonly SettingDescriptor SpeedRounds = new("speed.rounds", new WholeNumberType(TimingSpec.FewestRounds, TimingSpec.MostRounds),
        "How often a timing trial measures each step, after the warm-up.", "100")
    { Default = TimingSpec.DefaultRounds.ToString(CultureInfo.InvariantCulture), Needs = SpeedMeasure, NeededWords = ["true"] };

    internal static readonly SettingDescriptor SweepLength = Sweep("length", 100_000, "T, in place of each condition's own", "[25, 50, 100, 200]");

    internal static readonly SettingDescriptor SweepHidden = Sweep("hidden", 8_192, "H, in place of each condition's own", "[32, 64, 128]");

    internal static readonly SettingDescriptor SweepBatch = Sweep("batch", 65_536, "B, in place of each condition's own", "[16, 32, 64]");

    internal static readonly SettingDescriptor SweepThreads = Sweep("threads", 1_024, "threads, where the device is the CPU and the path can use more than one, which the engine cannot", "[1, 2, 4]");

    internal static readonly SettingDescriptor Slots = new("run.slots", new WholeNumberType(1, 1_024),
        "Trials at once on this machine.", "2")
    { DefaultNote = "one per core" };

    internal static readonly SettingDescriptor Priority = new("run.priority", new WholeNumberType(-1_000, 1_000),
        "Experiments with a higher priority are started first.", "10")
    { Default = "0" };

    internal static readonly SettingDescriptor Order = new("run.order", new WordType(["seed-major", "condition-major"]),
        "Which trials start first: all conditions of the first seed, so that the first complete picture comes early, or all seeds of the first condition.", "condition-major")
    {
        Default = "seed-major",
    };

    internal static readonly SettingDescriptor TrialRetries = new("run.trial_retries", new WholeNumberType(0, 100),
        "How often a trial that failed by itself is tried again.", "1")
    { Default = "1" };

    internal static readonly SettingDescriptor InfrastructureRetries = new("run.infrastructure_retries", new WholeNumberType(0, 1_000),
        "How often a trial that lost its worker or its process is tried again.", "10")
    { Default = "10" };

    internal static readonly SettingDescriptor CheckpointEvery = new("run.checkpoint_every", new DurationType(0.1, 86_400),
        "Training time between checkpoints of a trial: what a killed process can lose at most. A stopped one loses nothing.", "2m")
    { Default = "30s" };

    internal static readonly SettingDescriptor KeepWeights = new("run.keep_weights", new SwitchType(),
        "Whether the final weights of each trial are kept in the data folder, for harness export-weights.", "false")
    { Default = "true" };

    internal static readonly SettingDescriptor HungAfter = new("run.hung_after", new DurationType(1, 86_400),
        "How long a trainer may show no sign of life before it is taken for hung, killed and tried again. Longer than the longest single step, evaluation or probe.", "1h")
    { Default = "10m" };

    internal static readonly SettingDescriptor Exclusive = new("run.exclusive", new SwitchType(),
        "Whether each trial gets a machine to itself: nothing else is started there while it runs, so that its times are its own.", "true")
    { Default = "false" };

    internal static readonly SettingDescriptor Memory = new("run.memory", new OptionalType(new QuantityType(1, 1_000_000_000_000_000), "any"),
        "Bytes of main memory per slot that a worker must have to get a trial.", "4G")
    { Default = "any" };

    internal static readonly SettingDescriptor Label = new("run.label", new OptionalType(new NameType(), "any"),
        "Only workers with this label get a trial.", "fast")
    { Default = "any" };

    internal static readonly SettingDescriptor Pack = new("run.pack", new OptionalType(new OptionalType(new WholeNumberType(2, Packing.Largest), "off"), "auto"),
        "How many trials that differ only in seed, step size or initial weights one slot trains side by side, each a step in its turn, which changes no result; with kernel batched as one program, which changes it by rounding. auto takes up to 64 with kernel batched and else trains each alone, for on the CPU there is little to gain.", "8")
    { Default = "auto" };

    internal static readonly SettingDescriptor ReportLanguage = new("report.language", new WordType(ReportLanguages.All),
        "The language of the report's own words; names and labels stay as the file has them, and so does a question that is not given in it.", ReportLanguages.All[0])
    { Default = ReportLanguages.All[0] };

    internal static readonly SettingDescriptor ReportTitle = new("report.title", new TextType(200),
        "The heading of the report.", "How far back can each cell remember?")
    { DefaultNote = "the experiment's name" };

    internal static readonly SettingDescriptor ReportLicence = new("report.data_licence", new TextType(200),
        "The licence of the data that the experiment reads. The data card and the cards of exported models name it.", "CC BY 4.0")
    { DefaultNote = "not recorded" };

    /// <summary>The parameters of the tasks, each once, whichever tasks have them.</summary>
    private static readonly SettingDescriptor[] TaskParameters = TaskCatalog.All.SelectMany(task => task.Parameters)
        .GroupBy(parameter => parameter.Name, StringComparer.Ordinal)
        .Select(group => new SettingDescriptor($"task.{group.Key}", new TaskParameterType(group.Key), group.First().Summary, group.First().Example ?? group.First().Choices?[^1] ?? group.First().Default!)
        {
            ShortName = group.First().HasShortName ? group.Key : null, DefaultNote = DefaultNoteOf(group.Key), CanVary = true,
            Identity = group.First().Type is FilePathType ? "task.data" : $"task.parameters.{group.Key}",
        })
        .ToArray();

    /// <summary>All keys with a value of their own, in the order of the reference page.</summary>
    public static IReadOnlyList<SettingDescriptor> All { get; } = Numbered(
    [
        Version, Name, Question,
        Task, Length, Shortest, .. TaskParameters,
        Cell, Kernel, Hidden, Layers, Bidirectional, Activation, Init, TMax, SpectralRadius, ForgetBias, UpdateBias, Weights, Dropout, Match, Reference, Budget,
        Steps, Batch, TrainingSequences, LabelNoise, Optimizer, LearningRate, Momentum, WeightDecay, Schedule, WarmUp, ScheduleEvery, ScheduleFactor, ScheduleFloor, ClipNorm, ClipValue, Keep, StopOnTarget, StopPatience,
        EvaluationEvery, EvaluationSequences, EvaluationLength,
        ProbeGradients, ProbeGradientsEvery, .. PointProbes, ProbeTrace, ProbeSequences,
        TargetMetric, TargetBelow, TargetAbove,
        Dtype, Device,
        SeedCount, SeedBase, SeedUntil, SeedStart, SeedMost, SeedLooks,
        TuneTrials, TuneSeconds, TuneSeeds, TuneStudies, TuneSampler, TuneSelect, TunePrune, TuneEta, TuneRungs,
        SpeedMeasure, SpeedRounds, SweepLength, SweepHidden, SweepBatch, SweepThreads,
        Slots, Priority, Order, TrialRetries, InfrastructureRetries, CheckpointEvery, KeepWeights, HungAfter, Exclusive, Memory, Label, Pack,
        ReportLanguage, ReportTitle, ReportLicence,
    ]);

    /// <summary>The settings that can be factors of the matrix: the cell first, then in the order of <see cref="All"/>. Conditions are nested in this order.</summary>
    public static IReadOnlyList<SettingDescriptor> Factors { get; } = [Cell, .. All.Where(setting => setting.CanVary && setting != Cell)];

    /// <summary>The settings that can be tuned, in the order of <see cref="All"/>.</summary>
    public static IReadOnlyList<SettingDescriptor> Tunable { get; } = [.. All.Where(setting => setting.CanBeTuned)];

    /// <summary>The setting called <paramref name="name"/>, by path or short name; null when there is none.</summary>
    public static SettingDescriptor? Find(string name) => ByName.GetValueOrDefault(name);

    private static readonly Dictionary<string, SettingDescriptor> ByName = All
        .SelectMany(setting => new[] { setting.Path, setting.ShortName }.OfType<string>().Distinct(StringComparer.Ordinal).Select(name => (name, setting)))
        .ToDictionary(pair => pair.name, pair => pair.setting, StringComparer.Ordinal);

    private static SettingDescriptor Sweep(string key, long most, string what, string example) => new($"speed.sweep.{key}", new WholeNumberListType(1, most),
        $"Further steps that timing trials measure, with these {what}: how the time of a step grows with it alone. Three values make an exponent.", example)
    {
        DefaultNote = "only what the conditions have", Needs = SpeedMeasure, NeededWords = ["true"],
    };

    private static SettingDescriptor[] Numbered(SettingDescriptor[] settings)
    {
        for (var i = 0; i < settings.Length; i++) settings[i].Ordinal = i;
        return settings;
    }

    private static string DefaultNoteOf(string parameter) => string.Join("; ", TaskCatalog.All
        .SelectMany(task => task.Parameters.Where(own => string.Equals(own.Name, parameter, StringComparison.Ordinal)).Select(own => own.Default is null ? $"required for {task.Kind}" : $"{own.Default} ({task.Kind})")));
}
