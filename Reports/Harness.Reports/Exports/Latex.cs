using System.Globalization;
using System.Text;

namespace Harness.Reports.Exports;

/// <summary>Text as LaTeX reads it.</summary>
internal static class Latex
{
    private static readonly Dictionary<int, string> Signs = new()
    {
        ['\\'] = "\\textbackslash{}", ['~'] = "\\textasciitilde{}", ['^'] = "\\textasciicircum{}", ['\''] = "'", ['"'] = "''", ['<'] = "$<$", ['>'] = "$>$", ['|'] = "$|$",
        ['×'] = "$\\times$", ['÷'] = "$\\div$", ['±'] = "$\\pm$", ['·'] = "$\\cdot$", ['²'] = "$^2$", ['³'] = "$^3$", ['°'] = "$^\\circ$", ['µ'] = "$\\mu$", ['§'] = "\\S{}",
        ['−'] = "$-$", ['–'] = "--", ['—'] = "---", ['‘'] = "`", ['’'] = "'", ['“'] = "``", ['”'] = "''", ['…'] = "\\dots{}", ['•'] = "$\\bullet$",
        ['\u00a0'] = "~", ['\u202f'] = "\\,", ['\u2009'] = "\\,",
        ['★'] = "$\\star$", ['∞'] = "$\\infty$", ['≈'] = "$\\approx$", ['≠'] = "$\\neq$", ['≤'] = "$\\leq$", ['≥'] = "$\\geq$", ['→'] = "$\\to$", ['←'] = "$\\leftarrow$", ['√'] = "$\\surd$", ['⊙'] = "$\\odot$", ['‖'] = "$\\|$",
        ['α'] = "$\\alpha$", ['β'] = "$\\beta$", ['γ'] = "$\\gamma$", ['δ'] = "$\\delta$", ['ε'] = "$\\varepsilon$", ['η'] = "$\\eta$", ['θ'] = "$\\theta$", ['κ'] = "$\\kappa$", ['λ'] = "$\\lambda$",
        ['μ'] = "$\\mu$", ['ρ'] = "$\\rho$", ['σ'] = "$\\sigma$", ['τ'] = "$\\tau$", ['φ'] = "$\\varphi$", ['Δ'] = "$\\Delta$", ['Σ'] = "$\\Sigma$", ['✔'] = "$\\surd$", ['✘'] = "$\\times$", ['ⁿ'] = "$^n$",
    };

    private const string Powers = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>The text, so that every character of it is printed. Letters of other scripts stay: they need XeLaTeX or LuaLaTeX.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder();
        var runes = text.EnumerateRunes().ToArray();
        for (var i = 0; i < runes.Length; i++)
        {
            var power = new StringBuilder();
            while (i < runes.Length && Power(runes[i]) is { } digit)
            {
                power.Append(digit);
                i++;
            }

            if (power.Length > 0) escaped.Append(CultureInfo.InvariantCulture, $"$^{{{power}}}$");
            if (i == runes.Length) break;
            var rune = runes[i];
            if (rune.Value is '&' or '%' or '$' or '#' or '_' or '{' or '}') escaped.Append('\\').Append(rune.ToString());
            else escaped.Append(Signs.TryGetValue(rune.Value, out var sign) ? sign : Rune.IsControl(rune) ? " " : rune.ToString());
        }

        return escaped.ToString();
    }

    /// <summary>Null when it is no raised digit or sign.</summary>
    private static char? Power(Rune rune)
    {
        if (rune.Value == '⁻') return '-';
        var index = rune.IsBmp ? Powers.IndexOf((char)rune.Value, StringComparison.Ordinal) : -1;
        return index < 0 ? null : (char)('0' + index);
    }
}
