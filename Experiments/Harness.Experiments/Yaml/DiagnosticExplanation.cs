namespace Harness.Experiments.Yaml;

/// <summary>What a diagnostic code means, for <c>--explain</c> and the page of all codes.</summary>
/// <param name="Title">The mistake in a few words.</param>
/// <param name="Paragraph">Why it is refused and what to do.</param>
/// <param name="Wrong">An example of the mistake; read together with <see cref="Frame"/> it gives this code. Empty where no text can show it.</param>
/// <param name="Right">The same, mended.</param>
public sealed record DiagnosticExplanation(string Code, string Title, string Paragraph, string Wrong, string Right)
{
    /// <summary>The name of the data file of the examples.</summary>
    internal const string DataName = "series.csv";

    /// <summary>The content of the data file that the examples name; null when they name none.</summary>
    public string? WrongData { get; init; }

    /// <summary>The same, mended.</summary>
    public string? RightData { get; init; }

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
            var examples = Wrong.Length == 0 ? "" : $"\n\nWrong:\n\n{Indent(Wrong)}{Beside(WrongData)}\n\nRight:\n\n{Indent(Right)}{Beside(RightData == WrongData ? null : RightData)}";
            return $"{Code}: {Title}\n\n{Paragraph}{examples}\n";
        }
    }

    private static string Beside(string? data) => data is null ? "" : $"\n\n  with {DataName}:\n\n{Indent(data)}";

    private static string Indent(string yaml) => string.Join('\n', yaml.TrimEnd().Split('\n').Select(line => line.Length == 0 ? "" : $"    {line}"));
}
