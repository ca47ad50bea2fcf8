namespace Harness.Reports.Wording;

/// <summary>A term that a report uses and explains.</summary>
/// <param name="Key">Part of an anchor.</param>
/// <param name="Word">As the list has it.</param>
/// <param name="Forms">How it occurs in sentences, as a regular expression.</param>
/// <param name="Meaning">In English, how docs/glossary.md begins its meaning.</param>
public sealed record GlossaryTerm(string Key, string Word, string Forms, string Meaning);
