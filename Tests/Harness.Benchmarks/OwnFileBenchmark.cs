using System.Globalization;
using System.Text;

namespace Harness.Benchmarks;

/// <summary>A person's CSV file, from <c>harness run</c> to the report: seconds, and the largest resident memory of the server and of a trainer. Linux only, for it asks /proc.</summary>
internal static class OwnFileBenchmark
{
    private const int Columns = 7, Slots = 2;

    private static readonly int[] megabytes = [4, 16, 64, 128];

    public static async Task Run()
    {
        if (!OperatingSystem.IsLinux())
        {
            Measure.Row("ownfile", "skipped", $"needs /proc");
            return;
        }

        foreach (var size in megabytes)
        {
            var folder = Directory.CreateTempSubdirectory("harness-bench-");
            try
            {
                var rows = await WriteSeries(Path.Combine(folder.FullName, "series.csv"), size * 1_000_000L);
                await File.WriteAllTextAsync(Path.Combine(folder.FullName, "series.yaml"), Experiment);
                var began = TimeProvider.System.GetTimestamp();
                using var process = HarnessRun.Start("run", Path.Combine(folder.FullName, "series.yaml"), "--data", Path.Combine(folder.FullName, "data"), "--slots", Slots.ToString(CultureInfo.InvariantCulture));
                var ended = HarnessRun.End(process);
                long server = 0, trainer = 0;
                while (!ended.IsCompleted)
                {
                    server = Math.Max(server, PeakOf(process.Id));
                    foreach (var child in ChildrenOf(process.Id)) trainer = Math.Max(trainer, PeakOf(child));
                    await Task.WhenAny(ended, Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System));
                }

                await ended;
                Measure.Row("ownfile", $"{size} MB, {rows:N0} rows of {Columns + 1} columns, 6 trials of 200 steps", $"{TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s, server {server} MB, each trainer {trainer} MB");
            }
            finally
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static string Experiment => """
        version: 1
        name: series
        question: Which network forecasts c0 best?
        task: { kind: csv, file: series.csv, columns: [c0, c1, c2, c3, c4, c5, c6], target: c0, time: time, problem: forecast, length: 24, horizon: 1, context: before }
        model: { hidden: 16 }
        matrix: { cell: [rnn, lstm, gru] }
        seeds: { count: 2 }
        train: { steps: 200, batch: 32 }
        """;

    private static async Task<int> WriteSeries(string path, long bytes)
    {
        await using var file = new StreamWriter(path, append: false, new UTF8Encoding(false), 1 << 16);
        await file.WriteAsync("time," + string.Join(',', Enumerable.Range(0, Columns).Select(column => FormattableString.Invariant($"c{column}"))) + "\n");
        var random = new Random(1);
        var (rows, written, line) = (0, 0L, new StringBuilder());
        while (written < bytes)
        {
            line.Clear().Append(new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMinutes(5.0 * rows).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
            for (var column = 0; column < Columns; column++) line.Append(',').Append((100 + 10 * Math.Sin(rows / 4.0) + random.NextDouble()).ToString("F4", CultureInfo.InvariantCulture));
            line.Append('\n');
            await file.WriteAsync(line);
            written += line.Length;
            rows++;
        }

        return rows;
    }

    /// <summary>The largest resident memory that a process has had, in MB; 0 for one that is gone.</summary>
    private static long PeakOf(int process)
    {
        try
        {
            var line = File.ReadLines(FormattableString.Invariant($"/proc/{process}/status")).FirstOrDefault(each => each.StartsWith("VmHWM:", StringComparison.Ordinal));
            return line is null ? 0 : long.Parse(line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024 / 1_000_000;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    private static IReadOnlyList<int> ChildrenOf(int process)
    {
        try
        {
            return [.. Directory.GetDirectories(FormattableString.Invariant($"/proc/{process}/task")).SelectMany(task => File.ReadAllText(task + "/children").Split(' ', StringSplitOptions.RemoveEmptyEntries)).Select(id => int.Parse(id, CultureInfo.InvariantCulture))];
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
