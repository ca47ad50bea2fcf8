using System.Globalization;
using System.Text;
using Harness.Abstractions.Results;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>What networks wrote when they continued a person's text: to read, not to measure.</summary>
internal static class GeneratedTexts
{
    /// <summary>Rows of the table, at most.</summary>
    private const int MostConditions = 12;

    /// <summary>The texts of each condition's first seed that generated any; null where none did.</summary>
    public static Table? Of(DataGroup group, Texts texts)
    {
        List<(ConditionResults Condition, TrialResult Trial)> known =
        [
            .. group.Conditions.Select(condition => (condition, condition.Trials.Where(trial => trial.Test?.Generated is not null).OrderBy(trial => trial.Seed).FirstOrDefault()))
                .Where(pair => pair.Item2 is not null).Select(pair => (pair.condition, pair.Item2!)).Take(MostConditions),
        ];
        if (known.Count == 0) return null;
        return new(FormattableString.Invariant($"generated-{group.Place}"), texts.GeneratedCaption(Shown(known[0].Trial.Test!.Prompt!)), [new(texts.Condition), new(texts.SeedWord, true), new(texts.TemperatureColumn, true), new(texts.GeneratedColumn)],
            [.. known.SelectMany(pair => pair.Trial.Test!.Generated!.Select(text => new TableRow(null, [new(pair.Condition.Label), TableCell.Count(pair.Trial.Seed), TableCell.Of(text.Temperature), new(Shown(text.Text))])))], Sortable: false);
    }

    /// <summary>The characters on one line: ends of lines as a sign, and characters that would move or hide others as a replacement.</summary>
    private static string Shown(string text)
    {
        var shown = new StringBuilder(text.Length);
        foreach (var character in text.ReplaceLineEndings("\n").EnumerateRunes())
        {
            var category = Rune.GetUnicodeCategory(character);
            if (character.Value == '\n') shown.Append('\u21B5');
            else if (character.Value == '\t') shown.Append('\u21E5');
            else if (category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse) shown.Append('\uFFFD');
            else shown.Append(character.ToString());
        }

        return shown.ToString();
    }
}
