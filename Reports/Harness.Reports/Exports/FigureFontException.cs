namespace Harness.Reports.Exports;

/// <summary>A PDF or PNG needs a character that neither the embedded typeface nor the machine has.</summary>
public sealed class FigureFontException(string character)
    : Exception($"no font of this machine has the character '{character}'. Install one that has it (for Chinese: fonts-noto-cjk), or take SVG, which the reader's own fonts show.");
