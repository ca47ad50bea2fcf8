namespace Harness.Reports.Outcomes;

public enum ReportStatus
{
    /// <summary>Every planned trial has a result.</summary>
    Complete,

    /// <summary>Nothing is running any more, but some trials have no result.</summary>
    Incomplete,

    /// <summary>Trials are still to come.</summary>
    Provisional,
}
