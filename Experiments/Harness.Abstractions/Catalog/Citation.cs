namespace Harness.Abstractions.Catalog;

/// <summary>A publication, as a bibliography names it.</summary>
/// <param name="Key">Unique: family name, year and a word of the title.</param>
/// <param name="Authors">As BibTeX has them: family name, given name, joined by <c>and</c>; TeX accents.</param>
/// <param name="Venue">Journal, proceedings, or the archive's number.</param>
/// <param name="Where">Volume, number and pages, or null.</param>
public sealed record Citation(string Key, string Authors, string Title, string Venue, int Year, CitedPlace? Where = null)
{
    /// <summary>Digital object identifier, or null.</summary>
    public string? Doi { get; init; }

    /// <summary>Whether it appeared in proceedings rather than a journal.</summary>
    public bool IsProceedings { get; init; }
}

/// <param name="Volume">Or null.</param>
/// <param name="Number">Or null.</param>
public sealed record CitedPlace(string? Volume, string? Number, string Pages);
