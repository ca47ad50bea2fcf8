using Harness.Abstractions.Catalog;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Cells;
using Harness.Training.Native;
using Harness.Training.Networks;
using Harness.Training.Probes;
using Harness.Training.Protocol;
using Harness.Training.Tasks;
using Harness.Training.Timing;
using TorchSharp;

namespace Harness.Tests.Training;

/// <summary>Subnormal numbers read as zero wherever a trial computes, whatever the processor.</summary>
public sealed class SubnormalFlushTests
{
    private static readonly KernelPath[] Kernels = [KernelPath.Engine, KernelPath.Library, KernelPath.Cell, KernelPath.Batched];

    public static TheoryData<string, KernelPath> Paths => [.. from cell in (string[])["rnn", "lstm", "gru"] from kernel in Kernels select (cell, kernel)];

    [Theory, MemberData(nameof(Paths))]
    public void Forward_products_below_the_smallest_normal_number_are_zero(string cell, KernelPath kernel)
    {
        FreshThread.Run(() => AnyBits(Output(cell, kernel))).ShouldBeTrue("without flushing the product is a subnormal number");
        FreshThread.Run(() => SubnormalFlush.Enable() && AnyBits(Output(cell, kernel))).ShouldBeFalse();
    }

    [Theory, MemberData(nameof(Paths))]
    public void Backward_products_below_the_smallest_normal_number_are_zero(string cell, KernelPath kernel)
    {
        FreshThread.Run(() => AnyBits(Gradient(cell, kernel))).ShouldBeTrue("without flushing the product is a subnormal number");
        FreshThread.Run(() => SubnormalFlush.Enable() && AnyBits(Gradient(cell, kernel))).ShouldBeFalse();
    }

    [Fact]
    public void Results_and_operands_are_flushed_and_an_exception_changes_nothing()
    {
        FreshThread.Run(() =>
        {
            SubnormalFlush.Enable().ShouldBeTrue();
            Should.Throw<InvalidOperationException>(() => throw new InvalidOperationException());
            GC.Collect();
            return SubnormalFlush.IsOn;
        }).ShouldBeTrue();
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    [InlineData(KernelPath.Cell)]
    [InlineData(KernelPath.Batched)]
    public void A_trial_flushes_on_whatever_thread_it_trains(KernelPath kernel)
    {
        var modes = FreshThread.Run(() =>
        {
            var seen = new List<bool>();
            using var trial = new Trial("a", Trials.Spec("lstm", kernel), TimeProvider.System, frame => Look(seen, frame is MetricFrame));
            TrainingLoop.Run(trial, TestContext.Current.CancellationToken);
            return seen;
        });
        modes.ShouldNotBeEmpty();
        modes.ShouldAllBe(flushes => flushes);
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Batched)]
    public void A_trial_group_flushes_on_whatever_thread_it_trains(KernelPath kernel)
    {
        var modes = FreshThread.Run(() =>
        {
            using var watched = new Watched();
            var spec = Trials.Spec("gru", kernel);
            var output = new FrameWriter(watched);
            TrainRequest[] requests = [new("a", spec), new("b", spec with { Seed = 2 })];
            using var pack = new RequestedPack([.. requests.Select(request => new RequestedTrial(request, output, TimeProvider.System))], TimeProvider.System, _ => { });
            pack.Train();
            return watched.Modes;
        });
        modes.Count.ShouldBeGreaterThan(4);
        modes.ShouldAllBe(flushes => flushes);
    }

    [Fact]
    public void A_timing_trial_flushes_on_whatever_thread_it_measures()
    {
        FreshThread.Run(() =>
        {
            var step = Trials.Spec("rnn", KernelPath.Engine) with { Train = new(1, 4, new(OptimizerKind.Adam, 1e-6), null) };
            var spec = step with { Timing = new(1, 1, [new(step, 1)]) };
            var seen = new List<bool>();
            using var trial = new TimingTrial("a", spec, TimeProvider.System, frame => Look(seen, frame is TrialStarted));
            trial.Run(TestContext.Current.CancellationToken).ShouldNotBeNull();
            return seen;
        }).ShouldBe([true]);
    }

    [Fact]
    public void Threads_of_libtorchs_pool_flush_also_when_they_were_there_before()
    {
        FreshThread.Run(() =>
        {
            try
            {
                torch.set_num_threads(2);
                // Starts the pool of this thread while it keeps subnormal numbers.
                TorchEnvironment.FlushesSubnormals().ShouldBeFalse();
                SubnormalFlush.Enable();
                TorchEnvironment.UseThreads(2);
                return TorchEnvironment.FlushesSubnormals();
            }
            finally
            {
                torch.set_num_threads(1);
            }
        }).ShouldBeTrue();
    }

    [Theory]
    [InlineData(KernelPath.Engine)]
    [InlineData(KernelPath.Library)]
    public void Profiles_in_float64_are_the_same_with_and_without_flushing(KernelPath kernel)
    {
        var kept = FreshThread.Run(() => Profile(kernel));
        var flushed = FreshThread.Run(() => SubnormalFlush.Enable() ? Profile(kernel) : []);
        flushed.ShouldBe(kept);
        // Far below what float32 can hold, and above zero.
        kept[^1].ShouldBeInRange(1e-150, 1e-50);
    }

    private static double[] Profile(KernelPath kernel)
    {
        using var scope = torch.NewDisposeScope();
        var task = SequenceTask.Create(Trials.Task("adding", 200))!;
        using var model = Trials.Build(Trials.Model("rnn", kernel, hidden: 8), task.Shape, dtype: torch.ScalarType.Float32);
        var batch = BatchTensors.Of(task.Evaluation(1, 0, 2), torch.ScalarType.Float64, torch.CPU);
        return [.. GradientProbe.Measure(model, RecurrentCell.Find("rnn")!, batch, ProbeMoment.Init, 0).Single().Norms];
    }

    /// <summary>h after one step: 0.1 · 2e-38 goes into every gate.</summary>
    private static torch.Tensor Output(string cell, KernelPath kernel)
    {
        using var network = Network(cell, kernel);
        using var _ = torch.no_grad();
        network.Weights.Single(weight => weight.Name == "weight_ih_l0").Tensor.fill_(0.1);
        return network.EveryStep(torch.full([1, 2, 1], 2e-38, torch.ScalarType.Float32));
    }

    /// <summary>The gradient of the input weights for ∂L/∂h = 2e-38 and an input of 0.1.</summary>
    private static torch.Tensor Gradient(string cell, KernelPath kernel)
    {
        using var model = new SequenceModel(Network(cell, kernel), new TaskShape(1, 1, 1, LossKind.MeanSquaredError, 0, Graded: false));
        using (torch.no_grad()) Trials.Weight(model, "readout.weight").fill_(2e-38);
        var loss = model.ReadOut(model.Network.EveryStep(torch.full([1, 2, 1], 0.1, torch.ScalarType.Float32))).sum();
        return model.Gradients(loss)[0];
    }

    private static RecurrentNetwork Network(string cell, KernelPath kernel)
    {
        var network = NetworkFactory.Create(RecurrentCell.Find(cell)!, kernel, Trials.Shape(Trials.Model(cell, kernel, hidden: 3), 1, torch.ScalarType.Float32));
        using var _ = torch.no_grad();
        foreach (var (_, weight) in network.Weights) weight.zero_();
        return network;
    }

    /// <summary>Whether anything but the sign is set anywhere.</summary>
    private static bool AnyBits(torch.Tensor tensor) => tensor.abs().contiguous().bytes.ContainsAnyExcept((byte)0);

    private static void Look(List<bool> seen, bool at)
    {
        if (at) seen.Add(SubnormalFlush.IsOn);
    }

    /// <summary>What frames are written to; it looks at the mode of the thread that writes.</summary>
    private sealed class Watched : MemoryStream
    {
        public List<bool> Modes { get; } = [];

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Modes.Add(SubnormalFlush.IsOn);
            base.Write(buffer);
        }
    }
}
