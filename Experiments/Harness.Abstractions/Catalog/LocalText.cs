namespace Harness.Abstractions.Catalog;

/// <summary>A text in every language of a report. A further language is one more parameter, so no descriptor can lack it.</summary>
/// <param name="English">Without a capital and a full stop, unless it is a sentence.</param>
/// <param name="Chinese">Simplified Chinese.</param>
public sealed record LocalText(string English, string Chinese);
