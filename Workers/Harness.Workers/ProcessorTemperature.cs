using System.Globalization;

namespace Harness.Workers;

/// <summary>How hot the processor is, where Linux tells: by its hardware monitors, else by its thermal zones. Virtual machines mostly have neither.</summary>
internal static class ProcessorTemperature
{
    /// <summary>Drivers that measure processors, and no drives, batteries or boards.</summary>
    private static readonly string[] monitors = ["coretemp", "k10temp", "zenpower", "cpu_thermal"];

    private static readonly string[] zones = ["x86_pkg_temp", "cpu-thermal", "cpu_thermal"];

    /// <summary>Degrees Celsius of the hottest of its sensors; null where there is none that can be read.</summary>
    /// <param name="folder"><c>/sys/class</c> on Linux.</param>
    public static double? Read(string folder)
    {
        var sensors = Folders(Path.Combine(folder, "hwmon"), "hwmon*").Where(monitor => monitors.Contains(Text(monitor, "name"), StringComparer.Ordinal)).SelectMany(Sensors).ToArray();
        if (sensors.Length == 0) sensors = [.. Folders(Path.Combine(folder, "thermal"), "thermal_zone*").Where(zone => zones.Contains(Text(zone, "type"), StringComparer.Ordinal)).Select(zone => Degrees(zone, "temp")).OfType<double>()];
        return sensors.Length == 0 ? null : sensors.Max();
    }

    private static IEnumerable<double> Sensors(string monitor)
    {
        var sensors = Files(monitor, "temp*_input").Select(file => (Label: Text(monitor, file.Replace("_input", "_label", StringComparison.Ordinal)), Degrees: Degrees(monitor, file))).ToArray();
        // Some processors report a control value beside the temperature, which is higher by design.
        var hasBoth = sensors.Any(sensor => sensor.Label == "Tdie");
        return sensors.Where(sensor => !hasBoth || sensor.Label != "Tctl").Select(sensor => sensor.Degrees).OfType<double>();
    }

    /// <summary>Both give thousandths of a degree; a broken sensor gives what no processor survives.</summary>
    private static double? Degrees(string folder, string file) =>
        int.TryParse(Text(folder, file), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var thousandths) && thousandths is > -50_000 and < 150_000 ? thousandths / 1000.0 : null;

    private static string[] Folders(string folder, string pattern) => Directory.Exists(folder) ? Directory.GetDirectories(folder, pattern) : [];

    private static IEnumerable<string> Files(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern).Select(file => Path.GetFileName(file));

    private static string? Text(string folder, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(folder, file)).Trim();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
