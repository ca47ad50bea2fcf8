using Harness.Reports.Outcomes;

namespace Harness.Reports.Summaries;

/// <summary>Verdicts as programs read them.</summary>
public static class VerdictNames
{
    public static string Of(VerdictKind kind) => kind switch
    {
        VerdictKind.Supported => "supported",
        VerdictKind.Contradicted => "contradicted",
        VerdictKind.NoMeaningfulDifference => "no_meaningful_difference",
        VerdictKind.Depends => "depends",
        VerdictKind.Inconclusive => "inconclusive",
        _ => "not_tested",
    };
}
