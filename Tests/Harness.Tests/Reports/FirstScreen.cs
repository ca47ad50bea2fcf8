using System.Text.RegularExpressions;
using AngleSharp.Html.Dom;

namespace Harness.Tests.Reports;

/// <summary>What a stranger looks for above the fold of a report: which one, by how much, how sure, where not, and what next.</summary>
internal static partial class FirstScreen
{
    /// <summary>The questions that the head of a report leaves open; empty when it answers all.</summary>
    public static IReadOnlyList<string> Open(IHtmlDocument page)
    {
        var head = page.QuerySelector(".masthead")!;
        var (headline, findings, next) = (head.QuerySelector("h1")!.TextContent.Trim(), head.QuerySelectorAll(".key li").Select(finding => finding.TextContent.Trim()).ToList(), head.QuerySelector(".next")!.TextContent.Trim());
        var said = string.Join(' ', findings.Prepend(headline));
        var arms = page.QuerySelectorAll(".grid thead th[scope=col]").Skip(1).Select(arm => arm.TextContent.Trim().Split(' ', 2)[^1].Trim()).Concat(page.QuerySelectorAll(".grid.packed b").Select(arm => arm.TextContent.Trim())).Distinct(StringComparer.Ordinal).ToList();
        List<string> open = [];
        if (arms.Count == 0 || !(arms.Exists(arm => said.Contains(arm, StringComparison.Ordinal)) || None().IsMatch(headline))) open.Add("which one");
        if (!Amount().IsMatch(said)) open.Add("by how much");
        if (!Certainty().IsMatch(said)) open.Add("how sure");
        if (!Exception().IsMatch(said)) open.Add("where not");
        if (!Sentence().IsMatch(next)) open.Add("what next");
        return open;
    }

    /// <summary>An answer that names no arm.</summary>
    [GeneratedRegex("^No (answer|verdict)|baseline", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex None();

    /// <summary>A factor, a share, or a value beside what it is compared with.</summary>
    [GeneratedRegex(@"\d times (smaller|larger)|\d (\S+ ){0,3}(lower|higher)|[\d.]+\s?%|by (a factor of )?[\d.]+|in the median|reaches the target and|\d+ of \d+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Amount();

    [GeneratedRegex(@"(95\s%\sinterval|range) .*\d+ (seeds|rounds)|\d+ (seeds|rounds) each|with (one|\d+) seeds? a difference may be chance|no claim was tested|^No answer", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Certainty();

    [GeneratedRegex(@"in (all \d+|both) settings|[Oo]nly one setting|No claim was contradicted|was tested in \d+ settings|in each of \d+ settings|but not for|in \d+ of \d+ settings|It depends|Contradicted: |in none of|did not learn|diverged|No run solved|\d+ (is|are) inconclusive", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Exception();

    [GeneratedRegex(@": .{10,}\.$", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Sentence();
}
