using System.Globalization;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Figures;
using Harness.Reports.Statistics;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Whether the arm that leads at the budget would lead with less search, too: the verdict as a function of the budget.</summary>
internal static class LeadFigure
{
    public const string Id = "fig-lead";
    private const int Width = 460, Height = 280;

    /// <summary>The figure, or null where the search has not ended or has one arm.</summary>
    public static FigureModel? Build(TuningResults? tuning, IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> searches, ReportOptions options, Texts texts, int number)
    {
        if (tuning?.Choices is null) return null;
        var isLoss = MetricCatalog.Find(tuning.Spec.Select)?.LowerIsBetter != false;
        var budget = tuning.PointsTried().Least;
        var panels = searches.Select(facet => LeadOf(facet.Facet, facet.Arms, budget, isLoss)).OfType<Lead>().ToList();
        if (panels.Count == 0) return null;
        var shown = panels.Take(options.MaximumPanels).ToList();
        return new(Id, number, texts.LeadTitle, string.Join(" ", shown.Select(panel => Sentence(panel, budget, texts))),
            [.. shown.Select((panel, i) => Draw(panel, budget, i, texts))], TableOf(panels, budget, texts), texts.LeadHowToRead,
            [.. panels.Count > shown.Count ? [texts.RatePanelsLeft(panels.Count - shown.Count)] : Array.Empty<string>(), texts.LeadNote]);
    }

    private static Lead? LeadOf(string facet, IReadOnlyList<SearchedArm> arms, int budget, bool isLoss)
    {
        var scored = arms.Select(arm => (Arm: arm, Scores: arm.Scores(isLoss))).Where(arm => arm.Scores.Any(double.IsFinite)).ToList();
        if (scored.Count < 2) return null;
        var leader = scored.MinBy(arm => BestOfCurve.Of(arm.Scores, budget)[^1].Median);
        return new(facet, leader.Arm, [.. scored.Where(arm => arm.Arm != leader.Arm).Select(arm => (arm.Arm, BestOfLead.Of(leader.Scores, arm.Scores, budget)))]);
    }

    private static FigurePanel Draw(Lead lead, int budget, int index, Texts texts)
    {
        var panel = new Panel(
            string.Create(CultureInfo.InvariantCulture, $"{Id}-{index + 1}"), texts.PanelTitle(texts.LeadTitle, lead.Facet), Sentence(lead, budget, texts), Width, Height,
            AxisScale.Linear(texts.BestOfAxis, 1, budget), AxisScale.Linear(texts.LeadAxis(lead.Leader.Label), 0, 1),
            [.. lead.Rivals.Select(Series)], [new ReferenceLine(0.5, texts.LeadEven)], []);
        return new(lead.Facet, panel, [.. lead.Rivals.Select(rival => new FigureAnnotation(rival.Arm.Key, texts.LeadAgainst(rival.Arm.Label), rival.Arm.Style, Range(rival.Points[^1], texts)))]);

        PanelSeries Series((SearchedArm Arm, IReadOnlyList<(double Share, double Low, double High)> Points) rival) => new(
            rival.Arm.Key, rival.Arm.Style, [new(StrokeRole.Centre, [.. rival.Points.Select((point, k) => new PanelPoint(k + 1, point.Share))])],
            new([.. rival.Points.Select((_, k) => k + 1.0)], [.. rival.Points.Select(point => point.Low)], [.. rival.Points.Select(point => point.High)]), [], texts.LeadAgainst(rival.Arm.Label));
    }

    private static string Sentence(Lead lead, int budget, Texts texts) => texts.LeadSentence(lead.Facet, lead.Leader.Label, budget,
        [.. lead.Rivals.Select(rival => texts.LeadClause(rival.Arm.Label, Range(rival.Points[^1], texts), BestOfLead.AheadFrom(rival.Points)))]);

    private static string Range((double Share, double Low, double High) point, Texts texts) => texts.LeadRange(Share(point.Share), Share(point.Low), Share(point.High));

    private static string Share(double share) => string.Create(CultureInfo.InvariantCulture, $"{Math.Round(share * 100):0} %");

    private static Table TableOf(List<Lead> panels, int budget, Texts texts)
    {
        var rows = panels.SelectMany(panel => panel.Rivals.SelectMany(rival => BestOfFigure.TabulatedUpTo(budget).Select(k => new TableRow(null,
        [
            new($"{panel.Leader.Label} : {rival.Arm.Label}{(panel.Facet.Length == 0 ? "" : $" · {panel.Facet}")}"), TableCell.Count(k),
            new(Share(rival.Points[k - 1].Share), rival.Points[k - 1].Share), new(Share(rival.Points[k - 1].Low), rival.Points[k - 1].Low), new(Share(rival.Points[k - 1].High), rival.Points[k - 1].High),
        ]))));
        return new(Id + "-table", texts.LeadTableCaption, [new(texts.LeadPair), new(texts.BestOfAxis, true), new(texts.LeadShare, true), new(texts.LeadLow, true), new(texts.LeadHigh, true)], [.. rows]);
    }

    private sealed record Lead(string Facet, SearchedArm Leader, IReadOnlyList<(SearchedArm Arm, IReadOnlyList<(double Share, double Low, double High)> Points)> Rivals);
}
