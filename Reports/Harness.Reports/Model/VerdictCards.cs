using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Statistics;
using Harness.Reports.Summaries;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Decisions as cards, with links to the evidence and back.</summary>
internal static class VerdictCards
{
    /// <summary>The cards, or null when there is no claim that this experiment could be asked.</summary>
    /// <param name="lines">The decisions, as the summary has them.</param>
    /// <param name="figures">The figures of the page, to link to.</param>
    public static VerdictsModel? Of(
        ExperimentResults results, IReadOnlyList<ClaimDecision> decisions, IReadOnlyList<ClaimLine> lines, IReadOnlyList<Facet> facets, IReadOnlyList<FigureModel> figures, Table conditions, Texts texts)
    {
        if (decisions.Count == 0) return null;
        var cards = decisions.Select((decision, index) => Card(decision, lines[index], index, facets, figures, conditions, results.Tuning, texts)).ToList();
        return new(texts.VerdictsIntroduction(results.Claims.Count > 0, Numbers.Plain(ClaimJudge.Level)), texts.Scope(VerdictScope.Of(results.Conditions, texts, results.Tuning, results.Report.Sources)), cards)
        {
            Forests = Forests.Of(cards, lines, decisions, texts),
            Weakest = Weakest(decisions, cards, texts),
        };
    }

    /// <summary>Of the claims that a test decided, the one whose corrected p is nearest to the level.</summary>
    private static WeakestVerdict? Weakest(IReadOnlyList<ClaimDecision> decisions, List<VerdictCard> cards, Texts texts)
    {
        var decided = decisions.Zip(cards).Where(pair => pair.First.AdjustedP is not null && pair.First.Kind is VerdictKind.Supported or VerdictKind.Contradicted or VerdictKind.NoMeaningfulDifference or VerdictKind.Depends).ToList();
        if (decided.Count == 0) return null;
        var (decision, card) = decided.MaxBy(pair => pair.First.AdjustedP);
        var open = decisions.Count(other => other.Kind == VerdictKind.Inconclusive);
        return new(texts.WouldChange(decided.Count, open, PValue(decision.AdjustedP!.Value), Numbers.Plain(ClaimJudge.Level)), new(card.Id, card.Statement));
    }

    public static FigureModel Linked(FigureModel figure, VerdictsModel? verdicts) =>
        figure with { Decides = LinksTo(verdicts, figure.Id, figure.Table.Id) };

    public static Table Linked(Table table, VerdictsModel? verdicts) => table with { Decides = LinksTo(verdicts, table.Id) };

    private static List<ClaimLink> LinksTo(VerdictsModel? verdicts, params string[] anchors) =>
        verdicts is null ? [] : [.. verdicts.Cards
            .Where(card => card.Evidence.Any(link => anchors.Contains(link.Anchor, StringComparer.Ordinal)))
            .Select(card => new ClaimLink(card.Id, card.Name))];

    private static VerdictCard Card(
        ClaimDecision decision, ClaimLine line, int index, IReadOnlyList<Facet> facets, IReadOnlyList<FigureModel> figures, Table conditions, TuningResults? tuning, Texts texts)
    {
        List<string> findings = [.. decision.Facets.SelectMany(evidence => VerdictFindings.Notes(decision, evidence, facets, texts).Prepend(VerdictFindings.Line(decision, evidence, facets, texts)))];
        var finePrint = new List<string>();
        if (decision.Kind != VerdictKind.NotTested)
        {
            foreach (var (scale, margin) in decision.Facets.Where(facet => facet.Margin is not null).Select(facet => (facet.Scale, facet.Margin!.Value)).Distinct())
            {
                var isNats = scale == EffectScale.Difference && decision.Metric!.Positive;
                if (decision.Claim is ComparisonClaim) finePrint.Add(scale == EffectScale.LogRatio ? texts.CountsFromRatio(Numbers.Plain(Math.Exp(margin))) : texts.CountsFromDifference(Numbers.Plain(margin) + (isNats ? " nats" : "")));
                else if (isNats) finePrint.Add(texts.EqualInNats(Numbers.Plain(margin)));
            }

            var method = texts.Method(decision.Method, decision.IsTimed);
            finePrint.Add(decision.AdjustedP is { } p and < 1 ? texts.MethodWithP(method, PValue(p), decision.Family) : texts.MethodOnly(method));
            if (decision.Facets.Max(facet => facet.Error) is { } error) finePrint.Add(texts.SampledP(Numbers.Short(error)));
            if (MetricCatalog.IsIn(decision.Metric!.Name, MetricCatalog.SpeedGroup)) finePrint.Add(decision.IsTimed ? texts.TimedNote : texts.SharedMachineNote);
        }

        if (decision.Look is { Number: > 0 } look) finePrint.Add(texts.LookedAt(look.Number, look.Of, look.Seeds, Numbers.Short(look.Level)));
        finePrint.AddRange(TunedNote.Of(decision, facets, tuning, texts));
        finePrint.AddRange(HalfLifeNote.Of(decision, facets, texts));
        finePrint.AddRange(ArmDifferences.Of(decision.Claim, facets, texts));
        return new(
            string.Create(CultureInfo.InvariantCulture, $"claim-{index + 1}"), decision.Claim.Id, decision.Kind,
            texts.VerdictMark(decision.Kind), texts.VerdictWord(decision.Kind),
            line.Statement,
            findings, Explanation(decision, texts), finePrint, Evidence(decision, figures, conditions, texts))
        {
            Article = decision.Claim.Article, Line = line.Text,
        };
    }

    private static string PValue(double p) => p < 0.0001 ? "< 0.0001" : "= " + Numbers.Short(p);

    private static string? Explanation(ClaimDecision decision, Texts texts)
    {
        if (decision.Reason is { } reason) return texts.NotTestedBecause(reason, decision.ReasonDetail ?? "");
        if (decision.Kind == VerdictKind.Depends)
        {
            return texts.DependsOnSettings([.. decision.Disagreeing.GroupBy(facet => facet.Kind).OrderBy(group => group.Key)
                .Select(group => (texts.VerdictWord(group.Key), string.Join("; ", group.Select(facet => facet.Facet))))]);
        }

        if (decision.Kind != VerdictKind.Inconclusive) return null;
        if (decision.IsTimed) return texts.FurtherRounds;
        if (decision.Look is { } look) return look.Number == 0 ? texts.BeforeFirstLook(look.Next!.Value) : look.IsFutile ? texts.LookFutile : look.Next is { } next ? texts.NextLook(next) : texts.LooksOver;
        var further = decision.Further is not { } lacking ? texts.FurtherSeedsUnknown : lacking > SampleSize.Most ? texts.FurtherSeedsMany(SampleSize.Most) : texts.FurtherSeeds(lacking);
        // Marks on every line and no verdict: the intervals are not corrected for the family, and the reader must be told.
        return decision is { AdjustedP: { } p and < 1 } && decision.Facets.All(facet => facet.Kind != VerdictKind.Inconclusive)
            ? $"{texts.ChanceRemains(decision.Family, PValue(p), Numbers.Plain(ClaimJudge.Level))} {further}"
            : further;
    }

    private static List<ClaimLink> Evidence(ClaimDecision decision, IReadOnlyList<FigureModel> figures, Table conditions, Texts texts)
    {
        var id = (decision.Metric?.Name ?? "") switch
        {
            MetricCatalog.MillisecondsPerStep when decision.IsTimed => TimingFigure.Id,
            MetricCatalog.Parameters or MetricCatalog.MillisecondsPerStep => CostFigure.Id,
            MetricCatalog.Solved or MetricCatalog.StepsToTarget => TargetFigure.Id,
            MetricCatalog.EvaluationLoss => LossFigure.Id,
            var name when MetricCatalog.IsIn(name, MetricCatalog.GradientGroup) => GradientFigure.Id,
            var name when MetricCatalog.IsIn(name, MetricCatalog.GatesGroup) => GatesFigure.Id,
            _ => null,
        };
        var figure = figures.FirstOrDefault(f => f.Id == id);
        if (decision.Metric?.Name == MetricCatalog.TestSkill) return [new(OwnData.Section, texts.OwnDataSection)];
        if (figure is null) return [new(conditions.Id, texts.ConditionsLink)];
        return [new(figure.Id, texts.FigureWord(Numbers.Count(figure.Number))), new(figure.Table.Id, texts.TableOf(Numbers.Count(figure.Number)))];
    }
}
