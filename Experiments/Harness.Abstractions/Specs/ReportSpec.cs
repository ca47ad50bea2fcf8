namespace Harness.Abstractions.Specs;

/// <param name="Language">A word of <see cref="ReportLanguages"/>; null means the first of them.</param>
/// <param name="Title">The report's heading; null means the experiment's name.</param>
public sealed record ReportSpec(string? Language = null, string? Title = null)
{
    /// <summary>The experiment's question by language, where the file asks it in several; null where it asks once. Translations are no part of what is asked.</summary>
    public IReadOnlyDictionary<string, string>? Questions { get; init; }

    /// <summary>Files that the experiment reads, by the SHA-256 of their content: trials know contents alone. Null where there is nothing to say of any.</summary>
    public IReadOnlyDictionary<string, FileSource>? Sources { get; init; }

    /// <summary>The licence of the data that the experiment reads; null where the file does not say.</summary>
    public string? DataLicence { get; init; }

    /// <summary>The question for readers of a language.</summary>
    /// <param name="language">A word of <see cref="ReportLanguages"/> or a tag that begins with one; null means the first of them.</param>
    /// <param name="asked">The experiment's question, which stands where there is none in that language.</param>
    public string? QuestionIn(string? language, string? asked) =>
        asked is null || Questions is null ? asked : Questions.GetValueOrDefault((language ?? ReportLanguages.All[0]).Split('-')[0], asked);
}

/// <summary>Where a file's content came from, which changes no trial.</summary>
/// <param name="Path">As the experiment file names it.</param>
public sealed record FileSource(string Path);
