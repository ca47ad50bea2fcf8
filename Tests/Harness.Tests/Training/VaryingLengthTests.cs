using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Tests.Experiments;
using Harness.Training.Cells;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Tasks;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class VaryingLengthTests
{
    private static readonly int[] Lengths = [4, 7, 1, 7, 5];

    private static TaskShape Shape(int steps, int input) => new(steps, input, 1, LossKind.MeanSquaredError, steps - 1, Graded: false);

    [Theory, MemberData(nameof(NetworkTests.Cells), MemberType = typeof(NetworkTests))]
    public void Padded_sequences_count_as_if_each_were_alone_on_both_loops(string cell, string? activation, int layers, bool bidirectional)
    {
        using var scope = NewDisposeScope();
        foreach (var kernel in (KernelPath[])[KernelPath.Library, KernelPath.Cell])
        {
            using var model = Trials.Build(Trials.Model(cell, kernel, 4, layers, bidirectional, activation), Shape(7, 3));
            var network = model.Network;
            var input = NetworkTests.Input(7, Lengths.Length, 3, ScalarType.Float64).requires_grad_();
            using var ends = SequenceEnds.Of(Lengths, 7, CPU);
            var (every, last) = (network.EveryStep(input, ends: ends), network.Last(input, ends: ends));
            var padded = autograd.grad([every.square().mean() + last.sin().sum()], [input, .. network.Weights.Select(weight => weight.Tensor)], retain_graph: true);

            var (steps, lasts) = (new List<Tensor>(), new List<Tensor>());
            for (var b = 0; b < Lengths.Length; b++)
            {
                var sequence = input.narrow(0, 0, Lengths[b]).narrow(1, b, 1);
                steps.Add(cat([network.EveryStep(sequence), zeros(7 - Lengths[b], 1, every.shape[2], dtype: ScalarType.Float64)], dim: 0));
                lasts.Add(network.Last(sequence));
            }

            var alone = cat([.. steps], dim: 1);
            var gradients = autograd.grad([alone.square().mean() + cat([.. lasts], dim: 0).sin().sum()], [input, .. network.Weights.Select(weight => weight.Tensor)]);
            Difference(every, alone).ShouldBeLessThan(1e-12);
            Difference(last, cat([.. lasts], dim: 0)).ShouldBeLessThan(1e-12);
            foreach (var (a, b) in padded.Zip(gradients)) Difference(a, b).ShouldBeLessThan(1e-12);
            for (var b = 0; b < Lengths.Length; b++)
                if (Lengths[b] < 7) padded[0].narrow(0, Lengths[b], 7 - Lengths[b]).narrow(1, b, 1).abs().max().item<double>().ShouldBe(0);
        }
    }

    private static double Difference(Tensor a, Tensor b) => (a - b).abs().max().item<double>();

    [Fact]
    public void Lengths_are_drawn_evenly_and_belong_to_seed_step_and_place_alone()
    {
        var task = SequenceTask.Create(Trials.Task("adding", 10) with { Shortest = 6 })!;
        var lengths = Enumerable.Range(1, 100).SelectMany(step => task.TrainingBatch(1, step, 20).Lengths).ToArray();
        lengths.Distinct().Order().ShouldBe([6, 7, 8, 9, 10]);
        lengths.CountBy(length => length).ShouldAllBe(pair => pair.Value > 330 && pair.Value < 470);

        var (few, many) = (task.TrainingBatch(1, 5, 3), task.TrainingBatch(1, 5, 8));
        many.Lengths[..3].ShouldBe(few.Lengths);
        task.TrainingBatch(2, 5, 8).Lengths.ShouldNotBe(many.Lengths);
        task.TrainingBatch(1, 6, 8).Lengths.ShouldNotBe(many.Lengths);
    }

    [Fact]
    public void A_shorter_sequence_is_one_of_the_task_of_that_length()
    {
        var batch = SequenceTask.Create(Trials.Task("adding", 9) with { Shortest = 3 })!.TrainingBatch(1, 1, 30);
        for (var b = 0; b < 30; b++)
        {
            var marked = Enumerable.Range(0, 9).Where(step => batch.Inputs[(step * 30 + b) * 2 + 1] == 1).ToArray();
            marked.Length.ShouldBe(2);
            marked.ShouldAllBe(step => step < batch.Lengths[b]);
            batch.Values[b].ShouldBe(marked.Sum(step => batch.Inputs[(step * 30 + b) * 2]));
            for (var step = batch.Lengths[b]; step < 9; step++) batch.Inputs[(step * 30 + b) * 2].ShouldBe(0);
        }
    }

    [Theory, MemberData(nameof(Tasks))]
    public void Every_task_has_the_loss_and_the_baseline_of_its_sequences_one_by_one(string kind)
    {
        using var scope = NewDisposeScope();
        var spec = Trials.Task(kind, 14) with { Shortest = 10 };
        var task = SequenceTask.Create(spec)!;
        var batch = task.Evaluation(1, 0, 12);
        batch.IsPadded.ShouldBeTrue();
        using var model = Trials.Build(Trials.Model("gru", KernelPath.Library), task.BatchShape);
        var whole = BatchTensors.Of(batch, ScalarType.Float64, CPU);
        double loss = 0, answers = 0;
        foreach (var group in whole.ByLength())
        {
            loss += group.Loss(model.Predict(group), nn.Reduction.Sum).item<double>();
            answers += group.Answers();
        }

        answers.ShouldBe(whole.Answers());
        answers.ShouldBe(Enumerable.Range(0, 12).Sum(sequence => batch.AnswerSteps(sequence).Count()));
        whole.Loss(model.Predict(whole)).item<double>().ShouldBe(loss / answers, 1e-12);
        task.BaselineLoss(batch).ShouldBeInRange(1e-6, 3);
        if (kind != "mackey-glass") return;
        var asked = whole.Target.masked_select(whole.Target.isnan().logical_not());
        task.BaselineLoss(batch).ShouldBe((asked - asked.mean()).square().mean().item<double>(), 1e-12);
    }

    public static TheoryData<string> Tasks => [.. TaskCatalog.All.Where(task => !task.ReadsFile).Select(task => task.Kind)];

    [Theory]
    [InlineData("lstm", "adding", true)]
    [InlineData("gru", "temporal-order", false)]
    [InlineData("rnn", "copy-memory", false)]
    [InlineData("lstm", "mackey-glass", false)]
    public void A_trial_learns_the_same_on_both_loops_with_dropout_layers_and_directions(string cell, string task, bool bidirectional)
    {
        float[] Losses(KernelPath kernel)
        {
            var spec = Trials.Spec(cell, kernel, task: task, length: 12);
            var frames = Trials.Run(spec with
            {
                Task = spec.Task with { Shortest = 10 },
                Model = Trials.Model(cell, kernel, 5, layers: 2, bidirectional: bidirectional) with { Dropout = 0.2 },
                Dtype = Precision.Float64,
            }).Frames;
            return [.. Trials.Curve(frames, "train.loss").Values, .. Trials.Curve(frames, "eval.loss").Values];
        }

        foreach (var (library, loop) in Losses(KernelPath.Library).Zip(Losses(KernelPath.Cell))) library.ShouldBe(loop, 1e-6f);
    }

    [Fact]
    public void A_profile_counts_each_sequences_lag_from_its_own_end()
    {
        using var scope = NewDisposeScope();
        var task = SequenceTask.Create(Trials.Task("adding", 9) with { Shortest = 3 })!;
        var batch = task.Evaluation(1, 0, 10);
        using var model = Trials.Build(Trials.Model("lstm", bidirectional: true), task.BatchShape);
        var whole = BatchTensors.Of(batch, ScalarType.Float64, CPU);
        var cell = RecurrentCell.Find("lstm")!;
        var alone = whole.ByLength().SelectMany(group => Enumerable.Range(0, (int)group.Input.shape[1]).Select(b =>
            GradientProbe.Measure(model, cell, group with { Input = group.Input.narrow(1, b, 1), Target = group.Target.narrow(1, b, 1) }, ProbeMoment.Init, 0))).ToArray();
        foreach (var profile in GradientProbe.Measure(model, cell, whole, ProbeMoment.Init, 0))
        {
            profile.Norms.Length.ShouldBe(batch.Lengths.Max());
            for (var lag = 0; lag < profile.Norms.Length; lag++)
            {
                var norms = alone.SelectMany(profiles => profiles).Where(one => (one.State, one.Layer, one.Backwards) == (profile.State, profile.Layer, profile.Backwards) && one.Norms.Length > lag);
                profile.Norms[lag].ShouldBe(norms.Average(one => one.Norms[lag]), 1e-12);
            }
        }
    }

    [Fact]
    public void Every_probe_and_a_checkpoint_work_with_them()
    {
        ProbeMoment[] moments = [ProbeMoment.Init, ProbeMoment.End];
        var spec = Trials.Spec("lstm", KernelPath.Library, steps: 8) with
        {
            Task = Trials.Task("adding", 12) with { Shortest = 4 },
            Probe = new(moments, 5, moments, moments, GradientsEvery: 3, Trace: moments, Dynamics: moments, Health: moments),
        };
        var undisturbed = Interruptions.Train(spec);
        undisturbed.Frames.OfType<GateTraceFrame>().ShouldAllBe(frame => frame.Trace.Length <= 12 && frame.Trace.AnswerSteps.Single() == frame.Trace.Length - 1);
        foreach (var metric in (string[])["gates.kept", "weights.sigma_max", "dynamics.lyapunov", "dynamics.long_range", "health.dead_units"])
            Trials.Curve(undisturbed.Frames, metric).Keys.ShouldBe([0, 8]);
        using var folder = new TemporaryFolder();
        var request = new CheckpointRequest(folder.Path, EverySteps: 2);
        Interruptions.Train(spec, request, killAt: 6);
        Interruptions.Train(spec, request).Result.ShouldBe(undisturbed.Result);
    }

    [Fact]
    public void A_trial_can_be_judged_at_a_length_it_has_never_seen()
    {
        var plain = Trials.Spec("gru", task: "parity", length: 8) with { Probe = new([ProbeMoment.End], 4) };
        var far = plain with { Evaluation = plain.Evaluation with { Length = 30 } };
        var (outcome, frames) = Trials.Run(far);
        Trials.Curve(frames, "train.loss").Values.ShouldBe(Trials.Curve(Trials.Run(plain).Frames, "train.loss").Values);
        frames.OfType<GradientFrame>().Single().Profile.Norms.Length.ShouldBe(30);
        outcome!.BaselineLoss.ShouldBe(SequenceTask.Create(Trials.Task("parity", 30))!.BaselineLoss(SequenceTask.Create(Trials.Task("parity", 30))!.Evaluation(1, 0, 20)));
        TrialIdentity.Of(far).ShouldNotBe(TrialIdentity.Of(plain), StringComparer.Ordinal);
    }

    [Theory]
    [InlineData("task.shortest=25", "would be longer than the longest")]
    [InlineData("task.shortest=1", "too short for adding")]
    [InlineData("evaluation.length=1", "too short for adding")]
    public void Lengths_that_cannot_be_are_told_when_the_file_is_read(string change, string part) =>
        SpecText.Read(SpecText.Small, change).Diagnostics.ShouldContain(diagnostic => diagnostic.Message.Contains(part, StringComparison.Ordinal));

    [Fact]
    public void The_longest_length_as_the_shortest_is_no_variation() =>
        TrialIdentity.Of(SpecText.Spec(SpecText.Small, "task.shortest=20").Conditions[0].Trial).ShouldBe(TrialIdentity.Of(SpecText.Spec(SpecText.Small).Conditions[0].Trial));

    [Fact]
    public void Operations_are_counted_for_the_mean_length()
    {
        double Of(params string[] changes) => ModelSize.FlopsPerStep(SpecText.Spec(SpecText.Small, changes).Conditions[0].Trial);
        Of("task.shortest=10").ShouldBe(0.75 * Of(), 1e-6);
    }
}
