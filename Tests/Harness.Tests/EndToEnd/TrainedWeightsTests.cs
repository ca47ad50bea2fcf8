using Harness.Abstractions.Specs;

namespace Harness.Tests.EndToEnd;

/// <summary>Weights of a person's own, from the experiment file to the report, and out of the data folder again.</summary>
[Collection("end to end")]
public sealed class TrainedWeightsTests
{
    [SlowFact(Category.Runs)]
    public async Task An_exported_model_is_the_start_of_another_experiment()
    {
        var cancellation = TestContext.Current.CancellationToken;
        using var tiny = new TinyExperiment(seeds: 1, cells: "gru, rnn");
        var folder = Path.GetDirectoryName(tiny.File)!;
        (await tiny.Run()).ExitCode.ShouldBe(0);
        (await HarnessProcess.Run("export-model", "tiny/gru", "--data", tiny.Data(), "--as", "safetensors", "--out", Path.Combine(folder, "model"))).ExitCode.ShouldBe(0);
        var weights = await File.ReadAllBytesAsync(Path.Combine(folder, "model", "weights.safetensors"), cancellation);
        var second = Path.Combine(folder, "second.yaml");
        await File.WriteAllTextAsync(second, (await File.ReadAllTextAsync(tiny.File, cancellation)).Replace("name: tiny", "name: second", StringComparison.Ordinal)
            .Replace("hidden: 8,", "hidden: 8, weights: { gru: model/weights.safetensors, rnn: none },", StringComparison.Ordinal), cancellation);

        var (code, output, errors) = await HarnessProcess.Run("plan", second, "--data", tiny.Data());
        code.ShouldBe(0, errors);
        output.ShouldContain("model/weights.safetensors for gru");
        output.ShouldContain("drawn for rnn");
        // The other cell trains what it has trained already.
        output.ShouldContain("to run 1, have a result already 1");
        (code, _, errors) = await HarnessProcess.Run("run", second, "--data", tiny.Data(), "--out", tiny.Report);
        code.ShouldBe(0, errors);
        (await File.ReadAllTextAsync(tiny.Report, cancellation)).ShouldContain($"initial weights from model/weights.safetensors (SHA-256 {DataFile.HashOf(weights)[..12]}");
        (await HarnessProcess.Run("report", "second", "--data", tiny.Data(), "--language", "zh", "--out", tiny.Report)).ExitCode.ShouldBe(0);
        (await File.ReadAllTextAsync(tiny.Report, cancellation)).ShouldContain("初始权重来自 model/weights.safetensors");

        (code, output, errors) = await HarnessProcess.Run("verify", "--data", tiny.Data());
        code.ShouldBe(0, errors);
        output.ShouldContain("data files           1        ok");
        var kept = Path.Combine(tiny.Data(), "files", DataFile.HashOf(weights));
        await File.WriteAllBytesAsync(kept, weights[..^1], cancellation);
        (await HarnessProcess.Run("verify", "--data", tiny.Data())).Output.ShouldContain("run the experiment again beside the original file");
        await File.WriteAllBytesAsync(kept, weights, cancellation);
        (code, _, errors) = await HarnessProcess.Run("delete", "second", "--yes", "--data", tiny.Data());
        code.ShouldBe(0, errors);
        File.Exists(kept).ShouldBeFalse();
    }
}
