using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;

namespace Harness.Abstractions.Settings;

/// <summary>The keys of a claim. The one place where such a key is registered.</summary>
public static class ClaimSettingCatalog
{
    /// <summary>How many claims the course article makes.</summary>
    public const int ArticleClaims = 16;

    /// <summary>The key that restricts a claim to some conditions; its value is a mapping from factors to levels.</summary>
    internal const string Where = "where";

    internal static readonly SettingDescriptor Id = new("claims[].id", new NameType(),
        "Names the claim; unique in the experiment.", "remembers")
    { IsRequired = true };

    internal static readonly SettingDescriptor That = new("claims[].that", new NameType(),
        "The arm that the claim is about: a cell, or the label of an included arm.", "lstm")
    { IsRequired = true };

    internal static readonly SettingDescriptor Beats = new("claims[].beats", new NameType(),
        "The arm that should do worse, or a baseline of a task that reads a file: last, seasonal, drift, mean, linear, previous, frequencies or ngram. Give one of beats, equals, reaches, grows_with, falls_with.", "rnn");

    internal static readonly SettingDescriptor EqualTo = new("claims[].equals", new NameType(),
        "The arm, or the baseline, that should do the same, within a margin.", "gru");

    internal static readonly SettingDescriptor Reaches = new("claims[].reaches", new ThresholdType(),
        "The threshold that the arm should reach, on the better side of the metric; { below: x } or { above: x } says which side.", "0.01");

    internal static readonly SettingDescriptor GrowsWith = new("claims[].grows_with", new WordType(NumericFactors()),
        "The factor with which the metric should grow.", "length")
    { Noun = "factor" };

    internal static readonly SettingDescriptor FallsWith = new("claims[].falls_with", new WordType(NumericFactors()),
        "The factor with which the metric should fall.", "length")
    { Noun = "factor" };

    internal static readonly SettingDescriptor On = new("claims[].on", new WordType(MetricCatalog.All.Where(metric => metric.IsClaimable).Select(metric => metric.Name).ToArray()),
        "The metric that decides.", MetricCatalog.GradientSlope)
    { IsRequired = true, Noun = "metric" };

    internal static readonly SettingDescriptor At = new("claims[].at", new WordType(["init", "middle", "end"]),
        "The moment at which a probe measures the metric: before training, after half of the steps, or at the end. The probe must run then.", "init")
    { DefaultNote = "the last moment that is probed", Noun = "moment" };

    internal static readonly SettingDescriptor By = new("claims[].by", new MarginType(AllowsAmount: true),
        "Goes with beats: the smallest ratio (2x, 10%) or difference (0.05) that counts.", "2x")
    { DefaultNote = "any" };

    internal static readonly SettingDescriptor Within = new("claims[].within", new MarginType(AllowsAmount: false),
        "Goes with equals: the largest ratio that still counts as the same.", "10%");

    internal static readonly SettingDescriptor Article = new("claims[].article", new WholeNumberType(1, ArticleClaims),
        "Which claim of the course article it puts to the test, by its number in docs/article.md; the report then answers the article point by point.", "6");

    /// <summary>In the order of the reference page.</summary>
    public static IReadOnlyList<SettingDescriptor> All { get; } =
        [Id, That, Beats, EqualTo, Reaches, GrowsWith, FallsWith, On, At, By, Within, Article];

    /// <summary>Those along which a metric can grow.</summary>
    private static string[] NumericFactors() =>
        [SettingCatalog.Length.Name, SettingCatalog.Hidden.Name, SettingCatalog.Layers.Name, SettingCatalog.ForgetBias.Name, SettingCatalog.UpdateBias.Name, SettingCatalog.Steps.Name, SettingCatalog.Batch.Name, SettingCatalog.TrainingSequences.Name, SettingCatalog.LabelNoise.Name, SettingCatalog.LearningRate.Name, SettingCatalog.ClipNorm.Name, SettingCatalog.TMax.Name, SettingCatalog.WarmUp.Name];
}
