using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Store;

namespace Harness.Benchmarks;

/// <summary>The real program, started as a person starts it, and what its database tells about times.</summary>
/// <param name="Seconds">From the start of the process to its end, report included.</param>
/// <param name="UntilFirstLease">Seconds from the start of the process to the lease of its first trial.</param>
/// <param name="Attempts">In the order in which they were leased.</param>
internal sealed record HarnessRun(double Seconds, double UntilFirstLease, IReadOnlyList<AttemptTimes> Attempts)
{
    private static string Program => Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Harness.Orchestrator", Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), "harness.dll"));

    /// <summary>From the first lease to the last end.</summary>
    public double TrainingSeconds => (Attempts.Max(attempt => attempt.Ended) - Attempts[0].Started).TotalSeconds;

    /// <summary>
    /// Seconds per trial, but the first, in which one slot neither trained nor evaluated nor probed: from the end of the last trial on, which is stored, over the next lease, making
    /// the model and the evaluation set, to storing weights and results.
    /// </summary>
    public IReadOnlyList<double> Own => [.. Attempts.Zip(Attempts.Skip(1), (before, attempt) => (attempt.Ended - before.Ended).TotalSeconds - attempt.Computed)];

    /// <summary>Runs an experiment to its end in a data folder of its own.</summary>
    /// <param name="settings">As after <c>--set</c>.</param>
    public static async Task<HarnessRun> Of(string file, int slots, params string[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        try
        {
            var (launched, began) = (TimeProvider.System.GetUtcNow(), TimeProvider.System.GetTimestamp());
            using var process = Start(["run", file, "--data", folder.FullName, "--slots", slots.ToString(CultureInfo.InvariantCulture), .. settings.SelectMany(setting => (string[])["--set", setting])]);
            await End(process);
            var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
            var attempts = Read(folder.FullName);
            return new(seconds, (attempts[0].Started - launched).TotalSeconds, attempts);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Seconds from the start of a worker, for a server that has work, to the lease of its first trial.</summary>
    public static async Task<double> WorkerUntilFirstLease(string file)
    {
        var folder = Directory.CreateTempSubdirectory("harness-bench-");
        using var server = Start("serve", "--data", folder.FullName);
        Process? worker = null;
        try
        {
            while (await server.StandardError.ReadLineAsync() is { } line && !line.Contains("Serving ", StringComparison.Ordinal)) { }
            using (var submit = Start("submit", file, "--data", folder.FullName)) await End(submit);
            var launched = TimeProvider.System.GetUtcNow();
            worker = Start("worker", "--once", "--slots", "1", "--data", folder.FullName);
            List<AttemptTimes> attempts = [];
            while (attempts.Count == 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System);
                attempts = Read(folder.FullName);
            }

            return (attempts[0].Started - launched).TotalSeconds;
        }
        finally
        {
            foreach (var process in (Process?[])[worker, server])
            {
                process?.Kill(entireProcessTree: true);
                await (process?.WaitForExitAsync() ?? Task.CompletedTask);
            }

            worker?.Dispose();
            folder.Delete(recursive: true);
        }
    }

    public static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("dotnet", [Program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false })!;

    /// <exception cref="InvalidOperationException">It did not end well.</exception>
    public static async Task End(Process process)
    {
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"harness ended with exit code {process.ExitCode}: {await errors}");
    }

    /// <summary>The attempts that have ended, or, while none has, those that have begun.</summary>
    private static List<AttemptTimes> Read(string folder)
    {
        using var connection = ResultsDatabase.ConnectForReading(folder);
        return connection.Query(
            "SELECT t.spec, a.started_at, coalesce(a.ended_at, a.started_at) AS ended_at, t.outcome FROM attempt a JOIN trial t ON t.id = a.trial_id ORDER BY a.started_at",
            row => new AttemptTimes(row.Text("spec"), row.Time("started_at"), row.Time("ended_at"), row.TextOrNull("outcome") is { } outcome ? JsonSerializer.Deserialize(outcome, HarnessJson.Default.TrialOutcome) : null));
    }
}

/// <param name="Spec">The trial's, as the trainer reads it.</param>
/// <param name="Outcome">Null while it runs.</param>
internal sealed record AttemptTimes(string Spec, DateTimeOffset Started, DateTimeOffset Ended, TrialOutcome? Outcome)
{
    /// <summary>Seconds of training steps, evaluations and probes.</summary>
    public double Computed => Outcome!.TrainSeconds + Outcome.EvaluationSeconds + Outcome.ProbeSeconds;
}
