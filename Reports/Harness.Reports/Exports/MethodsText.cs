using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Reports.Formatting;
using Harness.Reports.Model;

namespace Harness.Reports.Exports;

/// <summary>The methods of an experiment as paragraphs of LaTeX: what was compared, how it was tested, where it ran.</summary>
internal static class MethodsText
{
    /// <summary>Words of the methods that have a source, in LaTeX.</summary>
    private static readonly (string Words, Citation Source)[] Sources =
        [("Holm's procedure", Citations.Holm1979), ("Hodges--Lehmann location", Citations.Hodges1963), ("signed-rank", Citations.Wilcoxon1945)];

    /// <returns>The paragraphs, and the publications that their methods name.</returns>
    public static (string Text, IReadOnlyList<Citation> Methods) Write(ExperimentResults results, ReportModel model)
    {
        var text = new StringBuilder();
        Paragraph("Experiment", [Question(results), Compared(results), Trials(results), Sentence($"Settings: {VerdictScope.Of(results.Conditions, model.Texts, sources: results.Report.Sources)}")]);
        var statistics = string.Join(" ", model.Texts.Methods.Select(Latex.Escape));
        if (model.Summary.Claims.Count > 0) statistics = $"We tested {Numbers.Count(model.Summary.Claims.Count)} {(model.Summary.Claims.Count == 1 ? "claim" : "claims")}. {statistics}";
        var cited = new List<Citation>();
        foreach (var (words, source) in Sources)
        {
            var at = statistics.IndexOf(words, StringComparison.Ordinal);
            if (at < 0) continue;
            statistics = statistics.Insert(at + words.Length, $"~\\cite{{{source.Key}}}");
            cited.Add(source);
        }

        Paragraph("Statistics", [statistics]);
        Paragraph("Environment", [$"All trials were run by Harness~\\cite{{{Bibliography.OwnKey}}} {Latex.Escape(results.HarnessVersion)}.", .. results.Environments.Select(Environment)]);
        Paragraph("Reproduction", [$"The experiment file is \\texttt{{experiment.yaml}}; its specification has the digest \\texttt{{{Latex.Escape(results.SpecDigest)}}}.", $"It is run again by \\texttt{{{Latex.Escape(results.ReproduceCommand)}}}."]);
        return (text.ToString(), cited);

        void Paragraph(string title, IEnumerable<string> sentences) => text.Append("\\paragraph{").Append(title).Append(".} ").AppendJoin('\n', sentences.Where(sentence => sentence.Length > 0)).Append("\n\n");
    }

    private static string Question(ExperimentResults results) => string.IsNullOrWhiteSpace(results.Question) ? "" : Sentence($"Question: {results.Question.TrimEnd('?', '.')}?").Replace("?.", "?", StringComparison.Ordinal);

    private static string Compared(ExperimentResults results)
    {
        var cells = results.Conditions.Select(condition => condition.Trial.Model.Cell).Distinct(StringComparer.Ordinal).Select(name => CellCatalog.Find(name) is { } cell ? Cited(cell.DisplayName, cell.Sources) : Latex.Escape(name)).ToList();
        var tasks = results.Conditions.Select(condition => condition.Trial.Task.Kind).Distinct(StringComparer.Ordinal).Select(kind => TaskCatalog.Find(kind) is { } task ? Cited(task.Name.English, task.Sources) : Latex.Escape(kind)).ToList();
        return cells.Count == 0 ? "" : $"We trained {Joined(cells)} on the {(tasks.Count == 1 ? "task" : "tasks")} {Joined(tasks)}.";
    }

    private static string Trials(ExperimentResults results)
    {
        var trials = results.Conditions.SelectMany(condition => condition.Trials).DistinctBy(trial => trial.Id, StringComparer.Ordinal).ToList();
        if (trials.Count == 0) return "";
        var (fewest, most) = (results.Conditions.Min(condition => condition.Trials.Count), results.Conditions.Max(condition => condition.Trials.Count));
        var seeds = trials.Select(trial => trial.Seed).ToList();
        return Sentence($"{Counted(results.Conditions.Count, "condition")} with {(fewest == most ? Counted(most, "seed") : $"{Numbers.Count(fewest)} to {Counted(most, "seed")}")} each (from {Numbers.Count(seeds.Min())} to {Numbers.Count(seeds.Max())}) make {Counted(trials.Count, "trial")}: "
            + string.Join(", ", trials.GroupBy(trial => trial.State).OrderBy(group => group.Key).Select(group => $"{Numbers.Count(group.Count())} {group.Key.ToString().ToLowerInvariant()}")));
    }

    private static string Environment(EnvironmentRecord machine) => Sentence(
        $"Machine: {machine.Processor} with {Counted(machine.ProcessorCount, "core")} ({string.Join(", ", machine.Devices)}), {machine.OperatingSystem}, {machine.Runtime}, libtorch {machine.Libtorch}, TorchSharp {machine.TorchSharp}, {Counted(machine.Threads, "thread")} per trial");

    private static string Cited(string name, IReadOnlyList<Citation> sources) =>
        Latex.Escape(name) + (sources.Count == 0 ? "" : $"~\\cite{{{string.Join(',', sources.Select(source => source.Key))}}}");

    private static string Counted(long count, string noun) => $"{Numbers.Count(count)} {noun}{(count == 1 ? "" : "s")}";

    private static string Joined(List<string> names) => names.Count < 2 ? string.Concat(names) : $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}";

    private static string Sentence(string text) => Latex.Escape(text) + ".";
}
