using System.Globalization;

namespace Harness.Reports.Formatting;

/// <summary>How numbers are written for people: invariant, short, and the same everywhere.</summary>
public static class Numbers
{
    /// <summary>What stands where there is no number.</summary>
    public const string Absent = "–";

    /// <summary>A whole number with a comma between thousands: 16,896.</summary>
    public static string Count(long value) =>
        value.ToString("#,0", CultureInfo.InvariantCulture).Replace("-", "−", StringComparison.Ordinal);

    /// <summary>Three significant digits; powers of ten outside 0.001 … 999,999; words for what is not finite.</summary>
    public static string Short(double? value)
    {
        if (value is not { } number || double.IsNaN(number)) return Absent;
        if (double.IsInfinity(number)) return number > 0 ? "∞" : "−∞";
        if (number == 0) return "0";
        var size = Math.Abs(number);
        var sign = number < 0 ? "−" : "";
        var exponent = (int)Math.Floor(Math.Log10(size));
        var mantissa = Math.Round(size / Math.Pow(10, exponent), 2, MidpointRounding.AwayFromZero);
        if (mantissa >= 10)
        {
            mantissa /= 10;
            exponent++;
        }

        if (exponent is < -3 or > 5) return $"{sign}{mantissa.ToString("0.##", CultureInfo.InvariantCulture)}×10{Superscript(exponent)}";
        if (exponent >= 3) return sign + Count((long)Math.Round(mantissa * Math.Pow(10, exponent)));
        var decimals = Math.Max(0, 2 - exponent);
        return sign + (mantissa * Math.Pow(10, exponent)).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }

    /// <summary>low – high, with an en dash.</summary>
    public static string Range(double low, double high) => $"{Short(low)} – {Short(high)}";

    /// <summary>Ten to a whole power, as 10⁻³.</summary>
    public static string PowerOfTen(int exponent) => exponent == 0 ? "1" : "10" + Superscript(exponent);

    /// <summary>A share as a whole percentage: 0.375 is 38 %.</summary>
    public static string Percent(double share) => Math.Round(100 * share, MidpointRounding.AwayFromZero).ToString("0", CultureInfo.InvariantCulture) + "\u202f%";

    /// <summary>Without trailing zeros, for axis ticks and factor levels.</summary>
    public static string Plain(double value) => value.ToString("0.######", CultureInfo.InvariantCulture).Replace("-", "−", StringComparison.Ordinal);

    /// <summary>For machines: round-trip text with a point.</summary>
    public static string Machine(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    /// <summary>2026-11-23 05:43 UTC.</summary>
    public static string Moment(DateTimeOffset moment) => moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture) + " UTC";

    private static string Superscript(int value)
    {
        const string digits = "⁰¹²³⁴⁵⁶⁷⁸⁹";
        var text = value.ToString(CultureInfo.InvariantCulture);
        return string.Concat(text.Select(c => c == '-' ? '⁻' : digits[c - '0']));
    }
}
