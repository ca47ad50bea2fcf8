using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;

namespace Harness.Reports.Exports;

/// <summary>Publications as BibTeX.</summary>
internal static class Bibliography
{
    /// <summary>The key of the program's own entry.</summary>
    public const string OwnKey = "harness";

    /// <param name="version">Of the program that computed the results.</param>
    public static string Write(IEnumerable<Citation> citations, string version)
    {
        var text = new StringBuilder();
        foreach (var citation in citations) Entry(text, citation);
        text.Append(CultureInfo.InvariantCulture, $"@misc{{{OwnKey},\n  title = {{Harness: a distributed harness for comparing {{RNN}}, {{LSTM}} and {{GRU}}}},\n  author = {{{{The Harness authors}}}},\n  note = {{Computer software, version {Latex.Escape(version)}}}\n}}\n");
        return text.ToString();
    }

    /// <summary>Those of the cells and tasks of an experiment, each once, by key.</summary>
    public static IReadOnlyList<Citation> Of(ExperimentResults results, IEnumerable<Citation> methods) =>
    [
        .. results.Conditions.SelectMany(condition => (CellCatalog.Find(condition.Trial.Model.Cell)?.Sources ?? []).Concat(TaskCatalog.Find(condition.Trial.Task.Kind)?.Sources ?? []))
            .Concat(methods).DistinctBy(citation => citation.Key, StringComparer.Ordinal).OrderBy(citation => citation.Key, StringComparer.Ordinal),
    ];

    private static void Entry(StringBuilder text, Citation citation)
    {
        var (kind, venue) = citation.IsProceedings ? ("inproceedings", "booktitle") : ("article", "journal");
        List<(string Field, string? Value)> fields =
        [
            ("author", citation.Authors), ("title", $"{{{citation.Title}}}"), (venue, citation.Venue), ("year", citation.Year.ToString(CultureInfo.InvariantCulture)),
            ("volume", citation.Where?.Volume), ("number", citation.Where?.Number), ("pages", citation.Where?.Pages), ("doi", citation.Doi),
        ];
        text.Append(CultureInfo.InvariantCulture, $"@{kind}{{{citation.Key},\n");
        text.AppendJoin(",\n", fields.Where(field => field.Value is not null).Select(field => $"  {field.Field} = {{{field.Value}}}")).Append("\n}\n\n");
    }
}
