using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Harness.Experiments.Starting;

/// <summary>Writes an experiment file with the reasons beside its values.</summary>
internal sealed class ExperimentText
{
    private static readonly JsonSerializerOptions quoting = new() { Encoder = JavaScriptEncoder.Create(UnicodeRanges.All) };

    private readonly StringBuilder text = new();

    public ExperimentText Line(string line = "")
    {
        text.Append(line).Append('\n');
        return this;
    }

    /// <summary>A key of the task with its value and the reason.</summary>
    public ExperimentText Key(string key, string value, string? reason = null) =>
        Line(reason is null ? $"  {key}: {value}" : $"  {($"{key}: {value}"),-34} # {Plain(reason)}");

    /// <summary>A comment of one line: a file's own words must not end it.</summary>
    public ExperimentText Comment(string comment) => Line($"# {Plain(comment)}");

    public override string ToString() => text.ToString();

    /// <summary>A word as YAML reads it back: quoted unless it is plain.</summary>
    public static string Quoted(string word) =>
        word.Length > 0 && char.IsAsciiLetter(word[0]) && word.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '.' or '-' or '/') && word is not ("none" or "null" or "true" or "false" or "yes" or "no" or "all")
            ? word
            : JsonSerializer.Serialize(word, quoting);

    public static string List(IEnumerable<string> words) => $"[{string.Join(", ", words.Select(Quoted))}]";

    /// <summary>The training that suits a first look.</summary>
    public ExperimentText Training(int hidden, int steps, int batch, bool isText)
    {
        Line().Line("model:").Line(string.Create(CultureInfo.InvariantCulture, $"  hidden: {hidden}"));
        Line().Line("matrix:").Line("  cell: [rnn, lstm, gru]");
        Line().Line("seeds: { count: 8, base: 1 }          # fewer cannot decide a claim");
        Line().Line("train:").Line(string.Create(CultureInfo.InvariantCulture, $"  steps: {steps}")).Line(string.Create(CultureInfo.InvariantCulture, $"  batch: {batch}"))
            .Line("  optimizer: { kind: adam, lr: 3e-3, schedule: { kind: cosine } }").Line("  clip_norm: 1.0");
        Line().Line("evaluation: { sequences: 500 }").Line("probe: { gradients: [end], sequences: 16 }");
        Line().Line($"# test.skill is 1 - test loss / test loss of the best baseline: above 0 the network is worth its cost{(isText ? " beside counting" : "")}.").Line("claims:");
        foreach (var cell in new[] { "rnn", "lstm", "gru" }) Line($"  - {{ id: {cell}-beats-baselines, that: {cell}, on: test.skill, reaches: {{ above: 0 }} }}");
        return Line("  - { id: gru-beats-lstm, that: gru, beats: lstm, on: test.loss }");
    }

    private static string Plain(string comment) => string.Concat(comment.Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? ' ' : c));
}
