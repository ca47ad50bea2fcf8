using System.Diagnostics;
using System.Text.Json;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Workers.Trainer;

namespace Harness.Benchmarks;

/// <summary>One trainer serves 500 small trials, one after another: its resident memory is wished to grow by less than 1 MB per 100 trials.</summary>
internal static class TrainerBenchmark
{
    private const int Trials = 500;

    /// <summary>Trials after which everything is loaded, compiled and pooled.</summary>
    private const int WarmUp = 100;

    public static async Task Run()
    {
        var start = new ProcessStartInfo(TrainerExecutable.Locate()) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_ROOT"] = TrainerExecutable.DotnetRoot();
        using var trainer = Process.Start(start)!;
        var memory = new List<(double Trial, double Megabytes)>();
        var began = TimeProvider.System.GetTimestamp();
        for (var trial = 0; trial < Trials; trial++)
        {
            var request = JsonSerializer.Serialize<TrainerRequest>(new TrainRequest($"t{trial}", Spec(trial)), HarnessJson.Default.TrainerRequest);
            await trainer.StandardInput.WriteLineAsync(request);
            await trainer.StandardInput.FlushAsync();
            while (await trainer.StandardOutput.ReadLineAsync() is { } line)
            {
                if (line.Contains("\"type\":\"finished\"", StringComparison.Ordinal)) break;
                if (line.Contains("\"type\":\"errored\"", StringComparison.Ordinal) || line.Contains("\"type\":\"rejected\"", StringComparison.Ordinal)) throw new InvalidOperationException(line);
            }

            trainer.Refresh();
            if (trial >= WarmUp) memory.Add((trial, trainer.WorkingSet64 / 1e6));
        }

        var took = TimeProvider.System.GetElapsedTime(began);
        trainer.StandardInput.Close();
        await trainer.WaitForExitAsync();
        var (meanTrial, meanSize) = (memory.Average(point => point.Trial), memory.Average(point => point.Megabytes));
        var slope = memory.Sum(point => (point.Trial - meanTrial) * (point.Megabytes - meanSize)) / memory.Sum(point => (point.Trial - meanTrial) * (point.Trial - meanTrial));
        Measure.Row("trainer", $"resident memory per 100 trials, of {Trials} small ones", $"{Math.Round(100 * slope, 2):+0.00;-0.00;0.00} MB");
        Measure.Row("trainer", "resident memory after them", $"{memory[^1].Megabytes:0} MB");
        Measure.Row("trainer", "a small trial", $"{took.TotalMilliseconds / Trials:0} ms");
    }

    private static TrialSpec Spec(int trial)
    {
        string[] cells = ["rnn", "lstm", "gru", "transformer"];
        var cell = CellCatalog.Get(cells[trial % cells.Length]);
        ProbeMoment[] moments = cell.IsRecurrent ? [ProbeMoment.Init, ProbeMoment.End] : [];
        return new(
            TrialSpec.RevisionOf(KernelPath.Library), new TaskSpec("adding", 20, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec(cell.Name, KernelPath.Library, 16, 1, false, cell.Activations.Count > 0 ? cell.Activations[0] : null, InitKind.Default),
            new TrainSpec(30, 16, new OptimizerSpec(OptimizerKind.Adam, 0.01), 1.0), new EvaluationSpec(10, 50),
            new ProbeSpec(moments, 8, moments, cell.RetentionGate is null ? null : moments), null, Precision.Float32, DeviceKind.Cpu, trial);
    }
}
