namespace Harness.Abstractions.Specs;

/// <param name="Language">A word of <see cref="ReportLanguages"/>; null means the first of them.</param>
/// <param name="Title">The report's heading; null means the experiment's name.</param>
public sealed record ReportSpec(string? Language = null, string? Title = null);
