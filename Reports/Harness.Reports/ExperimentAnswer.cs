using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Reports.Summaries;

namespace Harness.Reports;

/// <summary>What an experiment found, whole: the summary with what to use for a person's own data.</summary>
public static class ExperimentAnswer
{
    /// <param name="results">With the curves of <see cref="SummaryBuilder.CurvesFor"/> at least, and with the stored answers to test parts.</param>
    /// <param name="language">A word of <see cref="ReportLanguages"/>; null for the language that the experiment file asks for.</param>
    public static ReportSummary Of(ExperimentResults results, string? language = null) =>
        SummaryBuilder.Of(results, language) with { Recommendations = Recommendation.Of(results, language) };
}
