namespace Harness.Abstractions.Catalog;

/// <summary>A predictor that costs nothing, to hold networks against.</summary>
/// <param name="Name">The word used in metric names.</param>
/// <param name="Words">What sentences call it.</param>
/// <param name="Questions">The questions that it answers.</param>
/// <param name="Summary">What it predicts.</param>
public sealed record BaselineDefinition(string Name, LocalText Words, DataQuestions Questions, string Summary)
{
    /// <summary>Whether it names classes that are right or wrong.</summary>
    public bool HasAccuracy => Questions.HasFlag(DataQuestions.Class);
}

/// <summary>The baselines of tasks that read a file. The one place where a baseline is registered.</summary>
public static class BaselineCatalog
{
    public const string Last = "last", Seasonal = "seasonal", Drift = "drift", Mean = "mean", Linear = "linear", Previous = "previous", Frequencies = "frequencies", Ngram = "ngram";

    public static IReadOnlyList<BaselineDefinition> All { get; } =
    [
        new(Last, new("last value", "上一个值"), DataQuestions.Number, "the window's last value of the target"),
        new(Seasonal, new("seasonal value", "季节值"), DataQuestions.Number, "the target one season before the answer; the season is the lag with the largest autocorrelation of the differences in the training part"),
        new(Drift, new("drift", "漂移"), DataQuestions.Number, "the line from the window's first to its last value of the target, continued"),
        new(Mean, new("training mean", "训练均值"), DataQuestions.Number, "the mean of the target in the training part"),
        new(Linear, new("linear regression", "线性回归"), DataQuestions.Number, "ridge regression on the window, fitted on the training part: on the target's own past (at most 256 values), or on all inputs (at most 256 numbers) where that errs less on the last fifth of the training part"),
        new(Previous, new("previous class", "前一个类别"), DataQuestions.Class, "the class of the window's last row, by the frequencies with which one class follows another in the training part"),
        new(Frequencies, new("class frequencies", "类别频率"), DataQuestions.Class | DataQuestions.Text, "the frequencies of the classes or characters in the training part; its accuracy is that of the most frequent class"),
        new(Ngram, new("n-gram", "n 元语法"), DataQuestions.Text, "the frequencies of characters after the last three, in the training part, smoothed as Witten and Bell (1991) do"),
    ];

    /// <summary>The definition called <paramref name="name"/>, or null.</summary>
    public static BaselineDefinition? Find(string name) => All.FirstOrDefault(baseline => string.Equals(baseline.Name, name, StringComparison.Ordinal));
}
