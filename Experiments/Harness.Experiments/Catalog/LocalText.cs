namespace Harness.Experiments.Catalog;

/// <summary>A text in every language of a report. A further language is one more parameter, so no descriptor can lack it.</summary>
/// <param name="English">In the middle of a sentence, without a full stop.</param>
/// <param name="Chinese">Simplified Chinese.</param>
public sealed record LocalText(string English, string Chinese);
