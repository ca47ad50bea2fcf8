using System.Globalization;

namespace Harness.Training.Timing;

/// <summary>The processor packages' energy, as Linux gives it (powercap, RAPL): one counter per package, in microjoules, which wraps around.</summary>
internal sealed class EnergyCounter
{
    private readonly (string File, long Range)[] packages;

    private EnergyCounter((string, long)[] packages) => this.packages = packages;

    /// <summary>The counters under a folder, <c>/sys/class/powercap</c> on Linux; null where there are none that this process may read.</summary>
    public static EnergyCounter? Find(string folder)
    {
        try
        {
            // intel-rapl:0 is a package, intel-rapl:0:0 a part of it; AMD's go by the same name.
            (string, long)[] found =
            [
                .. Directory.Exists(folder) ? Directory.EnumerateDirectories(folder).Where(domain => Path.GetFileName(domain).Count(c => c == ':') == 1 && File.Exists(Path.Combine(domain, "energy_uj")))
                    .Order(StringComparer.Ordinal).Select(domain => (Path.Combine(domain, "energy_uj"), Number(Path.Combine(domain, "max_energy_range_uj")))) : [],
            ];
            if (found.Length == 0) return null;
            var counter = new EnergyCounter(found);
            counter.Read();
            return counter;
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException or FormatException)
        {
            return null;
        }
    }

    /// <summary>The counters as they stand, in microjoules.</summary>
    public IReadOnlyList<long> Read() => [.. packages.Select(package => Number(package.File))];

    /// <summary>Joules from one reading to a later one, at most one turn of a counter apart.</summary>
    public double Between(IReadOnlyList<long> before, IReadOnlyList<long> after) =>
        packages.Select((package, i) => after[i] >= before[i] ? after[i] - before[i] : after[i] + package.Range - before[i]).Sum() / 1e6;

    private static long Number(string file) => long.Parse(File.ReadAllText(file).Trim(), NumberStyles.None, CultureInfo.InvariantCulture);
}
