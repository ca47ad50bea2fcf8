using System.CommandLine;
using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Reports.Exports;
using Harness.Reports.Model;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Store.Files;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness figures EXPERIMENT --as FORMAT</c>: the figures of a report as files for papers and slides.</summary>
internal static class FiguresCommand
{
    public static Command Create()
    {
        var experiment = new Argument<string>("experiment") { Description = "Name or number of an experiment in the database; a name means its latest." }.OfExperiments();
        var data = SharedOptions.Data();
        var figures = new Option<string[]>("--figure") { Description = "A figure by its number in the report, or by name: 2 or loss. May be repeated. Default: all figures.", HelpName = "N" };
        var format = new Option<string>("--as") { Description = "The format: svg, pdf, png (300 dpi), or csv for the numbers.", HelpName = "FORMAT", Required = true };
        format.AcceptOnlyFromAmong("svg", "pdf", "png", "csv");
        var width = new Option<string>("--width") { Description = "The width on paper, in mm, cm, in or pt. Letters are 8 pt at every width. Default: 174mm.", HelpName = "WIDTH", DefaultValueFactory = _ => "174mm" };
        width.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && PaperWidth.Refusal(token.Value) is { } refusal) result.AddError(refusal);
        });
        var bare = new Option<bool>("--bare") { Description = "Leave out title and caption, for a document that has its own." };
        var language = SharedOptions.Language();
        var output = new Option<string?>("--out") { Description = "The folder for the files. Default: NAME.figures in the current folder.", HelpName = "DIR" };
        var command = new Command("figures", "Write the figures of a report as SVG, PDF or PNG, or their numbers as CSV.") { experiment, data, figures, format, width, bare, language, output };
        command.SetAction((parsed, _) => Write(
            parsed.GetValue(experiment)!, parsed.GetValue(data)!, parsed.GetValue(figures) ?? [], Enum.Parse<FigureFormat>(parsed.GetValue(format)!, ignoreCase: true),
            PaperWidth.Millimetres(parsed.GetValue(width)!)!.Value, parsed.GetValue(bare), parsed.GetValue(language), parsed.GetValue(output)));
        return command;
    }

    private static async Task<int> Write(string experiment, string data, string[] named, FigureFormat format, double millimetres, bool bare, string? language, string? output)
    {
        await using var connection = ResultsDatabase.ConnectForReading(data);
        var reader = new ResultsReader(connection);
        if (await ExperimentArguments.Find(reader, [experiment], data) is not [var id]) return ExitCode.NotFound;
        var results = reader.Read(id);
        await Damages.Warn(results);
        var chosen = Chosen(results, named, language, format);
        var folder = Path.GetFullPath(output ?? $"{FileNames.Safe(results.Name)}.figures");
        if (File.Exists(folder)) throw new UsageException($"'{folder}' is a file, and figures go into a folder. Name another one with --out.");
        foreach (var figure in chosen)
        {
            var path = Path.Combine(folder, $"{FigureFiles.NameOf(figure)}.{format.ToString().ToLowerInvariant()}");
            try
            {
                var bytes = FigureFiles.Write(figure, format, millimetres, bare, language ?? results.Report.Language);
                UnfinishedFile.Write(path, file => File.WriteAllBytes(file, bytes));
            }
            catch (FigureFontException error)
            {
                throw new StoreException($"Figure {figure.Number.ToString(CultureInfo.InvariantCulture)}: {error.Message}", error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw new StoreException($"The figure could not be written to '{path}': {error.Message} Name another folder with --out.", error);
            }

            await ReportFile.Tell("figure", path);
        }

        return ExitCode.Ok;
    }

    /// <summary>In the order of the report.</summary>
    private static List<FigureModel> Chosen(ExperimentResults results, string[] named, string? language, FigureFormat format)
    {
        // Numbers are wanted of every combination of factors, also of those for which the page has no room.
        var figures = FigureFiles.Of(results, ReportOptions.Default with { Language = language ?? results.Report.Language }, all: format == FigureFormat.Csv);
        var known = string.Join(", ", figures.Select(figure => FormattableString.Invariant($"{figure.Number} {FigureFiles.ShortName(figure)}")));
        if (figures.Count == 0) throw new UsageException($"{results.Name} has no figures yet: no trial has recorded anything to draw.");
        foreach (var name in named)
        {
            if (!figures.Any(figure => IsNamed(figure, name))) throw new UsageException($"--figure {name}: the report of {results.Name} has no such figure. It has: {known}.");
        }

        return [.. figures.Where(figure => named.Length == 0 || named.Any(name => IsNamed(figure, name)))];
    }

    private static bool IsNamed(FigureModel figure, string name) =>
        string.Equals(name, FigureFiles.ShortName(figure), StringComparison.OrdinalIgnoreCase) || (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number == figure.Number);
}
