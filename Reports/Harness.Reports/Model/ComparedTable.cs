using System.Text.Json;
using System.Text.Json.Nodes;
using Harness.Experiments.Results;
using Harness.Experiments.Specs;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What was the same for all conditions and what was not: every setting that can change an outcome, read off the trials themselves.</summary>
internal static class ComparedTable
{
    public const string Id = "compared";

    /// <summary>What every trial has of its own, and what says nothing to a reader.</summary>
    private static readonly string[] Left = ["seed", "revision"];

    public static Table Of(IReadOnlyList<ConditionResults> conditions, Texts texts)
    {
        var settings = conditions.Select(condition => (Condition: condition, Values: Flat(condition.Trial))).ToList();
        List<string> paths = [.. settings.SelectMany(pair => pair.Values.Keys).Distinct(StringComparer.Ordinal)];
        var rows = paths.Select(path =>
        {
            var values = settings.Select(pair => (pair.Condition, Value: pair.Values.GetValueOrDefault(path, Numbers.Absent))).ToList();
            return (Path: path, Varies: values.Select(v => v.Value).Distinct(StringComparer.Ordinal).Skip(1).Any(), Text: Levels(values, texts));
        }).OrderByDescending(row => row.Varies); // stable: what was varied comes first
        return new(Id, texts.ComparedCaption, [new(texts.Setting), new(texts.Level), new(texts.Varied)],
            [.. rows.Select(row => new TableRow(null, [new(row.Path), new(row.Text), new(row.Varies ? texts.Yes : "")]))],
            texts.ParameterFormula, Sortable: false);
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

    /// <summary>The trial's own JSON as paths and values, in its order.</summary>
    private static Dictionary<string, string> Flat(TrialSpec trial)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(JsonSerializer.SerializeToNode(trial, HarnessJson.Default.TrialSpec)!, "");
        return values;

        void Add(JsonNode node, string path)
        {
            if (node is JsonObject fields)
            {
                foreach (var (name, value) in fields)
                    if (value is not null && !(path.Length == 0 && Left.Contains(name, StringComparer.Ordinal))) Add(value, path.Length == 0 ? name : $"{path}.{name}");
            }
            else
            {
                values[path] = node is JsonArray list ? string.Join(", ", list.Select(item => Word(item!))) : Word(node);
            }
        }

        // Words of a choice are written in the file as they are in prose, in the identity as the code has them.
        static string Word(JsonNode value) => value.GetValueKind() == JsonValueKind.String && value.ToString() is [>= 'A' and <= 'Z', ..] word ? word.ToLowerInvariant() : value.ToString();
    }
}
