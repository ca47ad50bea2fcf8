using System.Security.Cryptography;
using System.Text;
using Harness.Abstractions.Results;
using Harness.Reports.Model;

namespace Harness.Reports.Exports;

/// <summary>What a paper about an experiment needs: figures, tables, methods, references, the experiment file, and checksums.</summary>
public static class PaperFiles
{
    /// <summary>Written last, over all other files.</summary>
    public const string Checksums = "SHA256SUMS";

    /// <summary>A column and a page of a paper, in millimetres.</summary>
    private const double Column = 84, Page = 174;

    /// <summary>Longer tables are files, and left out of the example document.</summary>
    private const int MostRows = 30;

    /// <summary>The files by path, in English whatever the report's language: a bibliography and methods in two languages would not fit together.</summary>
    /// <exception cref="FigureFontException">A name in a figure needs a character that no font has.</exception>
    public static IReadOnlyList<(string Path, byte[] Bytes)> Of(ExperimentResults results)
    {
        ArgumentNullException.ThrowIfNull(results);
        var model = ReportModelBuilder.Build(results, ReportOptions.Default with { Language = "en" });
        var figures = model.Sections.SelectMany(section => section.Figures).ToList();
        List<(string Path, byte[] Bytes)> files = [];
        foreach (var figure in figures)
        {
            var width = figure.Panels.Count == 1 ? Column : Page;
            files.Add(($"figures/{FigureFiles.NameOf(figure)}.pdf", FigureFiles.Write(figure, FigureFormat.Pdf, width, isBare: true)));
            files.Add(($"figures/{FigureFiles.NameOf(figure)}.svg", FigureFiles.Write(figure, FigureFormat.Svg, width, isBare: true)));
        }

        List<(string Name, Table Table)> tables = [("conditions", model.Conditions), .. Claims(model), .. figures.Select(figure => (FigureFiles.NameOf(figure), figure.Table))];
        files.AddRange(tables.Select(table => ($"tables/{table.Name}.tex", Bytes(LatexTable.Write(table.Table, model.Texts)))));
        var (methods, cited) = MethodsText.Write(results, model);
        files.Add(("methods.tex", Bytes(methods)));
        files.Add(("references.bib", Bytes(Bibliography.Write(Bibliography.Of(results, cited), results.HarnessVersion))));
        files.Add(("experiment.yaml", Bytes(results.SpecText)));
        files.Add(("paper.tex", Bytes(Document(model, figures, tables))));
        files.Add((Checksums, Bytes(string.Concat(files.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => $"{Convert.ToHexStringLower(SHA256.HashData(file.Bytes))}  {file.Path}\n")))));
        return files;
    }

    /// <summary>Each claim with its verdict and what was found.</summary>
    private static IEnumerable<(string Name, Table Table)> Claims(ReportModel model)
    {
        if (model.Summary.Claims.Count == 0) yield break;
        yield return ("claims", new("claims", "Claims and verdicts.", [new("Claim"), new("Verdict"), new("Found")],
            [.. model.Summary.Claims.Select(claim => new TableRow(null, [new(claim.Id), new(claim.Word), new(claim.Text)]))]));
    }

    /// <summary>A document that shows everything and compiles as it is; people take from it what they need.</summary>
    private static string Document(ReportModel model, List<FigureModel> figures, List<(string Name, Table Table)> tables)
    {
        var text = new StringBuilder("% An example that holds every part. pdflatex paper && bibtex paper && pdflatex paper && pdflatex paper\n\\documentclass{article}\n");
        text.Append("\\usepackage[T1]{fontenc}\n\\usepackage[margin=18mm]{geometry}\n\\usepackage{amssymb,booktabs,graphicx}\n\\usepackage[export]{adjustbox}\n\\begin{document}\n");
        text.Append("\\title{").Append(Latex.Escape(model.Masthead.Title)).Append("}\n\\maketitle\n\n").Append(Latex.Escape(string.Join(" ", model.Summary.Findings.Prepend(model.Summary.Headline)))).Append("\n\n\\section*{Methods}\n\\input{methods}\n\n");
        foreach (var figure in figures)
        {
            text.Append("\\begin{figure}[htbp]\n  \\centering\n  \\includegraphics[max width=\\linewidth,max totalheight=.8\\textheight]{figures/").Append(FigureFiles.NameOf(figure)).Append(".pdf}\n  \\caption{")
                .Append(Latex.Escape($"{figure.Title}. {figure.Caption}")).Append("}\n  \\label{fig:").Append(FigureFiles.ShortName(figure)).Append("}\n\\end{figure}\n\n");
        }

        foreach (var (name, table) in tables.Where(table => table.Table.Rows.Count <= MostRows))
        {
            text.Append("\\begin{table}[htbp]\n  \\centering\n  \\caption{").Append(Latex.Escape(table.Caption)).Append("}\n  \\label{tab:").Append(name).Append("}\n  \\adjustbox{max width=\\linewidth}{\\input{tables/").Append(name).Append("}}\n\\end{table}\n\n");
        }

        return text.Append("\\bibliographystyle{plain}\n\\nocite{*}\n\\bibliography{references}\n\\end{document}\n").ToString();
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
