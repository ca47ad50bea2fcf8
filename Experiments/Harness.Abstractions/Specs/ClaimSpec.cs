using System.Text.Json.Serialization;

namespace Harness.Abstractions.Specs;

/// <summary>A statement that the report decides with evidence.</summary>
/// <param name="Id">Unique in the experiment.</param>
/// <param name="That">The arm that the claim is about: a cell or a labelled arm.</param>
/// <param name="On">The metric that decides.</param>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(ComparisonClaim), "comparison")]
[JsonDerivedType(typeof(EquivalenceClaim), "equivalence")]
[JsonDerivedType(typeof(ThresholdClaim), "threshold")]
[JsonDerivedType(typeof(TrendClaim), "trend")]
public abstract record ClaimSpec(string Id, string That, string On)
{
    /// <summary>The conditions that are looked at: for each factor named, the levels that count; null when all are.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Where { get; init; }

    /// <summary>The arm that it is compared with; null where it is compared with none.</summary>
    [JsonIgnore]
    public virtual string? Rival => null;

    /// <summary>The moment at which a probe measures the metric; null takes the last one that is probed, or belongs to a metric without a probe.</summary>
    public ProbeMoment? At { get; init; }

    /// <summary>Number of the article's claim that this one puts to the test, see docs/article.md; null when it is the experimenter's own.</summary>
    public int? Article { get; init; }

    /// <summary>Whether a condition with these factor levels is looked at.</summary>
    public bool Covers(IReadOnlyDictionary<string, string> factors) =>
        Where is null || Where.All(named => factors.TryGetValue(named.Key, out var level) && named.Value.Contains(level, StringComparer.Ordinal));
}

/// <summary>One arm beats another on a metric, by a factor or a difference.</summary>
/// <param name="That">The arm that should win: a cell or a labelled arm.</param>
/// <param name="Beats">The arm that should lose.</param>
/// <param name="On">The metric that decides.</param>
/// <param name="ByFactor">Smallest ratio that counts (2 for "2x"); null when an absolute margin or none is given.</param>
/// <param name="ByAmount">Smallest absolute difference that counts, in the metric's unit.</param>
public sealed record ComparisonClaim(string Id, string That, string Beats, string On, double? ByFactor, double? ByAmount) : ClaimSpec(Id, That, On)
{
    [JsonIgnore]
    public override string? Rival => Beats;
}

/// <summary>Two arms are the same on a metric within a margin.</summary>
/// <param name="WithinFactor">Largest ratio that still counts as equal (1.1 for "10%").</param>
public sealed record EquivalenceClaim(string Id, string That, string EqualTo, string On, double WithinFactor) : ClaimSpec(Id, That, On)
{
    [JsonIgnore]
    public override string? Rival => EqualTo;
}

/// <summary>An arm reaches a threshold on a metric.</summary>
public sealed record ThresholdClaim(string Id, string That, string On, double? Below, double? Above) : ClaimSpec(Id, That, On);

/// <summary>A metric grows (or falls) with an ordered factor.</summary>
/// <param name="GrowsWith">Path of the factor, e.g. <c>length</c>.</param>
/// <param name="Falls">True when the claim says that it falls.</param>
public sealed record TrendClaim(string Id, string That, string On, string GrowsWith, bool Falls) : ClaimSpec(Id, That, On);
