
using Harness.Abstractions.Specs;

namespace Harness.Reports.Model;

/// <summary>What a reader of the report may choose; nothing here changes a number.</summary>
/// <param name="MaximumTrialRows">Rows of the table of all trials; the embedded data hold every trial regardless.</param>
/// <param name="MaximumPanels">Panels per figure; further combinations of factors are in the figure's table.</param>
/// <param name="Language">A word of <see cref="ReportLanguages.Choices"/>; null means the first of them. A model is in one language, a written report may hold all.</param>
/// <param name="Title">The heading; null means the experiment's name.</param>
public sealed record ReportOptions(int MaximumTrialRows = 500, int MaximumPanels = 8, string? Language = null, string? Title = null)
{
    /// <summary>Where the dashboard's page of the experiment is, for a report that a server shows; null for a file of its own.</summary>
    public string? Dashboard { get; init; }

    public static ReportOptions Default { get; } = new();
}
