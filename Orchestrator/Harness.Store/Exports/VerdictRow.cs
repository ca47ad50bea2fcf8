namespace Harness.Store.Exports;

/// <summary>A claim in one setting, as the tables of verdicts have it. A claim that could be asked in no setting has one row without numbers.</summary>
/// <param name="Claim">Its id.</param>
/// <param name="Verdict">Of the whole claim, a word such as <c>supported</c>.</param>
/// <param name="Statement">The claim as a sentence.</param>
/// <param name="Setting">Empty where there is one.</param>
/// <param name="SettingVerdict">What the setting says by itself, before correction.</param>
/// <param name="Scale"><c>factor</c>, <c>difference</c> or <c>value</c>.</param>
/// <param name="Effect">In the claim's favour, on that scale.</param>
/// <param name="Low">Lower end of the 95 % interval, or of the range below six seeds.</param>
/// <param name="High">Upper end.</param>
/// <param name="Seeds">Pairs, seeds or rounds that carry information.</param>
internal sealed record VerdictRow(
    string Claim, string Verdict, string Statement, string? Setting, string? SettingVerdict, string? Scale, double? Effect, double? Low, double? High, int? Seeds)
{
    public static IReadOnlyList<string> Columns { get; } = ["claim", "verdict", "statement", "setting", "setting_verdict", "scale", "effect", "low", "high", "seeds"];
}
