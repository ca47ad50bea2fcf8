using System.Globalization;
using System.Text;
using Harness.Abstractions.Contracts;
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
        PredictionColumn[] what = answer.Target is { } target ? [Number($"predicted.{target.Name}")]
            : isText ? [Text("next"), Number("probability")]
            : [Text($"predicted.{answer.Column}"), Number("probability"), .. hasColumns ? answer.Classes!.Select(name => Number($"p.{name}")) : []];
        PredictionColumn[] place = isText ? [Row("last_character")]
            : [.. hasSeries ? [Text("series")] : None, Row("last_row"), .. answer.IsRange ? [Row("step")] : None, Row("answer_row"), .. hasTime ? [Text(timeColumn!)] : None];
        Columns = [.. place, .. what];
        Write(Columns.Select(column => column.Name));
    }

    public IReadOnlyList<PredictionColumn> Columns { get; }

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

    private static PredictionColumn[] None => [];

    private static PredictionColumn Text(string name) => new(name, PredictionKind.Text);

    private static PredictionColumn Row(string name) => new(name, PredictionKind.Row);

    private static PredictionColumn Number(string name) => new(name, PredictionKind.Number);

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void Write(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
