using Harness.Experiments.Specs;

namespace Harness.Experiments.Catalog;

/// <summary>The sequence tasks this product knows. The one place where a task is registered.</summary>
public static class TaskCatalog
{
    public static IReadOnlyList<TaskDefinition> All { get; } =
    [
        new("adding", "adding problem", LossKind.MeanSquaredError,
            InputSize: _ => 2, OutputSize: _ => 1, MinimumLength: 2,
            Parameters:
            [
                new("markers", "anywhere", null, null, ["anywhere", "halves"],
                    "Where the two marked steps may lie: two distinct steps anywhere (Bai et al. 2018), or one in each half (Arjovsky et al. 2016). The distribution of lags differs."),
            ],
            Baseline: "predict the mean of the targets",
            Success: new(MetricNames.EvaluationLoss, Below: true, 0.01),
            "Two channels per step: a number drawn from U[0,1] and a marker that is 1 at exactly two steps. The answer after the last step is the sum of the two marked numbers (Hochreiter & Schmidhuber 1997)."),
        new("temporal-order", "temporal order", LossKind.CrossEntropy,
            InputSize: _ => 6, OutputSize: p => p.Integer("symbols") == 3 ? 8 : 4, MinimumLength: 10,
            Parameters:
            [
                new("symbols", "2", 2, 3, null,
                    "How many of the steps carry an X or a Y: 2 gives 4 classes (Hochreiter & Schmidhuber 1997, task 6a), 3 gives 8 (6b)."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.99),
            "A long string of four distractor symbols with an X or a Y at two (or three) places; the class is the order in which they came (Hochreiter & Schmidhuber 1997, tasks 6a and 6b)."),
        new("copy-memory", "copy memory", LossKind.CrossEntropy,
            InputSize: _ => 10, OutputSize: _ => 10, MinimumLength: 1,
            Parameters:
            [
                new("items", "10", 1, 100, null, "How many symbols have to be remembered."),
            ],
            Baseline: "blanks, then the frequencies of the symbols",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.9),
            "Some symbols out of eight, then a delay of the task's length, then a delimiter after which the symbols must be repeated in order (Hochreiter & Schmidhuber 1997; Arjovsky et al. 2016). Loss at every step; a sequence is right when every step is. Solving it takes long training; staying on the baseline is the usual outcome at long delays.",
            Steps: (length, p) => length + 2 * p.Integer("items"))
        {
            AsksAtEveryStep = true,
        },
        new("latch", "latch", LossKind.CrossEntropy,
            InputSize: p => p.Integer("classes") + 4, OutputSize: p => p.Integer("classes"), MinimumLength: 2,
            Parameters:
            [
                new("classes", "2", 2, 16, null, "How many first symbols there are to tell apart."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.99),
            "The first symbol names the class, all later ones are noise of four other symbols; the class is asked for after the last step (after Bengio, Simard & Frasconi 1994)."),
        new("parity", "parity", LossKind.CrossEntropy,
            InputSize: _ => 1, OutputSize: _ => 2, MinimumLength: 1,
            Parameters:
            [
                new("curriculum", "none", null, null, ["none", "lengths"],
                    "none: every sequence has the full length. lengths: each has a length drawn from 1 to it, silent steps first, so that short ones teach the long ones."),
            ],
            Baseline: "predict the class frequencies",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.99),
            "Bits as +1 and −1; the class is whether the number of ones is odd. Changing any single bit changes the answer (Delétang et al. 2023)."),
        new("majority", "majority", LossKind.CrossEntropy,
            InputSize: _ => 1, OutputSize: _ => 2, MinimumLength: 1,
            Parameters: [],
            Baseline: "predict the class frequencies",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.95),
            "Bits as +1 and −1; the class is which of the two is more frequent. Needs no gates: a negative control. An odd number of bits decides; with an even length one step is silent."),
        new("anbn", "aⁿbⁿ", LossKind.CrossEntropy,
            InputSize: _ => 3, OutputSize: _ => 3, MinimumLength: 3,
            Parameters: [],
            Baseline: "predict the symbol frequencies",
            Success: new(MetricNames.EvaluationAccuracy, Below: false, 0.99),
            "A start symbol, n times a, n times b, with n drawn from 1 to (length − 1)/2: predict the next symbol at every b, the end after the last (Gers & Schmidhuber 2001). A sequence is right when all these predictions are: that takes counting.")
        {
            AsksAtEveryStep = true,
        },
        new("mackey-glass", "Mackey–Glass series", LossKind.MeanSquaredError,
            InputSize: _ => 1, OutputSize: _ => 1, MinimumLength: 2,
            Parameters:
            [
                new("delay", "17", 2, 100, null, "τ of the equation, in time units; from about 17 on the series is chaotic."),
                new("horizon", "1", 1, 100, null, "How many time units ahead the answer lies."),
            ],
            Baseline: "predict the mean",
            Success: new(MetricNames.EvaluationLoss, Below: true, 0.0005),
            "ẋ = 0.2·x(t−τ)/(1 + x(t−τ)^10) − 0.1·x (Mackey & Glass 1977), one value per time unit: predict the value some time ahead at every step. The root of loss over baseline is the NRMSE.")
        {
            AsksAtEveryStep = true,
        },
        new("markov", "Markov language", LossKind.CrossEntropy,
            InputSize: _ => 4, OutputSize: _ => 4, MinimumLength: 8,
            Parameters:
            [
                new("order", "2", 1, 6, null, "How many letters back the next one depends."),
                new("language", "1", 1, 1_000_000, null, "Which of the languages of that order."),
            ],
            Baseline: "predict the letter frequencies",
            Success: new(MetricNames.EvaluationLoss, Below: true, 0.93),
            "A language of four letters in which the last letters decide which is likely next: always 27 : 9 : 3 : 1 in an order of its own per context, so that the entropy rate, the smallest loss possible, is known: 0.887 nats per letter. Predict the next letter at every step that has seen enough.",
            Graded: false)
        {
            AsksAtEveryStep = true,
        },
        new("csv", "series from a file", LossKind.MeanSquaredError,
            InputSize: p => p.Integer("inputs"), OutputSize: p => p.Text("problem") == "classify" ? p.Integer("classes") : 1, MinimumLength: 1,
            Parameters:
            [
                File("data/series.csv"),
                new("columns", "all", null, null, null,
                    "The columns that the network sees, in this order; all means every column, for classify without the target.")
                { Type = new NameListType(200, "all"), Example = "[level, wind]" },
                new("target", null, null, null, null, "The column that is asked for.")
                { Type = new TextType(200), Example = "level", HasShortName = false },
                new("problem", "forecast", null, null, ["forecast", "classify"],
                    "forecast: the target is a number, and the loss the mean squared error in units of its standard deviation. classify: it is a class, and the loss the cross-entropy."),
                new("horizon", "1", 0, 10_000, null, "How many rows beyond the window's last the answer lies; 0, for classify only, asks for the last row's own class."),
                Split,
                new("separator", "detect", null, null, ["detect", "comma", "semicolon", "tab"], "What stands between the fields; detect takes what the header holds most of."),
            ],
            Baseline: "forecast: the window's last value or the training part's mean, whichever errs less; classify: the class frequencies",
            Success: new(MetricNames.EvaluationLoss, Below: true, 0.9, OfBaseline: true),
            "A person's own series: a CSV file (RFC 4180, UTF-8, at most 64 MiB) with a header, one row per time step, numbers with a point and none missing. Windows of as many rows as the task's length are cut from it, and the target some rows later is asked for after the last step. Inputs, and targets that are numbers, are standardised by mean and standard deviation of the training part.")
        {
            ReadsFile = true,
            LossBy = p => p.Text("problem") == "classify" ? LossKind.CrossEntropy : LossKind.MeanSquaredError,
        },
        new("text", "text from a file", LossKind.CrossEntropy,
            InputSize: p => p.Integer("symbols"), OutputSize: p => p.Integer("symbols"), MinimumLength: 1,
            Parameters:
            [
                File("data/novel.txt"),
                new("vocabulary", "256", 2, 4_096, null, "Most characters that are told apart: the most frequent of the training part. All others are one unknown symbol."),
                Split,
            ],
            Baseline: "predict the letter frequencies",
            Success: new(MetricNames.EvaluationLoss, Below: true, 0.9, OfBaseline: true),
            "A person's own text in UTF-8, as a character language model: predict the next character at every step of a passage of the task's length. The loss is in nats per character; divided by ln 2 = 0.6931 it is in bits.",
            Graded: false)
        {
            ReadsFile = true,
            AsksAtEveryStep = true,
        },
    ];

    private static TaskParameter File(string example) => new("file", null, null, null, null,
        "The data: a path relative to the folder of the experiment file, or to a data root (--data-root). The trial's identity holds the hash of its content, not its name.")
    { Type = new FilePathType(), Example = example };

    private static TaskParameter Split => new("split", "70/15/15", null, null, null,
        "Percent of the file for training, validation and test, cut in this order of time, and no window crosses a cut. Evaluations during training use the validation part; the test part is evaluated once, at the end.")
    { Type = new SplitType(), Example = "80/10/10" };

    /// <summary>The definition called <paramref name="kind"/>, or null.</summary>
    public static TaskDefinition? Find(string kind) => All.FirstOrDefault(task => string.Equals(task.Kind, kind, StringComparison.Ordinal));

    /// <summary>The definition called <paramref name="kind"/>.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static TaskDefinition Get(string kind) =>
        Find(kind) ?? throw new ArgumentException($"There is no task called '{kind}'. Known: {string.Join(", ", All.Select(task => task.Kind))}.", nameof(kind));
}
