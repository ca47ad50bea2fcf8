using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;
using Harness.Reports.Summaries;
using Harness.Reports.Verdicts;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Results in, everything a report shows out. Pure.</summary>
public static class ReportModelBuilder
{
    /// <summary>Drawings that are open at first: about two screens, less where many claims take the room.</summary>
    private const int MostOpenPanels = 8, ClaimsPerPanel = 4;

    public static ReportModel Build(ExperimentResults results, ReportOptions options)
    {
        var texts = Texts.In(options.Language);
        var claims = BuiltInClaims.Of(results);
        var facets = FacetSelection.Asked(ConditionGrid.From(results.Conditions, texts), claims);
        var decisions = ClaimLooks.Decide(results, facets, texts);
        var searches = SearchReadings.Of(results.Tuning, ConditionGrid.From(results.Conditions, texts));
        var summary = SummaryBuilder.Of(results, facets, decisions, texts);
        var arms = facets.SelectMany(facet => facet.Arms).OrderBy(arm => arm.Condition.Ordinal).ToList();
        var numbering = new Numbering();
        var ownData = OwnData.Of(results.Conditions, results.Report.DataLicence, texts, numbering.Of);
        List<FigureSection> sections =
        [
            new("task", texts.TaskSection, numbering.Of(number => TaskFigure.Build(results.Conditions, options, texts, number))),
            new("gradients", texts.GradientSection, numbering.Of(
                number => GradientFigure.Build(facets, options, texts, number), number => HeatmapFigure.Build(facets, options, texts, number))),
            new("gates", texts.GatesSection, numbering.Of(number => GatesFigure.Build(facets, options, texts, number))),
            new("efficiency", texts.EfficiencySection, numbering.Of(
                number => LossFigure.Build(facets, options, texts, number), number => TargetFigure.Build(facets, options, texts, number),
                number => facets.Count == 0 ? null : CostFigure.Build(facets, texts, number), number => TimingFigure.Build(results, facets, options, texts, number),
                number => ScalingFigure.Build(results, texts, number), number => ParetoFigure.Build(facets, options, texts, number))),
            new("tuning", texts.TuningSection, numbering.Of(
                number => RateWindowFigure.Build(results, facets, searches, options, texts, number), number => BestOfFigure.Build(results.Tuning, searches, options, texts, number),
                number => LeadFigure.Build(results.Tuning, searches, options, texts, number))),
            new("generality", texts.GeneralitySection, numbering.Of(number => ProfileFigure.Build(facets, texts, number))),
        ];
        var conditions = ConditionsTable.Of(facets, texts);
        var (varied, unvaried) = ComparedTable.Of(results.Conditions, texts);
        var verdicts = VerdictCards.Of(results, decisions, summary.Claims, facets, [.. sections.SelectMany(section => section.Figures)], conditions, texts);
        return new(
            texts,
            MastheadOf(results, options.Title ?? results.Name, texts),
            [.. Notices.Of(results, arms, texts), .. ownData is { Recommendations.Count: 0 } ? ownData.Defeats : [], .. ownData?.Warnings ?? []],
            verdicts,
            VerdictCards.Linked(conditions, verdicts),
            Opened([.. sections.Where(section => section.Figures.Count > 0)], MostOpenPanels - claims.Count / ClaimsPerPanel, figure => VerdictCards.Linked(figure, verdicts)),
            TrialsTable.Of(results.Conditions, options, texts),
            ReproductionOf(results, texts))
        {
            Summary = summary,
            Dashboard = options.Dashboard,
            Compared = varied,
            Unvaried = unvaried,
            OwnData = ownData,
            Pairs = PairwiseTable.Of(facets, texts),
            Tuning = TuningTable.Of(results.Tuning, searches, texts),
            Outcomes = ReliabilityTable.Of(results.Conditions, texts),
            Article = ArticleAnswers.Of(verdicts, sections.SelectMany(section => section.Figures).FirstOrDefault(figure => figure.Id == GatesFigure.Id), texts),
        };
    }

    /// <summary>Closes the figures for which a page that opens with so many drawings has no room.</summary>
    private static List<FigureSection> Opened(IReadOnlyList<FigureSection> sections, int most, Func<FigureModel, FigureModel> linked)
    {
        var drawings = 0;
        return [.. sections.Select(section => section with { Figures = [.. section.Figures.Select(Open)] })];

        FigureModel Open(FigureModel figure)
        {
            var isOpen = drawings + figure.Panels.Count <= most;
            if (isOpen) drawings += figure.Panels.Count;
            return linked(figure.WithOneLegend()) with { IsClosed = !isOpen };
        }
    }

    /// <summary>Numbers the figures in the order in which they come; those without content take no number.</summary>
    private sealed class Numbering
    {
        private int last;

        public List<FigureModel> Of(params Func<int, FigureModel?>[] figures)
        {
            var built = new List<FigureModel>();
            foreach (var build in figures)
            {
                if (build(last + 1) is not { } figure) continue;
                built.Add(figure);
                last++;
            }

            return built;
        }
    }

    private static Masthead MastheadOf(ExperimentResults results, string title, Texts texts)
    {
        var trials = results.Conditions.SelectMany(c => c.Trials).Select(trial => trial.State).Concat(results.Timings.Select(trial => trial.State)).Concat(results.Tuning?.Trials.Select(trial => trial.State) ?? []).ToList();
        var finished = trials.Count(state => state.HasResult());
        // A search that has just ended has no confirmation yet.
        var isTuned = results.Tuning is not { Choices: null };
        var status = finished == trials.Count && trials.Count > 0 && isTuned ? ReportStatus.Complete
            : trials.Count > 0 && finished < trials.Count && trials.TrueForAll(state => state.IsTerminal()) ? ReportStatus.Incomplete
            : ReportStatus.Provisional;
        var date = results.FinishedAt ?? results.SubmittedAt;
        var facts = new List<Fact>
        {
            new(texts.ExperimentId, results.Id, Code: true),
            new(texts.SpecDigest, results.SpecDigest, Code: true),
            new(texts.Submitted, Numbers.Moment(results.SubmittedAt)),
        };
        if (results.FinishedAt is { } end) facts.Add(new(texts.FinishedTerm, Numbers.Moment(end)));
        facts.Add(new(texts.HarnessVersion, results.HarnessVersion));
        facts.AddRange(results.Environments.Select(e => new Fact(texts.Hardware, texts.HardwareLine(
            e.Processor, Numbers.Count(e.ProcessorCount), string.Join(", ", e.Devices), e.Libtorch, e.OperatingSystem))));
        return new(
            title, results.Report.QuestionIn(texts.Language, results.Question), status,
            texts.Status(status, finished, trials.Count, trials.Count(state => state == TrialState.Diverged), trials.Count(state => state == TrialState.Failed), trials.Count(state => state == TrialState.Cancelled)),
            Numbers.Moment(date),
            date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            facts);
    }

    private static Reproduction ReproductionOf(ExperimentResults results, Texts texts) => new(
        results.ReproduceCommand, results.Overrides, results.SpecPath, results.SpecText,
        EnvironmentTable.Of(results.Environments, texts), texts.Methods, EmbeddedResults.Json(results));
}
