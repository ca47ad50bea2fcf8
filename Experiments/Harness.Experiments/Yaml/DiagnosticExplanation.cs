namespace Harness.Experiments.Yaml;

/// <summary>What a diagnostic code means, for <c>--explain</c> and the page of all codes.</summary>
/// <param name="Title">The mistake in a few words.</param>
/// <param name="Paragraph">Why it is refused and what to do.</param>
/// <param name="Wrong">An example of the mistake; read together with <see cref="Frame"/> it gives this code. Empty where no text can show it.</param>
/// <param name="Right">The same, mended.</param>
public sealed record DiagnosticExplanation(string Code, string Title, string Paragraph, string Wrong, string Right)
{
    /// <summary>The blocks that an example leaves out because they are not its subject.</summary>
    internal static IReadOnlyList<(string Key, string Yaml)> Frame { get; } =
    [
        ("version", "version: 1\n"),
        ("name", "name: example\n"),
        ("task", "task: { kind: adding, length: 50 }\n"),
        ("matrix", "matrix: { cell: [rnn, lstm, gru] }\n"),
    ];

    /// <summary>The explanation as text.</summary>
    public string Text
    {
        get
        {
            var examples = Wrong.Length == 0 ? "" : $"\n\nWrong:\n\n{Indent(Wrong)}\n\nRight:\n\n{Indent(Right)}";
            return $"{Code}: {Title}\n\n{Paragraph}{examples}\n";
        }
    }

    private static string Indent(string yaml) => string.Join('\n', yaml.TrimEnd().Split('\n').Select(line => line.Length == 0 ? "" : $"    {line}"));
}
