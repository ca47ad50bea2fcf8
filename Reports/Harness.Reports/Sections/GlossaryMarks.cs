using System.Text;
using System.Text.RegularExpressions;
using Harness.Reports.Wording;
using Microsoft.AspNetCore.Components;

namespace Harness.Reports.Sections;

/// <summary>
/// Marks the terms of the glossary in a written page, each once: where a reader meets it first, which is in what is open if it
/// occurs there. Only sentences are marked; names, tables, drawings and whatever can be clicked stay as they are.
/// </summary>
internal sealed class GlossaryMarks
{
    /// <summary>Cannot occur in a text, which would have its angle brackets escaped.</summary>
    private const string PlaceMark = "<!--glossary-->";

    private const string Sentences = "p|li|figcaption|dd", Left = "a|button|summary|label|code|pre|table|svg|nav";

    private static readonly HashSet<string> sentences = new(Sentences.Split('|'), StringComparer.Ordinal), left = new(Left.Split('|'), StringComparer.Ordinal);

    /// <summary>Elements without an end.</summary>
    private static readonly HashSet<string> empty = new(["meta", "input", "br", "link", "img", "hr", "path", "rect", "line", "circle"], StringComparer.Ordinal);

    /// <summary>Whose words are a name or a count.</summary>
    private static readonly string[] leftClasses = ["name", "asked", "state", "annotations", "panel-title", "numbers", "command"];

    private readonly string html;
    private readonly IReadOnlyList<GlossaryTerm> terms;
    private readonly Regex[] patterns;

    /// <summary>Longer terms first: “timing trial” keeps the words within it for itself.</summary>
    private readonly int[] order;
    private readonly (int At, int Length)?[] open, closed;

    private GlossaryMarks(string html, Texts texts)
    {
        this.html = html;
        terms = texts.Glossary;
        patterns = [.. terms.Select(term => new Regex(texts.TermPattern(term.Forms), RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(10)))];
        order = [.. Enumerable.Range(0, terms.Count).OrderByDescending(i => terms[i].Word.Length)];
        (open, closed) = (new (int, int)?[terms.Count], new (int, int)?[terms.Count]);
    }

    public static MarkupString Place { get; } = new(PlaceMark);

    public static string AnchorOf(GlossaryTerm term) => $"term-{term.Key}";

    /// <summary>The page with its terms marked, and those that occur, in the order of the glossary.</summary>
    public static (string Html, IReadOnlyList<GlossaryTerm> Terms) Mark(string html, Texts texts)
    {
        var marks = new GlossaryMarks(html, texts);
        marks.Find();
        return marks.Written();
    }

    /// <summary>The page with the list in its place.</summary>
    public static string WithList(string html, string list) => html.Replace(PlaceMark, list, StringComparison.Ordinal);

    /// <summary>Goes through the page once. It is well-formed, and its texts and attributes hold no angle brackets.</summary>
    private void Find()
    {
        var path = new List<(string Name, bool IsSentence, bool IsLeft, bool IsClosed)> { ("", false, false, false) };
        for (var at = html.IndexOf('<'); at >= 0 && at < html.Length;)
        {
            var end = html.IndexOf('>', at) + 1;
            var tag = html.AsSpan(at, end - at);
            if (tag.StartsWith("</", StringComparison.Ordinal))
            {
                if (path.Count > 1) path.RemoveAt(path.Count - 1);
            }
            else if (!tag.StartsWith("<!", StringComparison.Ordinal))
            {
                var name = tag[1..(1 + tag[1..].IndexOfAny(" />"))].ToString();
                if (name is "script" or "style" or "svg")
                {
                    end = html.IndexOf($"</{name}>", end, StringComparison.Ordinal) + name.Length + 3;
                }
                else if (!empty.Contains(name) && !tag.EndsWith("/>", StringComparison.Ordinal))
                {
                    var (_, isSentence, isLeft, isClosed) = path[^1];
                    path.Add((name, isSentence || sentences.Contains(name), isLeft || left.Contains(name) || HasLeftClass(tag), isClosed || (name == "details" && !tag.Contains(" open", StringComparison.Ordinal))));
                }
            }

            var next = html.IndexOf('<', end);
            if (next < 0) break;
            if (path[^1] is { IsSentence: true, IsLeft: false } place) FindIn(end, next, place.IsClosed);
            at = next;
        }
    }

    private void FindIn(int from, int until, bool isClosed)
    {
        var text = html[from..until];
        var places = isClosed ? closed : open;
        foreach (var i in order)
        {
            if (open[i] is not null || places[i] is not null) continue;
            for (var match = patterns[i].Match(text); match.Success; match = match.NextMatch())
            {
                if (Array.Exists(places, other => other is { } taken && match.Index + from < taken.At + taken.Length && taken.At < match.Index + from + match.Length)) continue;
                places[i] = (from + match.Index, match.Length);
                break;
            }
        }
    }

    private static bool HasLeftClass(ReadOnlySpan<char> tag)
    {
        var start = tag.IndexOf(" class=\"", StringComparison.Ordinal);
        if (start < 0) return false;
        var value = tag[(start + 8)..];
        return value[..value.IndexOf('"')].ToString().Split(' ').Intersect(leftClasses, StringComparer.Ordinal).Any();
    }

    private (string Html, IReadOnlyList<GlossaryTerm> Terms) Written()
    {
        var found = terms.Select((term, i) => (Term: term, Place: open[i] ?? closed[i])).Where(pair => pair.Place is not null).ToList();
        var page = new StringBuilder(html.Length + found.Count * 300);
        var at = 0;
        foreach (var (term, place) in found.OrderBy(pair => pair.Place!.Value.At))
        {
            var (start, length) = place!.Value;
            // Two terms that share words cannot both be marked there.
            if (start < at) continue;
            page.Append(html, at, start - at)
                .Append("<dfn class=\"term\" tabindex=\"0\" aria-describedby=\"").Append(AnchorOf(term)).Append("\" data-meaning=\"").Append(System.Net.WebUtility.HtmlEncode(term.Meaning)).Append("\">")
                .Append(html, start, length).Append("</dfn>");
            at = start + length;
        }

        page.Append(html, at, html.Length - at);
        return (page.ToString(), [.. found.Select(pair => pair.Term)]);
    }
}
