using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Components;

namespace Harness.Reports.Sections;

/// <summary>The page's style and script, from this assembly, and the policy that allows these and nothing else.</summary>
public static class PageAssets
{
    /// <summary>The style sheet; the dashboard builds on it.</summary>
    public static string Style { get; } = Read("report.css");

    /// <summary>The script, for pages that are allowed to load one.</summary>
    public static string Script { get; } = "\"use strict\";(()=>{" + string.Concat(new[] { "report.js", "figures.js", "present.js" }.Select(name => ScriptText.Compact(Read(name)))) + "})();";

    /// <summary>No network, no frames, no forms; one script, known by its hash.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Script)))}'; img-src data:; base-uri 'none'; form-action 'none'";

    internal static MarkupString StyleElement { get; } = new($"<style>{Style}</style>");

    /// <summary>The running title of printed pages. Every character but letters and digits is escaped, so that no name can end the string or the element.</summary>
    internal static MarkupString RunningTitle(string title) => new(
        $"<style>@page {{ @top-left {{ font-size: 8pt; content: \"{string.Concat(title.EnumerateRunes().Take(80).Select(rune => char.IsAsciiLetterOrDigit((char)Math.Min(rune.Value, 0xFFFF)) ? rune.ToString() : FormattableString.Invariant($"\\{rune.Value:X6}")))}\" }} }}</style>");

    /// <summary>Of the pages in several languages, shows the one whose button is chosen; a browser that cannot do so shows all.</summary>
    /// <param name="ids">Of the pages.</param>
    internal static MarkupString LanguageChoice(IEnumerable<string> ids) =>
        new($"<style>{string.Concat(ids.Select(id => $"body:has(#in-{id}:checked) > .page:not(#{id}) {{ display: none; }} "))}</style>");

    internal static MarkupString ScriptElement { get; } = new($"<script>{Script}</script>");

    /// <inheritdoc cref="DataElement"/>
    internal static MarkupString NumbersElement(string json) => new($"<script type=\"application/json\" class=\"numbers\">{json}</script>");

    /// <param name="json">Without a literal &lt;, so that nothing in it can end the element.</param>
    internal static MarkupString DataElement(string json) => new($"<script type=\"application/json\" id=\"report-data\">{json}</script>");

    private static string Read(string name)
    {
        using var stream = typeof(PageAssets).Assembly.GetManifestResourceStream(name) ??
            throw new InvalidOperationException($"The assembly lacks the embedded resource '{name}'.");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // The hash must be the same however the sources were checked out.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
