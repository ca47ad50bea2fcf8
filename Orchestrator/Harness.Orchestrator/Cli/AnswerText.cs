using System.Net;
using System.Text;
using Harness.Reports.Summaries;
using Harness.Server.Api;

namespace Harness.Orchestrator.Cli;

/// <summary>An experiment's answer as the last lines of a command: a line per claim, then the headline.</summary>
internal static class AnswerText
{
    /// <summary>The answer as a server gives it; nothing from a server of an earlier version, which has none.</summary>
    public static async Task<string> Ask(Func<string, Task<ReportSummary?>> get, long experiment)
    {
        try
        {
            return await get(FormattableString.Invariant($"api/experiments/{experiment}/summary")) is { } summary ? Of(summary) : "";
        }
        catch (ServerRefusalException refusal) when (refusal.Status == HttpStatusCode.NotFound)
        {
            return "";
        }
    }

    public static string Of(ReportSummary summary)
    {
        var text = new StringBuilder();
        var width = summary.Claims.Select(claim => claim.Id.Length).DefaultIfEmpty(0).Max();
        foreach (var claim in summary.Claims) text.AppendLine(Terminal.Printable($"{claim.Mark} {claim.Id.PadRight(width)}  {claim.Text}"));
        if (summary.Claims.Count > 0) text.AppendLine(Terminal.Printable(string.Join(" · ", summary.Verdicts.Select(count => FormattableString.Invariant($"{count.Count} {count.Word.ToLowerInvariant()}")))));
        text.AppendLine();
        text.AppendLine(Terminal.Printable(summary.Headline));
        text.AppendLine(Terminal.Printable($"Next: {summary.Next}"));
        return text.ToString();
    }
}
