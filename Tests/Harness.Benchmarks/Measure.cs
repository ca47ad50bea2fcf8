using System.Globalization;

namespace Harness.Benchmarks;

/// <summary>Repeats, takes the median, prints a row.</summary>
internal static class Measure
{
    /// <summary>Median wall time of <paramref name="rounds"/> rounds after one that is not counted.</summary>
    public static async Task<TimeSpan> Median(int rounds, Func<Task> action)
    {
        await action();
        var times = new List<TimeSpan>();
        for (var round = 0; round < rounds; round++)
        {
            var began = TimeProvider.System.GetTimestamp();
            await action();
            times.Add(TimeProvider.System.GetElapsedTime(began));
        }

        return times.Order().ElementAt(rounds / 2);
    }

    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    public static double Quantile(IEnumerable<double> values, double share)
    {
        var ordered = values.Order().ToArray();
        return ordered[(int)Math.Round(share * (ordered.Length - 1))];
    }

    public static void Row(string benchmark, string figure, FormattableString value) =>
        Console.WriteLine($"| {benchmark} | {figure} | {value.ToString(CultureInfo.InvariantCulture)} |");
}
