namespace Harness.Experiments.Yaml;

/// <summary>Collects what is wrong, so that one reading reports all of it.</summary>
internal sealed class DiagnosticList
{
    /// <summary>How many are shown; beyond that a reader mends the first ones before reading on.</summary>
    public const int Limit = 20;

    private readonly List<SpecDiagnostic> found = [];
    private readonly HashSet<(string File, int Line, int Column, string Code, string Path)> seen = [];

    public bool HasErrors => found.Exists(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);

    public void Error(string code, SourceSpan span, string path, string message, string? expected = null, string? suggestion = null) =>
        Add(DiagnosticSeverity.Error, code, span, path, message, expected, suggestion);

    public void Warning(string code, SourceSpan span, string path, string message, string? suggestion = null) =>
        Add(DiagnosticSeverity.Warning, code, span, path, message, null, suggestion);

    /// <summary>Errors and warnings by place, overrides after the file, at most <see cref="Limit"/>.</summary>
    public IReadOnlyList<SpecDiagnostic> Sorted(out int omitted)
    {
        omitted = Math.Max(0, found.Count - Limit);
        // Warnings must not push errors out of the list.
        return found.OrderBy(diagnostic => diagnostic.Severity).ThenBy(diagnostic => diagnostic, InSourceOrder).Take(Limit)
            .OrderBy(diagnostic => diagnostic, InSourceOrder)
            .ToList();
    }

    private void Add(DiagnosticSeverity severity, string code, SourceSpan span, string path, string message, string? expected, string? suggestion)
    {
        if (!seen.Add((span.Source.File, span.Line, span.Column, code, path))) return;
        found.Add(new(code, severity, span.Source.File, span.Line, span.Column, span.EndLine, span.EndColumn,
            path, message, expected, suggestion, span.Source.Line(span.Line)));
    }

    private static readonly Comparer<SpecDiagnostic> InSourceOrder = Comparer<SpecDiagnostic>.Create((left, right) =>
    {
        var order = IsOverride(left).CompareTo(IsOverride(right));
        if (order == 0) order = string.CompareOrdinal(left.File, right.File);
        if (order == 0) order = left.Line.CompareTo(right.Line);
        if (order == 0) order = left.Column.CompareTo(right.Column);
        return order != 0 ? order : string.CompareOrdinal(left.Code, right.Code);
    });

    private static bool IsOverride(SpecDiagnostic diagnostic) => diagnostic.File.StartsWith(SettingOverride.Option, StringComparison.Ordinal);
}
