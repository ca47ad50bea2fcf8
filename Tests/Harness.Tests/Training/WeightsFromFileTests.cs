using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Experiments.Reading;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Checkpoints;
using Harness.Training.Shared;

namespace Harness.Tests.Training;

/// <summary>Trials that begin with the weights of a file.</summary>
public sealed class WeightsFromFileTests
{
    /// <summary>The weights of a trained model of another seed, as export-model writes them.</summary>
    private static (byte[] Content, TrialSpec Spec) Trained(TemporaryFolder folder, TrialSpec spec, bool withOutput = true)
    {
        var (_, _, model) = Models.Export(folder, spec with { Seed = 5, Train = spec.Train with { Steps = 20 } }, format: "state-dict");
        var content = File.ReadAllBytes(Path.Combine(model, ModelDescription.Weights));
        if (!withOutput)
            content = SafetensorsBytes.Of(SafetensorsFile.Read(content).Tensors.Where(tensor => !tensor.Key.StartsWith("readout", StringComparison.Ordinal)).Select(tensor =>
                (tensor.Key, "F32", tensor.Value.Shape, Enumerable.Range(0, tensor.Value.Bytes.Length / 4).Select(place => (double)BitConverter.ToSingle(tensor.Value.Bytes, 4 * place)).ToArray())));
        File.WriteAllBytes(folder.File("w.safetensors"), content);
        return (content, spec with { Model = spec.Model with { Weights = DataFile.HashOf(content) } });
    }

    private static Trial Begin(TrialSpec spec, string weights, List<Abstractions.Contracts.TrainerFrame>? frames = null) =>
        new("a", spec, TimeProvider.System, frame => frames?.Add(frame), weights: weights);

    [Theory]
    [InlineData("rnn", 1, false)]
    [InlineData("lstm", 2, true)]
    [InlineData("gru", 2, false)]
    public void Every_backend_begins_with_the_same_weights_and_finds_the_same(string cell, int layers, bool bidirectional)
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec(cell, KernelPath.Library, steps: 1) with { Probe = new([ProbeMoment.Init], 4) };
        spec = spec with { Model = spec.Model with { Hidden = 20, Layers = layers, Bidirectional = bidirectional, Activation = cell == "rnn" ? "tanh" : null } };
        var (content, begun) = Trained(folder, spec);
        var stored = SafetensorsFile.Read(content).Tensors;
        var found = new List<(double Loss, double[] Norms)>();
        foreach (var kernel in new[] { KernelPath.Library, KernelPath.Cell, KernelPath.Engine, KernelPath.Batched })
        {
            var frames = new List<Abstractions.Contracts.TrainerFrame>();
            using var trial = Begin(Trials.On(begun, kernel), folder.File("w.safetensors"), frames);
            foreach (var (name, tensor) in trial.Model.Weights) TensorBytes.Of(name, tensor).Bytes.ToArray().ShouldBe(stored[name].Bytes, $"{kernel} {name}");
            TrainingLoop.Run(trial, TestContext.Current.CancellationToken);
            found.Add((Trials.Curve(frames, MetricCatalog.EvaluationLoss)[0], [.. frames.OfType<Abstractions.Contracts.GradientFrame>().First().Profile.Norms]));
        }

        foreach (var (loss, norms) in found)
        {
            loss.ShouldBe(found[0].Loss, 1e-6 * found[0].Loss, string.Join(' ', found.Select(each => each.Loss)));
            for (var place = 0; place < norms.Length; place++) norms[place].ShouldBe(found[0].Norms[place], 1e-9 * found[0].Norms.Max());
        }
    }

    [Fact]
    public void Without_an_output_layer_in_the_file_that_layer_alone_is_drawn()
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec("gru", KernelPath.Engine);
        var (content, begun) = Trained(folder, spec, withOutput: false);
        using var drawn = new Trial("a", spec, TimeProvider.System, _ => { });
        using var trial = Begin(begun, folder.File("w.safetensors"));
        var stored = SafetensorsFile.Read(content).Tensors;
        foreach (var ((name, tensor), (_, before)) in trial.Model.Weights.Zip(drawn.Model.Weights))
            TensorBytes.Of(name, tensor).Bytes.ToArray().ShouldBe(stored.TryGetValue(name, out var own) ? own.Bytes : TensorBytes.Of(name, before).Bytes.ToArray(), name);
    }

    [Theory]
    [InlineData("F16")]
    [InlineData("BF16")]
    [InlineData("F64")]
    public void Other_types_are_converted(string type)
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec("rnn", KernelPath.Cell) with { Dtype = type == "F64" ? Precision.Float64 : Precision.Float32 };
        var content = SafetensorsBytes.Of(WeightLayout.Network(spec).Concat(WeightLayout.Output(spec)).Select(weight =>
            (weight.Name, type, weight.Shape.ToArray(), Enumerable.Range(0, (int)weight.Shape.Aggregate(1L, (product, size) => product * size)).Select(place => place % 16 / 8.0 - 1).ToArray())));
        File.WriteAllBytes(folder.File("w"), content);
        using var trial = Begin(spec with { Model = spec.Model with { Weights = DataFile.HashOf(content) } }, folder.File("w"));
        foreach (var (_, tensor) in trial.Model.Weights)
            tensor.to(TorchSharp.torch.ScalarType.Float64).reshape(-1).data<double>().ToArray().ShouldBe(Enumerable.Range(0, (int)tensor.numel()).Select(place => place % 16 / 8.0 - 1));
    }

    [Fact]
    public void An_interrupted_trial_ends_as_one_that_was_not()
    {
        using var folder = new TemporaryFolder();
        var (_, begun) = Trained(folder, Trials.Spec("lstm", KernelPath.Engine, steps: 10));
        var whole = Interruptions.Train(begun, weights: folder.File("w.safetensors"));
        Interruptions.Train(begun, new(folder.File("again"), EverySteps: 3), killAt: 7, weights: folder.File("w.safetensors"));
        Interruptions.Train(begun, new(folder.File("again"), EverySteps: 3), weights: folder.File("w.safetensors")).WeightsDigest.ShouldBe(whole.WeightsDigest);
        Interruptions.Train(begun with { Model = begun.Model with { Weights = null } }).WeightsDigest.ShouldNotBe(whole.WeightsDigest, StringComparer.Ordinal);
    }

    [Fact]
    public void A_missing_changed_or_foreign_file_is_refused_with_the_reason()
    {
        using var folder = new TemporaryFolder();
        var (content, begun) = Trained(folder, Trials.Spec("gru", KernelPath.Engine));
        Refusal(begun, null).ShouldContain("`weights` must be the full path of the file with SHA-256");
        Refusal(begun, folder.File("nowhere")).ShouldContain("Submitting the experiment again puts it back");
        File.WriteAllBytes(folder.File("changed"), [.. content[..^1], (byte)(content[^1] ^ 1)]);
        Refusal(begun, folder.File("changed")).ShouldContain("it was changed");
        Refusal(begun with { Model = begun.Model with { Hidden = 7 } }, folder.File("w.safetensors")).ShouldContain("does not fit: the tensor weight_ih_l0 has shape [18, 2]");
        Refusal(begun with { Model = begun.Model with { Init = InitKind.Orthogonal } }, folder.File("w.safetensors")).ShouldContain("init must be default");
        Refusal(begun with { Model = begun.Model with { Weights = "w.safetensors" } }, folder.File("w.safetensors")).ShouldContain("64 lower-case hexadecimal digits");

        static string Refusal(TrialSpec spec, string? weights) => Should.Throw<TrialRejectedException>(() => Begin(spec, weights!)).Message;
    }

    [Fact]
    public void The_example_of_the_documentation_probes_a_network_as_it_is()
    {
        using var folder = new TemporaryFolder();
        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "models.md")).ReplaceLineEndings("\n");
        var yaml = page.Split("```yaml\n")[1].Split("```")[0];
        var shapes = new (string Name, long[] Shape)[] { ("rnn.weight_ih_l0", [96, 2]), ("rnn.weight_hh_l0", [96, 32]), ("rnn.bias_ih_l0", [96]), ("rnn.bias_hh_l0", [96]), ("fc.weight", [1, 32]), ("fc.bias", [1]) };
        var content = SafetensorsBytes.Of(shapes.Select((tensor, index) => (tensor.Name, "F32", tensor.Shape,
            Enumerable.Range(0, (int)tensor.Shape.Aggregate(1L, (product, size) => product * size)).Select(place => Math.Sin(place * 7.3 + index) / 4).ToArray())));
        File.WriteAllBytes(folder.File("trained-gru.safetensors"), content);
        File.WriteAllText(folder.File("probe.yaml"), yaml);
        var reading = SpecReader.ReadFile(folder.File("probe.yaml"), []);
        var spec = reading.Spec.ShouldNotBeNull(DiagnosticText.Human(reading)).Conditions.ShouldHaveSingleItem().Trial;
        spec = spec with { Task = spec.Task with { Length = 12 }, Evaluation = spec.Evaluation with { Sequences = 40 } };

        var frames = new List<Abstractions.Contracts.TrainerFrame>();
        using var trial = Begin(spec, folder.File("trained-gru.safetensors"), frames);
        // What is measured at the start is that of the weights as they are in the file: a step changes them afterwards.
        using var untouched = Begin(spec, folder.File("trained-gru.safetensors"));
        var loss = untouched.Evaluation.Evaluate(untouched.Model).Loss;
        TrainingLoop.Run(trial, TestContext.Current.CancellationToken)!.Steps.ShouldBe(1);
        Trials.Curve(frames, MetricCatalog.EvaluationLoss)[0].ShouldBe((float)loss);
        frames.OfType<Abstractions.Contracts.GradientFrame>().Select(frame => (frame.Profile.Moment, frame.Profile.Step)).Distinct().ShouldBe([(ProbeMoment.Init, 0)]);
        frames.OfType<Abstractions.Contracts.GateTraceFrame>().ShouldNotBeEmpty();
        Trials.Curve(frames, "weights.spectral_radius").Keys.ShouldBe([0]);
    }

    [Fact]
    public void The_layout_of_the_plan_is_that_of_the_model()
    {
        foreach (var cell in CellCatalog.All)
            foreach (var bidirectional in cell.IsRecurrent ? [false, true] : new[] { false })
            {
                var spec = Trials.Spec(cell.Name);
                spec = spec with { Model = spec.Model with { Hidden = 4, Layers = 2, Bidirectional = bidirectional, Activation = cell.Activations.Count > 0 ? cell.Activations[0] : null } };
                using var learner = new Learner(spec, null);
                learner.Model.Weights.Select(weight => $"{weight.Name} {string.Join(',', weight.Tensor.shape)}").Order(StringComparer.Ordinal)
                    .ShouldBe(WeightLayout.Network(spec).Concat(WeightLayout.Output(spec)).Select(weight => $"{weight.Name} {string.Join(',', weight.Shape)}").Order(StringComparer.Ordinal), cell.Name);
            }
    }

    [Fact]
    public void Neither_the_time_of_a_step_nor_the_trial_group_depends_on_the_file()
    {
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec("gru", KernelPath.Engine);
        var (_, begun) = Trained(folder, spec);
        TimingArm.StepOf(begun, KernelPath.Engine).ShouldBe(TimingArm.StepOf(spec, KernelPath.Engine));
        Packing.KindOf(begun).ShouldBe(Packing.KindOf(spec));
    }
}
