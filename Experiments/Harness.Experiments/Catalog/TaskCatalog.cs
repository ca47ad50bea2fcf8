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
            Success: new("eval.loss", Below: true, 0.01),
            "Two channels per step: a number drawn from U[0,1] and a marker that is 1 at exactly two steps. The answer after the last step is the sum of the two marked numbers (Hochreiter & Schmidhuber 1997)."),
        new("temporal-order", "temporal order", LossKind.CrossEntropy,
            InputSize: _ => 6, OutputSize: p => p.Integer("symbols") == 3 ? 8 : 4, MinimumLength: 10,
            Parameters:
            [
                new("symbols", "2", 2, 3, null,
                    "How many of the steps carry an X or a Y: 2 gives 4 classes (Hochreiter & Schmidhuber 1997, task 6a), 3 gives 8 (6b)."),
            ],
            Baseline: "predict the class frequencies",
            Success: new("eval.accuracy", Below: false, 0.99),
            "A long string of four distractor symbols with an X or a Y at two (or three) places; the class is the order in which they came (Hochreiter & Schmidhuber 1997, tasks 6a and 6b)."),
    ];

    /// <summary>The definition called <paramref name="kind"/>, or null.</summary>
    public static TaskDefinition? Find(string kind) => All.FirstOrDefault(task => string.Equals(task.Kind, kind, StringComparison.Ordinal));

    /// <summary>The definition called <paramref name="kind"/>.</summary>
    /// <exception cref="ArgumentException">There is no such task.</exception>
    public static TaskDefinition Get(string kind) =>
        Find(kind) ?? throw new ArgumentException($"There is no task called '{kind}'. Known: {string.Join(", ", All.Select(task => task.Kind))}.", nameof(kind));
}
