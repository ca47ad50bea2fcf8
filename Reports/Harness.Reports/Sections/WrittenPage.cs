using System.Text.RegularExpressions;
using Harness.Reports.Model;
using Microsoft.AspNetCore.Components;

namespace Harness.Reports.Sections;

/// <summary>A report in one language as HTML, ready to stand beside those in other languages.</summary>
/// <param name="Id">The language's word, which is the anchor of its page.</param>
public sealed partial record WrittenPage(string Id, ReportModel Model, MarkupString Html)
{
    /// <summary>With another page's ids told apart from its own by a prefix, in every attribute that names one.</summary>
    /// <remarks>No text or attribute value holds a quote or an angle bracket as such, so that only attributes are touched.</remarks>
    public WrittenPage WithPrefix() => this with
    {
        Html = new(Tag().Replace(Html.Value, tag => Reference().Replace(tag.Value, reference => $"{reference.Groups["before"].Value}{string.Join(' ', reference.Groups["ids"].Value.Split(' ').Select(id => $"{Id}-{id}"))}"))),
    };

    [GeneratedRegex("<[a-z][^>]*>", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Tag();

    [GeneratedRegex(@"(?<before> (?:id|for|name|aria-labelledby|aria-describedby|data-filter)=""| (?:xlink:)?href=""#|=""url\(#)(?<ids>[^"")]+)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Reference();
}
