using System.Text;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Models;

namespace Harness.Tests.Training;

/// <summary>Trained models in folders, for tests.</summary>
internal static class Models
{
    public static readonly string Series = "level,wind,kind\n" + string.Concat(Enumerable.Range(0, 120).Select(row =>
        FormattableString.Invariant($"{1000 + 50 * Math.Sin(row / 3.0) + row * row % 7},{row * 37 % 11 / 4.0},{(row * row % 7 < 2 ? "low" : row % 5 == 0 ? "\"high, odd\"" : "mid")}\n")));

    public static readonly string Text = string.Concat(Enumerable.Range(0, 60).Select(line => $"line {line * 7 % 10} é𝄞 of the text\n"));

    /// <summary>A trial over a file, as the planner makes it.</summary>
    public static TrialSpec OverFile(string yaml, string content) =>
        SpecText.SpecWith(new MemoryFiles(("series.csv", content)), yaml).Conditions[0].Trial with { Seed = 3 };

    /// <summary>Trains a trial and exports its model.</summary>
    /// <returns>The outcome, every frame, and the model's folder.</returns>
    public static (TrialOutcome Outcome, List<TrainerFrame> Frames, string Folder) Export(TemporaryFolder folder, TrialSpec spec, string? content = null, string format = "onnx")
    {
        string? data = null;
        if (content is not null) File.WriteAllBytes(data = folder.File("data"), Encoding.UTF8.GetBytes(content));
        var frames = new List<TrainerFrame>();
        using var trial = new Trial("a", spec, TimeProvider.System, frames.Add, new(folder.File("checkpoints")), data);
        var outcome = TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!;
        var checkpoint = Directory.GetFiles(folder.File("checkpoints"), $"{TrialIdentity.Of(spec)}-*.ckpt").Order(StringComparer.Ordinal).Last();
        var target = folder.File("model");
        ModelFolder.Write(new(spec, checkpoint, data, format, target, new Dictionary<string, double>(StringComparer.Ordinal) { ["test.loss"] = 0.5 }, "harness test", "own", "lstm"));
        return (outcome, frames, target);
    }
}
