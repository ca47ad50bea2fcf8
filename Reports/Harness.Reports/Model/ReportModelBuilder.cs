using System.Globalization;
using Harness.Experiments.Results;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>Results in, everything a report shows out. Pure.</summary>
public static class ReportModelBuilder
{
    public static ReportModel Build(ExperimentResults results, ReportOptions options)
    {
        var texts = Texts.In(options.Language);
        var facets = ConditionGrid.From(results.Conditions);
        var arms = facets.SelectMany(facet => facet.Arms).OrderBy(arm => arm.Condition.Ordinal).ToList();
        var number = 0;
        var gradients = GradientFigure.Build(facets, options, texts, number + 1);
        if (gradients is not null) number++;
        var loss = LossFigure.Build(facets, options, texts, number + 1);
        if (loss is not null) number++;
        var cost = facets.Count == 0 ? null : CostFigure.Build(facets, texts, number + 1);
        var conditions = ConditionsTable.Of(arms, texts);
        var verdicts = VerdictCards.Of(results, facets, [.. new[] { gradients, loss, cost }.OfType<FigureModel>()], conditions, texts);
        return new(
            texts,
            MastheadOf(results, options.Title ?? results.Name, texts),
            Notices.Of(results, arms, texts),
            verdicts,
            VerdictCards.Linked(conditions, verdicts),
            VerdictCards.Linked(gradients, verdicts), VerdictCards.Linked(loss, verdicts), VerdictCards.Linked(cost, verdicts),
            TrialsTable.Of(results.Conditions, options, texts),
            ReproductionOf(results, texts));
    }

    private static Masthead MastheadOf(ExperimentResults results, string title, Texts texts)
    {
        var trials = results.Conditions.SelectMany(c => c.Trials).ToList();
        var finished = trials.Count(t => t.State.HasResult());
        var status = finished == trials.Count && trials.Count > 0 ? ReportStatus.Complete
            : trials.Count > 0 && trials.All(t => t.State.IsTerminal()) ? ReportStatus.Incomplete
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
            title, results.Question, status,
            texts.Status(status, finished, trials.Count, trials.Count(t => t.State == TrialState.Diverged), trials.Count(t => t.State == TrialState.Failed), trials.Count(t => t.State == TrialState.Cancelled)),
            Numbers.Moment(date),
            date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            facts);
    }

    private static Reproduction ReproductionOf(ExperimentResults results, Texts texts) => new(
        results.ReproduceCommand, results.Overrides, results.SpecPath, results.SpecText,
        EnvironmentTable.Of(results.Environments, texts), texts.Methods, EmbeddedResults.Json(results));
}
