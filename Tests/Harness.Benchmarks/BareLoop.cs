using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Training;
using Harness.Training.Native;

namespace Harness.Benchmarks;

/// <summary>
/// What somebody would write who had the trainer's code and no harness: one process that trains trial after trial by the trainer's own class, with nobody to
/// lease from and nowhere to report to. It runs as a child of its own, under the settings that a worker gives a trainer.
/// </summary>
internal static class BareLoop
{
    public const string Word = "bare-loop";

    /// <summary>Trains the trials in a child.</summary>
    /// <returns>Seconds of the whole process, and of its trials alone, each.</returns>
    public static async Task<(double Process, IReadOnlyList<double> Trials)> Train(IEnumerable<string> specs)
    {
        var began = TimeProvider.System.GetTimestamp();
        using var child = Children.Start(Word, threads: 1, tuned: true);
        foreach (var spec in specs) await child.StandardInput.WriteLineAsync(spec);
        child.StandardInput.Close();
        var lines = await child.StandardOutput.ReadToEndAsync();
        await child.WaitForExitAsync();
        if (child.ExitCode != 0) throw new InvalidOperationException($"The bare loop ended with exit code {child.ExitCode}.");
        return (TimeProvider.System.GetElapsedTime(began).TotalSeconds, [.. lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => double.Parse(line, CultureInfo.InvariantCulture))]);
    }

    /// <summary>The child: one spec per line of standard input, answered by the seconds that its trial took.</summary>
    public static void Serve()
    {
        TorchEnvironment.Start();
        while (Console.ReadLine() is { } line)
        {
            var began = TimeProvider.System.GetTimestamp();
            using (var trial = new Trial("bare", JsonSerializer.Deserialize(line, HarnessJson.Default.TrialSpec)!, TimeProvider.System, _ => { })) TrainingLoop.Run(trial, CancellationToken.None);
            Console.WriteLine(TimeProvider.System.GetElapsedTime(began).TotalSeconds.ToString("R", CultureInfo.InvariantCulture));
        }
    }
}
