using System.Diagnostics;
using System.Globalization;
using Harness.Store;

namespace Harness.Benchmarks;

/// <summary>
/// How long a trial stands still when its trainer or its whole worker is killed (SIGKILL): from the signal to the start of the attempt that goes on, one loss at a
/// time, of trials that were never lost before. And how long there is no server when that is killed. A server and three workers of one slot each, real processes on this machine; who is killed is started again at once.
/// </summary>
internal static class LossBenchmark
{
    private const int Trainers = 20, Workers = 12, Servers = 10;

    /// <summary>All who are there know each other again, and train.</summary>
    private static readonly TimeSpan BetweenTrainers = TimeSpan.FromSeconds(3), BetweenWorkers = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(20);

    private const string Spec =
        """
        version: 1
        name: losses
        question: How soon is a lost trial taken up again?
        task: { kind: temporal-order, length: 60 }
        model: { cell: lstm, hidden: 32 }
        seeds: { count: 400, base: 1 }
        train: { steps: 12000, batch: 16, optimizer: { kind: adam, lr: 1e-3 } }
        evaluation: { every: 6000 }
        run: { checkpoint_every: 0.5s }
        """;

    public static async Task Run()
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        var processes = new List<Process>();
        try
        {
            var (data, file) = (Path.Combine(folder.FullName, "data"), Path.Combine(folder.FullName, "losses.yaml"));
            await File.WriteAllTextAsync(file, Spec);
            processes.Add(HarnessRun.Start("serve", "--once", "--data", data));
            while (await processes[0].StandardError.ReadLineAsync() is { } line && !line.Contains("Serving ", StringComparison.Ordinal)) { }
            var idle = new List<double>();
            for (; idle.Count < Servers; await Task.Delay(BetweenTrainers, TimeProvider.System)) idle.Add(await Replaced(processes, data));
            using (var submit = HarnessRun.Start("submit", file, "--data", data)) await HarnessRun.End(submit);
            for (var worker = 0; worker < 3; worker++) processes.Add(HarnessRun.Start(["worker", "--once", "--slots", "1", "--data", data]));
            await Task.Delay(BetweenWorkers, TimeProvider.System);

            var trainers = new List<double>();
            for (; trainers.Count < Trainers; await Task.Delay(BetweenTrainers, TimeProvider.System))
            {
                var (trial, worker) = await Fresh(data);
                if (ChildrenOf(worker) is not [var trainer, ..]) continue;
                using var killed = Process.GetProcessById(trainer);
                var at = TimeProvider.System.GetUtcNow();
                killed.Kill();
                trainers.Add(await TakenUp(data, trial, at));
            }

            var workers = new List<double>();
            for (; workers.Count < Workers; await Task.Delay(BetweenWorkers, TimeProvider.System))
            {
                var (trial, worker) = await Fresh(data);
                if (processes.Find(process => process.Id == worker) is not { } killed) continue;
                var at = TimeProvider.System.GetUtcNow();
                killed.Kill();
                await killed.WaitForExitAsync();
                processes.Add(HarnessRun.Start(["worker", "--once", "--slots", "1", "--data", data]));
                workers.Add(await TakenUp(data, trial, at));
            }

            var servers = new List<double>();
            for (; servers.Count < Servers; await Task.Delay(BetweenTrainers, TimeProvider.System)) servers.Add(await Replaced(processes, data));

            Tell("the server is killed, nothing runs", "the next one is ready", idle);
            Tell("a trainer is killed", "its trial is trained again", trainers);
            Tell("a worker is killed", "its trial is trained again", workers);
            Tell("the server is killed, three workers live", "the next one is ready", servers);
        }
        finally
        {
            foreach (var process in processes)
            {
                if (!process.HasExited) process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync();
                process.Dispose();
            }

            folder.Delete(recursive: true);
        }
    }

    /// <summary>Kills the server, which is the first of the processes, and puts the next one in its place; returns the seconds until that is ready.</summary>
    private static async Task<double> Replaced(List<Process> processes, string data)
    {
        var (server, seconds) = await ServerReturn.After(processes[0], data);
        processes[0].Dispose();
        processes[0] = server;
        return seconds;
    }

    private static void Tell(string what, string until, List<double> seconds) => Measure.Row(
        "losses", what, $"{until} after {Measure.Median(seconds):0.00} s, p95 {Measure.Quantile(seconds, 0.95):0.00} s, at most {seconds.Max():0.00} s, n = {seconds.Count}");

    /// <summary>A trial that runs for the first time and has a checkpoint, and its worker's process.</summary>
    private static async Task<(long Trial, int Worker)> Fresh(string data)
    {
        while (true)
        {
            using (var connection = ResultsDatabase.ConnectForReading(data))
            {
                var fresh = connection.Query(
                    "SELECT a.trial_id, w.process_id FROM attempt a JOIN worker w ON w.id = a.worker WHERE a.state = 'running' AND a.number = 1 AND a.checkpoint_step > 0 ORDER BY a.started_at DESC LIMIT 1",
                    row => (row.GetInt64(0), row.GetInt32(1)));
                if (fresh is [var one]) return one;
            }

            await Task.Delay(Glance, TimeProvider.System);
        }
    }

    /// <returns>Seconds until the trial's second attempt began.</returns>
    private static async Task<double> TakenUp(string data, long trial, DateTimeOffset lost)
    {
        while (true)
        {
            using (var connection = ResultsDatabase.ConnectForReading(data))
            {
                if (connection.Scalar<string>("SELECT started_at FROM attempt WHERE trial_id = $trial AND number = 2", ("$trial", trial)) is { } started)
                    return (DateTimeOffset.Parse(started, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) - lost).TotalSeconds;
            }

            await Task.Delay(Glance, TimeProvider.System);
        }
    }

    private static List<int> ChildrenOf(int parent)
    {
        var children = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id)) continue;
            try
            {
                // After the name, which may hold anything in its brackets: state, parent, …
                var stat = File.ReadAllText(Path.Combine(folder, "stat"));
                if (stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1] == parent.ToString(CultureInfo.InvariantCulture)) children.Add(id);
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return children;
    }
}
