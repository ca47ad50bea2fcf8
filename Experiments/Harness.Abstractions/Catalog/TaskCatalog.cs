using Harness.Abstractions.Specs;

namespace Harness.Abstractions.Catalog;

/// <summary>The sequence tasks this product knows. The one place where a task is registered.</summary>
public static class TaskCatalog
{
    /// <summary>The parameter that says how far beyond a window its answer lies, for tasks that have it.</summary>
    public const string Horizon = HorizonRange.Parameter;

    /// <summary>The parameter that says how many folds there are. Each of them is a condition, whose trials hold its <see cref="DataFold.Parameter"/>.</summary>
    public const string Folds = "folds";

    public static IReadOnlyList<TaskDefinition> All { get; } =
    [
        new("adding", new("adding problem", "加法问题"), LossKind.MeanSquaredError,
            InputSize: _ => 2, OutputSize: _ => 1, MinimumLength: 2,
            Parameters:
            [
                new("markers", "anywhere", null, null, ["anywhere", "halves"],
                    "Where the two marked steps may lie: two distinct steps anywhere (Bai et al. 2018), or one in each half (Arjovsky et al. 2016). The distribution of lags differs."),
            ],
            Baseline: "predict the mean of the targets",
            Success: new(SuccessCriterion.Loss, Below: true, 0.01),
            new("Two channels per step: a number drawn from U[0,1] and a marker that is 1 at exactly two steps. The answer after the last step is the sum of the two marked numbers (Hochreiter & Schmidhuber 1997).",
                "每步两个通道，一个是 [0,1] 上的均匀随机数，另一个只在两步上为 1。最后一步之后要答出这两步上的数之和（Hochreiter 与 Schmidhuber，1997）。"))
        {
            Sources = [Citations.Hochreiter1997],
        },
        new("temporal-order", new("temporal order", "时间顺序"), LossKind.CrossEntropy,
            InputSize: _ => 6, OutputSize: p => p.Integer("symbols") == 3 ? 8 : 4, MinimumLength: 10,
            Parameters:
            [
                new("symbols", "2", 2, 3, null,
                    "How many of the steps carry an X or a Y: 2 gives 4 classes (Hochreiter & Schmidhuber 1997, task 6a), 3 gives 8 (6b)."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.99),
            new("A long string of four distractor symbols with an X or a Y at two (or three) places; the class is the order in which they came (Hochreiter & Schmidhuber 1997, tasks 6a and 6b).",
                "一长串干扰符号中有两个（或三个）位置是 X 或 Y，类别由它们出现的顺序决定（Hochreiter 与 Schmidhuber，1997）。"))
        {
            Sources = [Citations.Hochreiter1997],
        },
        new("copy-memory", new("copy memory", "复制记忆"), LossKind.CrossEntropy,
            InputSize: _ => 10, OutputSize: _ => 10, MinimumLength: 1,
            Parameters:
            [
                new("items", "10", 1, 100, null, "How many symbols have to be remembered."),
            ],
            Baseline: "blanks, then the frequencies of the symbols",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.9),
            new("Some symbols out of eight, then a delay of the task's length, then a delimiter after which the symbols must be repeated in order (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016). Loss at every step; a sequence is right when every step is. Solving it takes long training; staying on the baseline is the usual outcome at long delays.",
                "先给出若干个符号，等待一段时间，再按原来的顺序重复（Hochreiter 与 Schmidhuber，1997；Arjovsky 等，2016）。每一步都计损失，整条全对才算对。"),
            Steps: (length, p) => length + 2 * p.Integer("items"))
        {
            Sources = [Citations.Hochreiter1997, Citations.Arjovsky2016],
            AsksAtEveryStep = true,
        },
        new("selective-copy", new("selective copying", "选择性复制"), LossKind.CrossEntropy,
            InputSize: _ => 10, OutputSize: _ => 8, MinimumLength: 1,
            Parameters:
            [
                new("items", "4", 1, 100, null, "How many symbols have to be remembered."),
            ],
            Baseline: "predict the symbol frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.9),
            new("Some symbols out of eight at random places among as many blanks as the task's length, then prompts at which the symbols must be repeated in order (Jing et al. 2019; Gu & Dao 2023). The loss counts at the prompts; a sequence is right when every answer is. What to keep depends on the input, so it takes gates.",
                "若干个符号散布在空白之间的随机位置，之后按原来的顺序重复（Jing 等，2019；Gu 与 Dao，2023）。只在要求重复的步计损失，整条全对才算对。该记住什么取决于输入，因此需要门。"),
            Steps: (length, p) => length + 2 * p.Integer("items"))
        {
            Sources = [Citations.Jing2019, Citations.Gu2023],
            AsksAtEveryStep = true,
        },
        new("latch", new("latch", "锁存"), LossKind.CrossEntropy,
            InputSize: p => p.Integer("classes") + 4, OutputSize: p => p.Integer("classes"), MinimumLength: 2,
            Parameters:
            [
                new("classes", "2", 2, 16, null, "How many first symbols there are to tell apart."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.99),
            new("The first symbol names the class, all later ones are noise of four other symbols; the class is asked for after the last step (after Bengio, Simard & Frasconi 1994).",
                "第一个符号就是类别，之后全是另外四种符号的噪声；最后一步之后要答出类别（仿 Bengio、Simard 与 Frasconi，1994）。"))
        {
            Sources = [Citations.Bengio1994],
        },
        new("parity", new("parity", "奇偶"), LossKind.CrossEntropy,
            InputSize: _ => 1, OutputSize: _ => 2, MinimumLength: 1,
            Parameters:
            [
                new("curriculum", "none", null, null, ["none", "lengths"],
                    "none: every sequence has the full length. lengths: each has a length drawn from 1 to it, silent steps first, so that short ones teach the long ones."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.99),
            new("Bits as +1 and −1; the class is whether the number of ones is odd. Changing any single bit changes the answer (Delétang et al. 2023).",
                "每一位是 +1 或 −1，类别是 1 的个数是否为奇数；任何一位改变，答案就改变（Delétang 等，2023）。"))
        {
            Sources = [Citations.Deletang2023],
        },
        new("majority", new("majority", "多数"), LossKind.CrossEntropy,
            InputSize: _ => 1, OutputSize: _ => 2, MinimumLength: 1,
            Parameters: [],
            Baseline: "predict the class frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.95),
            new("Bits as +1 and −1; the class is which of the two is more frequent. Needs no gates: a negative control. An odd number of bits decides; with an even length one step is silent.",
                "每一位是 +1 或 −1，类别是哪一种更多。不需要门，是一个阴性对照。")),
        new("anbn", new("aⁿbⁿ", "aⁿbⁿ"), LossKind.CrossEntropy,
            InputSize: _ => 3, OutputSize: _ => 3, MinimumLength: 3,
            Parameters: [],
            Baseline: "predict the symbol frequencies",
            Success: new(SuccessCriterion.Accuracy, Below: false, 0.99),
            new("A start symbol, n times a, n times b, with n drawn from 1 to (length − 1)/2: predict the next symbol at every b, the end after the last (Gers & Schmidhuber 2001). A sequence is right when all these predictions are: that takes counting.",
                "起始符号之后 n 个 a、n 个 b；在每个 b 处预测下一个符号，最后要预测结束（Gers 与 Schmidhuber，2001）。这需要计数。"))
        {
            Sources = [Citations.Gers2001],
            AsksAtEveryStep = true,
        },
        new("mackey-glass", new("Mackey–Glass series", "Mackey–Glass 序列"), LossKind.MeanSquaredError,
            InputSize: _ => 1, OutputSize: _ => 1, MinimumLength: 2,
            Parameters:
            [
                new("delay", "17", 2, 100, null, "τ of the equation, in time units; from about 17 on the series is chaotic."),
                new(Horizon, "1", 1, 100, null, "How many time units ahead the answer lies."),
            ],
            Baseline: "predict the mean",
            Success: new(SuccessCriterion.Loss, Below: true, 0.0005),
            new("ẋ = 0.2·x(t−τ)/(1 + x(t−τ)^10) − 0.1·x (Mackey & Glass 1977), one value per time unit: predict the value some time ahead at every step. The root of loss over baseline is the NRMSE.",
                "混沌时滞微分方程的解（Mackey 与 Glass，1977），每一步都要预测若干时间之后的值。"))
        {
            Sources = [Citations.Mackey1977],
            AsksAtEveryStep = true,
        },
        new("markov", new("Markov language", "马尔可夫语言"), LossKind.CrossEntropy,
            InputSize: _ => 4, OutputSize: _ => 4, MinimumLength: 8,
            Parameters:
            [
                new("order", "2", 1, 6, null, "How many letters back the next one depends."),
                new("language", "1", 1, 1_000_000, null, "Which of the languages of that order."),
            ],
            Baseline: "predict the letter frequencies",
            Success: new(SuccessCriterion.Loss, Below: true, 0.93),
            new("A language of four letters in which the last letters decide which is likely next: always 27 : 9 : 3 : 1 in an order of its own per context, so that the entropy rate, the smallest loss possible, is known: 0.887 nats per letter. Predict the next letter at every step that has seen enough.",
                "四个字母的语言，下一个字母的概率由前几个字母决定，因此可能达到的最小损失（熵率）是已知的。"),
            Graded: false)
        {
            AsksAtEveryStep = true,
        },
        new("csv", new("series from a file", "文件中的序列"), LossKind.MeanSquaredError,
            InputSize: p => p.Integer("inputs"), OutputSize: p => IsClassification(p) ? p.Integer("classes") : HorizonRange.Parse(p.Values.GetValueOrDefault(Horizon))?.Count ?? 1, MinimumLength: 1,
            Parameters:
            [
                FilePath("data/series.csv"),
                new("columns", "all", null, null, null,
                    "The columns that the network sees, in this order; all means every column, for classify without the target.")
                { Type = new NameListType(200, "all"), Example = "[level, wind]" },
                new("target", null, null, null, null, "The column that is asked for.")
                { Type = new TextType(200), Example = "level", HasShortName = false },
                new("problem", "forecast", null, null, ["forecast", "classify"],
                    "forecast: the target is a number, and the loss the mean squared error in units of its standard deviation. classify: it is a class, and the loss the cross-entropy."),
                new(Horizon, "1", null, null, null, "How many rows beyond the window's last the answer lies; 0, for classify only, asks for the last row's own class. For forecast, 1..12 asks for each of the next 12 rows: the network answers all of them at once, and the loss is the mean over them.")
                { Type = new HorizonType(0, 10_000) },
                Split,
                new(Folds, "1", 1, DataFold.Most, null, "Rolling origin evaluation: so many folds, each with a longer beginning for training and the stretch that follows for validation and test. Claims average over the folds of each seed.")
                { HasShortName = false },
                new("separator", "detect", null, null, ["detect", "comma", "semicolon", "tab", "pipe", "space"], "What stands between the fields; detect takes what the header holds most of. space takes any run of blanks."),
                .. SeriesParameters,
                Encoding,
            ],
            Baseline: "the best on the validation part of: last value, seasonal value, drift, training mean, linear regression; for classes of: previous class, class frequencies",
            Success: new(SuccessCriterion.Loss, Below: true, 0.9, OfBaseline: true),
            new("A person's own series: a CSV file (RFC 4180, at most 128 MiB) with a header, one row per time step, of one series or of many. Windows of as many rows as the task's length are cut from it, and the target some rows later, or in each of the next rows, is asked for after the last step; or each series is one sequence with one answer. Inputs, and targets that are numbers, are standardised by mean and standard deviation of the training part.",
                "从用户的 CSV 文件中按时间截取窗口，要求给出若干行之后的目标列；也可以把每个序列整体作为一个样本。只用训练部分的均值和标准差做标准化。"))
        {
            File = new("rows", ["columns", "target", "problem", "separator"], p => p.Values.GetValueOrDefault("problem") == "classify" ? ["inputs", "classes"] : ["inputs"]),
            LossBy = p => IsClassification(p) ? LossKind.CrossEntropy : LossKind.MeanSquaredError,
            ConflictIn = SeriesConflict,
        },
        new("text", new("text from a file", "文件中的文本"), LossKind.CrossEntropy,
            InputSize: p => p.Integer("symbols"), OutputSize: p => p.Integer("symbols"), MinimumLength: 1,
            Parameters:
            [
                FilePath("data/novel.txt"),
                new("vocabulary", "auto", null, null, null, "Most characters that are told apart: the most frequent of the training part. All others are one unknown symbol. auto takes 256, or as many as cover 99.5 % of the training part, up to 8000.")
                { Type = new OptionalType(new WholeNumberType(2, LargestVocabulary), "auto"), Example = "256" },
                Split,
                Encoding,
            ],
            Baseline: "the best on the validation part of: character frequencies, n-gram",
            Success: new(SuccessCriterion.Loss, Below: true, 0.9, OfBaseline: true),
            new("A person's own text, as a character language model: predict the next character at every step of a passage of the task's length. The loss is in nats per character; divided by ln 2 = 0.6931 it is in bits.",
                "用户文本的字符语言模型，在每一步预测下一个字符。"),
            Graded: false)
        {
            File = new("characters", [], _ => ["symbols"]),
            AsksAtEveryStep = true,
        },
    ];

    /// <summary>Most characters that a vocabulary holds.</summary>
    public const int LargestVocabulary = 8_000;

    /// <summary>How the rows of a series belong together and how they are written. A trial has only those whose value is not the default, so that older trials keep their identity.</summary>
    public static IReadOnlyList<TaskParameter> SeriesParameters =>
    [
        Names("time", "none", "The column with the time of each row, or the columns that hold it together. Rows are put in order of time; two rows of a series with one time are refused. none takes the rows as they stand.", "date"),
        Column("group", "The column that tells several series apart: no window crosses from one to the next, and each is split by itself. none means one series.", "store"),
        new(DataFold.Parameter, "none", null, null, null, "One fold alone, as 2/3. folds: 3 makes a factor of all three.") { Type = new OptionalType(new FoldType(), "none"), Example = "2/3" },
        Column("part", "The column that says train, validation or test for each row, in place of split.", "part"),
        new("sequence", "window", null, null, ["window", "whole"], "window: sequences are windows of rows. whole: each series of group is one sequence with one answer, its target; longer ones are cut to their last rows. The split then takes whole series.") { HasShortName = false },
        new("context", "part", null, null, ["part", "before"], "part: no window crosses a cut. before: windows of validation and test may begin in the part before, so that every row of a part is asked for, whatever the length.") { HasShortName = false },
        new("missing", "refuse", null, null, ["refuse", "forward", "interpolate", "mask"], "What stands in for a missing input: nothing (the file is refused), the value before it, a line between its neighbours, or the mean and a further input that says that it is missing. Windows whose answer is missing are left out.") { HasShortName = false },
        Names("missing_values", "none", "What stands for a missing value, beside the empty cell; where missing is not refuse, NA, N/A, NaN, null, none, ?, - and . do so anyway.", "[\"-200\"]"),
        Names("categorical", "none", "Inputs that are words: each word of the training part becomes an input that is 0 or 1.", "[wind]"),
        new("decimal", "point", null, null, ["point", "comma"], "What stands before decimals.") { HasShortName = false },
        new("thousands", "refuse", null, null, ["refuse", "accept"], "Whether digits may stand in groups of three, as in 1,234,567 or 1 234 567.") { HasShortName = false },
    ];

    /// <summary>Whether each series of a <c>csv</c> task is one sequence.</summary>
    public static bool IsWhole(ParameterSet parameters) => parameters.Values.GetValueOrDefault("sequence") == "whole";

    private static ParameterConflict? FoldConflict(ParameterSet p)
    {
        if (DataFold.Of(p) is not { } fold || DataSplit.Parse(p.Text("split")) is not { } split) return null;
        if (p.Values.ContainsKey("part")) return new(DataFold.Parameter, "folds cut the series by time, and part names the parts already", "folds or part, not both");
        if (IsWhole(p)) return new(DataFold.Parameter, "whole series have no order of time to roll along", "sequence: window, or no folds");
        if (split.Test == 0) return new(DataFold.Parameter, $"each fold is tested on the stretch that follows, and split {split} leaves no test part", "split: 70/15/15");
        var least = split.Train - (fold.Count - 1) * split.Test;
        return least >= DataFold.LeastTraining ? null
            : new(DataFold.Parameter, $"with {fold.Count} folds and split {split} the first fold trains on {Math.Max(0, least)} % of the rows", $"at least {DataFold.LeastTraining} %: training share − (folds − 1) × test share");
    }

    private static ParameterConflict? SeriesConflict(ParameterSet p) => FoldConflict(p) ??
        HorizonRange.Of(p) switch
        {
            { IsRange: true } when IsWhole(p) => new(Horizon, "a whole series has one answer, which lies no rows ahead", "sequence: window, or no horizon"),
            { IsRange: true } when IsClassification(p) => new(Horizon, "a class is asked for one row, not for a range of rows", "one number of rows, or problem: forecast"),
            { Last: 0 } when !IsClassification(p) && !IsWhole(p) => new(Horizon, "horizon 0 asks for what the window shows already", "at least 1 for forecast"),
            _ => null,
        };

    private static TaskParameter Encoding => new("encoding", "detect", null, null, ["detect", "utf-16", "latin-1"],
        "How the file's characters are written: detect takes UTF-8, or what a byte order mark says; latin-1 is read as Windows-1252.")
    { HasShortName = false };

    private static TaskParameter Column(string name, string summary, string example) =>
        new(name, "none", null, null, null, summary) { Type = new OptionalType(new TextType(200), "none"), Example = example, HasShortName = false };

    private static TaskParameter Names(string name, string absent, string summary, string example) =>
        new(name, absent, null, null, null, summary) { Type = new NameListType(200, absent), Example = example, HasShortName = false };

    /// <summary>Whether a <c>csv</c> task asks for a class rather than for a number.</summary>
    private static bool IsClassification(ParameterSet parameters) => parameters.Text("problem") == "classify";

    /// <summary>The parameter that names a data file.</summary>
    public static TaskParameter FilePath(string example) => new("file", null, null, null, null,
        "The data: a path relative to the folder of the experiment file, or to a data root (--data-root). The trial's identity holds the hash of its content, not its name.")
    { Type = new FilePathType(), Example = example };

    /// <summary>The parameter that cuts a data file into its parts.</summary>
    public static TaskParameter Split => new("split", "70/15/15", null, null, null,
        "Percent of the file for training, validation and test, cut in this order of time, and no window crosses a cut. Evaluations during training use the validation part; the test part is evaluated once, at the end.")
    { Type = new SplitType(), Example = "80/10/10" };

    private static readonly AsyncLocal<TaskDefinition?> guest = new();

    /// <summary>The definition called <paramref name="kind"/>, or null.</summary>
    public static TaskDefinition? Find(string kind) =>
        guest.Value is { } admitted && admitted.Kind == kind ? admitted : All.FirstOrDefault(task => string.Equals(task.Kind, kind, StringComparison.Ordinal));

    /// <summary>Admits a task that is not shipped, for the calling context alone and until the result is disposed of.</summary>
    internal static IDisposable Admit(TaskDefinition definition) => new GuestScope<TaskDefinition>(guest, definition);

    /// <summary>The definition called <paramref name="kind"/>.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static TaskDefinition Get(string kind) =>
        Find(kind) ?? throw new ArgumentException($"There is no task called '{kind}'. Known: {string.Join(", ", All.Select(task => task.Kind))}.", nameof(kind));
}
