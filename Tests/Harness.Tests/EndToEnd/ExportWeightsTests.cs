using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Tests.Training;
using Harness.Training.Tasks;

namespace Harness.Tests.EndToEnd;

[Collection("end to end")]
public sealed class ExportWeightsTests
{
    [SlowFact(Category.Runs)]
    public async Task Exported_weights_give_the_recorded_loss_by_plain_arithmetic()
    {
        using var tiny = new TinyExperiment(steps: 60, seeds: 1);
        using var folder = new TemporaryFolder();
        (await tiny.Run()).ExitCode.ShouldBe(0);

        foreach (var row in tiny.Rows("SELECT hash, cell, final_loss FROM trial"))
        {
            var (trial, cell, loss) = (row.Split('|')[0], row.Split('|')[1], double.Parse(row.Split('|')[2], CultureInfo.InvariantCulture));
            var file = folder.File($"{cell}.safetensors");
            var (code, output, errors) = await HarnessProcess.Run("export-weights", trial[..10], "--data", tiny.Data(), "--as", "safetensors", "--out", file);
            code.ShouldBe(0, errors);
            output.ShouldContain(file);

            var (notes, tensors) = SafetensorsFile.Read(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken));
            (notes["trial"], notes["step"]).ShouldBe((trial, "60"));
            var spec = JsonSerializer.Deserialize(tiny.Rows($"SELECT spec FROM trial WHERE hash = '{trial}'").Single(), HarnessJson.Default.TrialSpec)!;
            EvaluationLoss(cell, spec, tensors).ShouldBe(loss, 1e-5, cell);

            file = folder.File($"{cell}.pt");
            (code, _, errors) = await HarnessProcess.Run("export-weights", trial[..10], "--data", tiny.Data(), "--as", "state-dict", "--out", file);
            code.ShouldBe(0, errors);
            StateDictFile.Read(await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken))["readout.bias"].Bytes.ShouldBe(tensors["readout.bias"].Bytes);
        }

        (await HarnessProcess.Run("export-weights", "0123abcd", "--data", tiny.Data())).ExitCode.ShouldBe(3);
        (await HarnessProcess.Run("export-weights", "0123abcd", "--data", tiny.Data(), "--as", "onnx")).ExitCode.ShouldBe(2);
    }

    /// <summary>Mean cross-entropy of the last step's answer over the evaluation set.</summary>
    private static double EvaluationLoss(string cell, TrialSpec spec, Dictionary<string, (string Type, long[] Shape, byte[] Bytes)> tensors)
    {
        var (count, task) = (spec.Evaluation.Sequences, SequenceTask.Create(spec.Task)!);
        var set = task.Evaluation(spec.Seed, 0, count);
        var (wih, whh, readout) = (Matrix("weight_ih_l0"), Matrix("weight_hh_l0"), Matrix("readout.weight"));
        var (bih, bhh, bias) = (Vector("bias_ih_l0"), Vector("bias_hh_l0"), Vector("readout.bias"));
        double sum = 0;
        for (var b = 0; b < count; b++)
        {
            var inputs = Enumerable.Range(0, task.Shape.Steps)
                .Select(t => Enumerable.Range(0, task.Shape.InputSize).Select(i => (double)set.Inputs[(t * count + b) * task.Shape.InputSize + i]).ToArray()).ToArray();
            var h = PlainCell.Run(cell, wih, whh, bih, bhh, inputs);
            var logits = readout.Select((row, o) => row.Zip(h, (w, x) => w * x).Sum() + bias[o]).ToArray();
            sum += Math.Log(logits.Sum(Math.Exp)) - logits[set.Classes[b]];
        }

        return sum / count;

        double[] Vector(string name) => [.. MemoryMarshal.Cast<byte, float>(tensors[name].Bytes).ToArray().Select(value => (double)value)];
        double[][] Matrix(string name) => [.. Vector(name).Chunk((int)tensors[name].Shape[1])];
    }
}
