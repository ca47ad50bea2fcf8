using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What was the same for all conditions and what was not: every setting that can change an outcome, read off the trials themselves.</summary>
internal static class ComparedTable
{
    public const string Id = "compared";

    /// <summary>What was varied, and what was the same for all conditions.</summary>
    public static (Table Varied, Table Unvaried) Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        var settings = conditions.Select(condition => (Condition: condition, Values: Shown(condition.Trial))).ToList();
        List<string> paths = [.. settings.SelectMany(pair => pair.Values.Keys).Distinct(StringComparer.Ordinal)];
        var rows = paths.Select(path =>
        {
            var values = settings.Select(pair => (pair.Condition, Value: pair.Values.GetValueOrDefault(path, Numbers.Absent))).ToList();
            return (Path: path, Varies: values.Select(v => v.Value).Distinct(StringComparer.Ordinal).Skip(1).Any(), Text: Levels(values, texts));
        }).ToList();
        return (TableOf(Id, texts.ComparedCaption, null, varies: true), TableOf(Id + "-same", texts.UnvariedCaption, texts.ParameterFormula, varies: false));

        Table TableOf(string id, string caption, string? note, bool varies) => new(id, caption, [new(texts.Setting), new(texts.Level)],
            [.. rows.Where(row => row.Varies == varies).Select(row => new TableRow(null, [new(row.Path), new(row.Text)]))], note, Sortable: false);
    }

    /// <summary>One value, or the values with the cells that have them where the cell decides, or the list of levels.</summary>
    private static string Levels(List<(ConditionResults Condition, string Value)> values, Texts texts)
    {
        var distinct = values.Select(v => v.Value).Distinct(StringComparer.Ordinal).ToList();
        if (distinct.Count == 1) return distinct[0];
        var byCell = values.GroupBy(v => v.Condition.Trial.Model.Cell, v => v.Value, StringComparer.Ordinal).ToList();
        return byCell.TrueForAll(cell => cell.Distinct(StringComparer.Ordinal).Count() == 1)
            ? string.Join("; ", byCell.Select(cell => $"{texts.Cell(cell.Key)} {cell.First()}"))
            : string.Join(", ", distinct);
    }

    /// <summary>Without the numerical contract, which says nothing to a reader.</summary>
    private static Dictionary<string, string> Shown(TrialSpec trial)
    {
        var values = new Dictionary<string, string>(TrialSettings.Of(trial), StringComparer.Ordinal);
        values.Remove("revision");
        return values;
    }
}
