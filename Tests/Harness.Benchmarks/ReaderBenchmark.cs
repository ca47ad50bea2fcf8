using System.Text;
using Harness.Experiments.Reading;

namespace Harness.Benchmarks;

/// <summary>The slowest quarter megabytes that are known for the reader: wished under a second each.</summary>
internal static class ReaderBenchmark
{
    private const int Size = 256 * 1024;

    public static async Task Run()
    {
        var slowest = (Time: TimeSpan.Zero, What: "");
        foreach (var unit in new[] { "[", "{a: ", "- ", "? ", "a: [", "\n ", "x: |\n ", "\"x\" ", "&a ", "!!x ", "# c\n", "a: b\n" })
        {
            var text = new StringBuilder(Size);
            while (text.Length + unit.Length <= Size) text.Append(unit);
            var bytes = Encoding.UTF8.GetBytes(text.ToString());
            var time = await Measure.Median(3, () =>
            {
                SpecReader.Read(bytes, "worst.yaml", []);
                return Task.CompletedTask;
            });
            if (time > slowest.Time) slowest = (time, unit);
        }

        Measure.Row("reader", $"slowest of 256 KiB of one repeated piece ({slowest.What.Trim().ReplaceLineEndings("\\n")})", $"{slowest.Time.TotalMilliseconds:0} ms");
    }
}
