using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Tests.Experiments;
using Harness.Training;
using Harness.Training.Shared;

namespace Harness.Tests.Training;

/// <summary>Whole trials on the engine, and how a file asks for it.</summary>
public sealed class EngineTrialTests
{
    [SlowTheory(Category.Training)]
    [InlineData("rnn", "adding", 1, false, 12)]
    [InlineData("lstm", "temporal-order", 2, true, 12)]
    [InlineData("gru", "copy-memory", 2, false, 5)]
    public void Two_hundred_steps_lose_what_they_lose_on_the_librarys_kernels(string cell, string task, int layers, bool bidirectional, int length)
    {
        float[] Losses(KernelPath kernel)
        {
            var spec = Trials.Spec(cell, kernel, steps: 200, task, length);
            return [.. Trials.Curve(Trials.Run(spec with
            {
                Model = Trials.Model(cell, kernel, hidden: 9, layers: layers, bidirectional: bidirectional) with { Dropout = layers > 1 ? 0.2 : null },
                Task = spec.Task with { Shortest = length - 1 },
                Train = spec.Train with { Optimizer = new(OptimizerKind.Adam, 0.001) },
                Evaluation = new(50, 70),
            }).Frames, "train.loss").Values];
        }

        var (library, engine) = (Losses(KernelPath.Library), Losses(KernelPath.Engine));
        engine.Length.ShouldBe(200);
        foreach (var (a, b) in library.Zip(engine)) b.ShouldBe(a, 1e-4f * Math.Max(1, a));
    }

    [Fact]
    public void It_trains_to_the_same_bits_again_and_is_probed_like_any_other_path()
    {
        var moments = (ProbeMoment[])[ProbeMoment.Init, ProbeMoment.End];
        var spec = Trials.Spec("lstm", KernelPath.Engine, task: "temporal-order") with { Task = Trials.Task("temporal-order", 12) with { Shortest = 10 }, Probe = new(moments, 4, moments, moments, 5, moments, moments, moments) };
        var (first, second) = (Trials.Run(spec), Trials.Run(spec));
        foreach (var metric in first.Frames.OfType<MetricFrame>().Select(frame => frame.Metric).Distinct(StringComparer.Ordinal))
            Trials.Curve(second.Frames, metric).ShouldBe(Trials.Curve(first.Frames, metric), metric);
        first.Frames.OfType<MetricFrame>().Count(frame => frame.Metric == "health.zero_gradients").ShouldBe(2);
        first.Frames.OfType<GradientFrame>().Count().ShouldBe(2 * 4);

        var library = Trials.Run(Trials.On(spec, KernelPath.Library));
        foreach (var (a, b) in library.Frames.OfType<GradientFrame>().Zip(first.Frames.OfType<GradientFrame>()))
            foreach (var (x, y) in a.Profile.Norms.Zip(b.Profile.Norms)) y.ShouldBe(x, (a.Profile.Moment == ProbeMoment.Init ? 1e-10 : 1e-3) * x);
    }

    [Fact]
    public void A_trial_of_an_older_numerical_contract_is_refused()
    {
        foreach (var condition in SpecText.Spec(SpecText.Small.Replace("cell: [rnn, lstm, gru]", "cell: [rnn, lstm, gru]\n  kernel: [engine, cell, library]", StringComparison.Ordinal), []).Conditions)
            condition.Trial.Revision.ShouldBe(condition.Trial.Model.Kernel == KernelPath.Cell ? 2 : 3);
        var old = Trials.Spec("gru", KernelPath.Engine) with { Revision = 2 };
        Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(old)).Message.ShouldContain("revision is 2, but this trainer computes revision 3 of kernel: engine");
        TimingArm.StepOf(old, KernelPath.Engine).Revision.ShouldBe(3);
        TimingArm.StepOf(old, KernelPath.Cell).Revision.ShouldBe(2);
    }

    [Theory]
    [InlineData("cell: [rnn, lstm, gru]", KernelPath.Engine)]
    [InlineData("cell: [rnn, lstm, gru]", KernelPath.Engine, "dtype=float64", "layers=2", "bidirectional=true", "dropout=0.5", "shortest=9")]
    [InlineData("cell: [rnn]", KernelPath.Library, "device=cuda")]
    [InlineData("cell: [transformer]", KernelPath.Library, "probe.gradients=none")]
    public void Auto_takes_the_engine_wherever_it_applies(string cells, KernelPath taken, params string[] more)
    {
        foreach (var condition in SpecText.Spec(SpecText.Small.Replace("cell: [rnn, lstm, gru]", cells, StringComparison.Ordinal), ["kernel=auto", .. more]).Conditions)
        {
            condition.Trial.Model.Kernel.ShouldBe(taken);
            condition.Trial.Model.KernelAuto.ShouldBe(true);
        }
    }

    [Fact]
    public void A_trial_that_misstates_what_auto_takes_or_wants_the_engine_elsewhere_is_refused()
    {
        var spec = Trials.Spec("gru", KernelPath.Library);
        Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(spec with { Model = spec.Model with { KernelAuto = true } })).Message.ShouldContain("kernel_auto");
        Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(Trials.On(spec, KernelPath.Engine) with { Device = DeviceKind.Cuda })).Message.ShouldContain("CPU alone");
        var engine = Trials.On(spec, KernelPath.Engine);
        TrialCheck.Refuse(engine with { Model = engine.Model with { KernelAuto = true } });
    }
}
