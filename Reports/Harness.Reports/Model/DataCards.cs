using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>The cards of the data files that an experiment reads, as in its report.</summary>
public static class DataCards
{
    /// <summary>A table for each file and length whose card is known; empty for generated tasks, and until a trial has begun.</summary>
    /// <param name="results">May lack every metric.</param>
    /// <param name="language">A word of <see cref="ReportLanguages"/>; null for the language that the experiment file asks for.</param>
    public static IReadOnlyList<Table> Of(ExperimentResults results, string? language = null)
    {
        ArgumentNullException.ThrowIfNull(results);
        return [.. OwnData.Groups(results.Conditions, Texts.In(language ?? results.Report.Language)).Where(group => group.Card is not null).Select(group => group.CardTable(results.Report.DataLicence))];
    }
}
