using System.Globalization;
using System.Text;
using Harness.Abstractions.Results;
using Harness.Training.Backends;
using Harness.Training.Tasks;

namespace Harness.Training.Models;

/// <summary>Predictions as CSV (RFC 4180, UTF-8): numbers in the target's unit, or the likeliest class with its probability and that of every other.</summary>
internal sealed class PredictionTable
{
    /// <summary>More classes than this have no column each.</summary>
    public const int MostColumns = 50;

    private readonly ModelAnswer answer;
    private readonly bool hasColumns, isText, hasSeries, hasTime;
    private readonly StringBuilder text = new();

    /// <param name="timeColumn">The column for the times of what is predicted; null for none.</param>
    public PredictionTable(ModelDescription description, string? timeColumn)
    {
        (answer, hasTime) = (description.Answer, timeColumn is not null);
        isText = description.Inputs.Vocabulary is not null;
        hasSeries = description.Spec.Task.Parameters.Values.ContainsKey("group");
        hasColumns = !isText && answer.Classes is { Count: <= MostColumns };
        string[] what = answer.Target is { } target ? [$"predicted.{target.Name}"]
            : isText ? ["next", "probability"]
            : [$"predicted.{answer.Column}", "probability", .. hasColumns ? answer.Classes!.Select(name => $"p.{name}") : []];
        string[] place = isText ? ["last_character"] : [.. hasSeries ? ["series"] : Array.Empty<string>(), "last_row", .. answer.IsRange ? ["step"] : Array.Empty<string>(), "answer_row", .. hasTime ? [timeColumn!] : Array.Empty<string>()];
        Write([.. place, .. what]);
    }

    public int Rows { get; private set; }

    /// <summary>Rows of the table for each sequence.</summary>
    public int Answers => answer.IsRange ? answer.Size : 1;

    /// <param name="at">Where the answer lies. The table counts rows from 1.</param>
    /// <param name="place">Which of the sequence's answers it is.</param>
    /// <param name="values">All of the sequence's scaled values, or a score for each class.</param>
    public void Add(SequencePlace at, int place, ReadOnlySpan<double> values)
    {
        Rows++;
        string[] where = isText ? [Number(at.LastRow + 1)]
            :
            [
                .. hasSeries ? [at.Series ?? ""] : Array.Empty<string>(), Number(at.LastRow + 1), .. answer.IsRange ? [Number(answer.FirstHorizon!.Value + place)] : Array.Empty<string>(),
                at.AnswerRow is { } asked ? Number(asked + 1) : "", .. hasTime ? [at.Time ?? ""] : Array.Empty<string>(),
            ];
        if (answer.Target is { } target)
        {
            Write([.. where, Number(target.Restore(values[place]))]);
            return;
        }

        var shares = ModelAnswers.Probabilities(values);
        var best = Array.IndexOf(shares, shares.Max());
        Write([.. where, answer.Classes![best], Number(shares[best]), .. hasColumns ? shares.Select(Number) : []]);
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(text.ToString());

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void Write(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
