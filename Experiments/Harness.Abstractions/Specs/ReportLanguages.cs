namespace Harness.Abstractions.Specs;

/// <summary>The languages in which a report can be written: those for which the report has texts. The one place where a language is registered.</summary>
public static class ReportLanguages
{
    /// <summary>English and simplified Chinese. The first is the default.</summary>
    public static IReadOnlyList<string> All { get; } = ["en", "zh"];
}
