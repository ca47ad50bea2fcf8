using System.Globalization;
using Harness.Abstractions.Results;
using Harness.Reports.Conditions;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What tuning chose for every condition, how much luck was in it, and what it cost.</summary>
internal static class TuningTable
{
    public const string Id = "tuning-choices";

    /// <summary>The table; null where nothing was tuned.</summary>
    public static Table? Of(TuningResults? tuning, IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> searches, Texts texts)
    {
        if (tuning is null || searches.Count == 0) return null;
        var rows = searches.SelectMany(facet => facet.Arms.Select(arm => new TableRow(null,
        [
            new(facet.Facet.Length == 0 ? arm.Label : $"{arm.Label} · {facet.Facet}"),
            new(arm.Choice is { } choice ? Values(arm, choice.Point) : Numbers.Absent, null, arm.Choice?.Edges is [var edge, ..] ? texts.SearchTooNarrow(edge.Setting, edge.Value, edge.IsLow, edge.Try) : null),
            arm.Choice is { } best ? Score(arm, best) : new(Numbers.Absent),
            .. tuning.Spec.Studies > 1 ? [new TableCell(arm.Choice is { } chosen ? string.Join("; ", chosen.Studies.Select(study => Values(arm, study.Point))) : Numbers.Absent)] : Array.Empty<TableCell>(),
            new(texts.CountOf(arm.Diverged, arm.Finished), arm.Finished == 0 ? null : (double)arm.Diverged / arm.Finished),
            new(texts.TrialsAndTime(arm.Finished, Time(arm.Seconds)), arm.Seconds),
        ])));
        var searched = tuning.Spec.Arms.Select(arm => string.Join(", ", arm.Settings.Select(SearchText))).Distinct(StringComparer.Ordinal);
        return new(Id, texts.TuningCaption(texts.SearchBudget(tuning), tuning.Spec.Studies, tuning.Spec.Seeds.Count / tuning.Spec.Studies, texts.Metric(tuning.Spec.Select).Trim(), string.Join("; ", searched)),
            [
                new(texts.Condition), new(texts.ChosenColumn), new(texts.Metric(tuning.Spec.Select).Trim(), true, texts.MedianWord),
                .. tuning.Spec.Studies > 1 ? [new TableColumn(texts.StudiesColumn)] : Array.Empty<TableColumn>(), new(texts.DivergedColumn, true), new(texts.CostColumn, true),
            ],
            [.. rows], tuning.Spec.Halving is { } halving && tuning.Choices is not null ? $"{texts.TuningNote} {Saved(tuning.Spec, halving, searches, texts)}" : texts.TuningNote);
    }

    /// <summary>What pruning saved.</summary>
    private static string Saved(Abstractions.Specs.TuningSpec spec, Abstractions.Specs.HalvingSpec halving, IReadOnlyList<(string Facet, IReadOnlyList<SearchedArm> Arms)> searches, Texts texts)
    {
        var arms = searches.SelectMany(facet => facet.Arms).ToList();
        return texts.PrunedNote([.. Enumerable.Range(0, halving.Rungs).Select(rung => (halving.PointsOf(rung, spec.Trials), halving.PartOf(rung)))], Time(arms.Sum(arm => arm.Seconds)), Time(arms.Sum(arm => arm.InFull)));
    }

    /// <summary>A setting's search as the experiment file has it: <c>lr 0.0001 … 0.1</c>.</summary>
    public static string SearchText(Abstractions.Specs.TunedSetting setting) => setting.Values is { } values
        ? $"{setting.Name} {string.Join(" | ", values)}"
        : string.Create(CultureInfo.InvariantCulture, $"{setting.Name} {setting.Low:G4} … {setting.High:G4}");

    private static string Values(SearchedArm arm, int point) => string.Join(", ", arm.Search.Settings.Select((setting, at) => $"{setting.Name} {arm.Search.Points[point][at]}"));

    private static TableCell Score(SearchedArm arm, TuningChoice choice) => arm.Points[choice.Point].Last is { } median && double.IsFinite(median) ? TableCell.Of(median) : new(Numbers.Absent);

    private static string Time(double seconds) => seconds < 90 ? $"{Numbers.Short(seconds)} s" : seconds < 5400 ? $"{Numbers.Short(seconds / 60)} min" : $"{Numbers.Short(seconds / 3600)} h";
}
