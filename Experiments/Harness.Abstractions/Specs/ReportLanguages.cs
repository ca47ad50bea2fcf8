namespace Harness.Abstractions.Specs;

/// <summary>The languages in which a report can be written: those for which the report has texts. The one place where a language is registered.</summary>
public static class ReportLanguages
{
    /// <summary>Stands for a report that holds every language and lets its reader choose.</summary>
    public const string Both = "both";

    /// <summary>English and simplified Chinese. The first is the default.</summary>
    public static IReadOnlyList<string> All { get; } = ["en", "zh"];

    /// <summary>What a person may ask of a whole report: one language, or <see cref="Both"/>.</summary>
    public static IReadOnlyList<string> Choices { get; } = [.. All, Both];

    /// <summary>The languages that a word of <see cref="Choices"/> stands for; null means the first of <see cref="All"/>.</summary>
    public static IReadOnlyList<string> Named(string? choice) => choice == Both ? All : [choice ?? All[0]];
}
