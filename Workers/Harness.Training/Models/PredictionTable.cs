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
    private readonly bool hasColumns, isText, hasSeries;
    private readonly StringBuilder text = new();

    public PredictionTable(ModelDescription description)
    {
        answer = description.Answer;
        isText = description.Inputs.Vocabulary is not null;
        hasSeries = description.Spec.Task.Parameters.Values.ContainsKey("group");
        hasColumns = !isText && answer.Classes is { Count: <= MostColumns };
        string[] what = answer.Target is { } target ? [$"predicted.{target.Name}"]
            : isText ? ["next", "probability"]
            : [$"predicted.{answer.Column}", "probability", .. hasColumns ? answer.Classes!.Select(name => $"p.{name}") : []];
        string[] place = isText ? ["last_character"] : [.. hasSeries ? ["series"] : Array.Empty<string>(), "last_row", "answer_row"];
        Write([.. place, .. what]);
    }

    public int Rows { get; private set; }

    /// <param name="at">Where the sequence lies. The table counts rows from 1.</param>
    /// <param name="values">Scaled values, or a score for each class.</param>
    public void Add(SequencePlace at, ReadOnlySpan<double> values)
    {
        Rows++;
        string[] place = isText ? [Number(at.LastRow + 1)]
            : [.. hasSeries ? [at.Series ?? ""] : Array.Empty<string>(), Number(at.LastRow + 1), at.AnswerRow is { } asked ? Number(asked + 1) : ""];
        if (answer.Target is { } target)
        {
            Write([.. place, Number(target.Restore(values[0]))]);
            return;
        }

        var shares = ModelAnswers.Probabilities(values);
        var best = Array.IndexOf(shares, shares.Max());
        Write([.. place, answer.Classes![best], Number(shares[best]), .. hasColumns ? shares.Select(Number) : []]);
    }

    public byte[] ToBytes() => Encoding.UTF8.GetBytes(text.ToString());

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private void Write(IEnumerable<string> fields) => text.AppendJoin(',', fields.Select(Quoted)).Append('\n');

    private static string Quoted(string field) => field.AsSpan().IndexOfAny(",\"\r\n") < 0 ? field : $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
