using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Backends;
using Harness.Training.Engine;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

public sealed class OptimizerTests
{
    /// <summary>Minimises w² from 1, each step in a dispose scope of its own, and follows the written-out rule beside it.</summary>
    private static void Follow(OptimizerSpec spec, Func<double, double, double> rule)
    {
        var parameter = new Parameter(tensor(new[] { 1.0 }, [1]));
        using var optimizer = Optimizers.Create(spec, [parameter]);
        double weight = 1;
        for (var step = 1; step <= 6; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                parameter.square().sum().backward();
                optimizer.step();
            }

            weight = rule(weight, 2 * weight);
            parameter.data<double>()[0].ShouldBe(weight, 1e-12);
        }
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0.0)]
    [InlineData(OptimizerKind.AdamW, 0.1)]
    public void Adam_follows_its_paper(OptimizerKind kind, double decay)
    {
        double m = 0, v = 0;
        var step = 0;
        Follow(new(kind, 0.1, WeightDecay: kind == OptimizerKind.AdamW ? decay : null), (weight, gradient) =>
        {
            step++;
            (m, v) = (0.9 * m + 0.1 * gradient, 0.999 * v + 0.001 * gradient * gradient);
            return weight * (1 - 0.1 * decay) - 0.1 * (m / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, step))) + 1e-8);
        });
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData(0.9, null)]
    [InlineData(0.9, 0.01)]
    public void Sgd_follows_its_rule(double? momentum, double? decay)
    {
        double velocity = 0;
        Follow(new(OptimizerKind.Sgd, 0.05, momentum, decay), (weight, gradient) =>
        {
            velocity = (momentum ?? 0) * velocity + gradient + (decay ?? 0) * weight;
            return weight - 0.05 * velocity;
        });
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.5)]
    public void Rmsprop_follows_its_rule(double? momentum)
    {
        double square = 0, velocity = 0;
        Follow(new(OptimizerKind.RmsProp, 0.01, momentum), (weight, gradient) =>
        {
            square = 0.99 * square + 0.01 * gradient * gradient;
            velocity = (momentum ?? 0) * velocity + gradient / (Math.Sqrt(square) + 1e-8);
            return weight - 0.01 * velocity;
        });
    }

    public static TheoryData<OptimizerKind, double?, double?> Settings => new()
    {
        { OptimizerKind.Adam, null, null }, { OptimizerKind.AdamW, null, 0.1 }, { OptimizerKind.Sgd, null, null }, { OptimizerKind.Sgd, 0.9, 0.01 },
        { OptimizerKind.RmsProp, null, null }, { OptimizerKind.RmsProp, 0.9, null },
    };

    /// <summary>On weights that fill no register, some and all but one; with gradients over many orders of magnitude, some of them zero.</summary>
    [Theory, MemberData(nameof(Settings))]
    public void The_engines_steps_are_the_librarys_over_two_hundred_of_them(OptimizerKind kind, double? momentum, double? decay)
    {
        foreach (var (dtype, tolerance) in ((ScalarType, double)[])[(ScalarType.Float32, 1e-6), (ScalarType.Float64, 1e-12)])
        {
            using var scope = NewDisposeScope();
            var spec = new OptimizerSpec(kind, 0.003, momentum, decay);
            var random = new Generator(7);
            Parameter[] Weights() => [.. ((long[])[1, 7, 8, 40, 63]).Select(count => new Parameter(linspace(-1, 1, count, dtype: dtype)))];
            var (theirs, ours) = (Weights(), Weights());
            using var library = Optimizers.Create(spec, theirs);
            using var state = Optimizers.Create(spec, ours);
            var engine = new EngineOptimizer(state, spec, ours);
            for (var step = 1; step <= 200; step++)
            {
                using var inner = NewDisposeScope();
                foreach (var (a, b) in theirs.Zip(ours))
                {
                    var gradient = a.detach() * 0.2 + randn(a.shape, dtype: dtype, generator: random).pow(5) * (step % 3);
                    a.grad = gradient.clone().DetachFromDisposeScope();
                    b.grad = gradient.clone().DetachFromDisposeScope();
                }

                var rate = 0.003 / (1 + step % 4);
                Optimizers.SetLearningRate(library, rate);
                library.step();
                engine.Step(rate);
            }

            foreach (var (a, b) in theirs.Zip(ours)) (a - b).abs().max().to(ScalarType.Float64).item<double>().ShouldBeLessThan(tolerance * Math.Max(1, a.abs().max().to(ScalarType.Float64).item<double>()));
        }
    }

    [Fact]
    public void A_step_size_that_is_set_is_used()
    {
        foreach (var kind in Enum.GetValues<OptimizerKind>())
        {
            var parameter = new Parameter(tensor(new[] { 1.0 }, [1]));
            using var optimizer = Optimizers.Create(new(kind, 0.1), [parameter]);
            Optimizers.SetLearningRate(optimizer, 0);
            using var scope = NewDisposeScope();
            parameter.square().sum().backward();
            optimizer.step();
            parameter.data<double>()[0].ShouldBe(1, kind.ToString());
        }
    }

    [Fact]
    public void Without_a_schedule_the_step_size_stays()
    {
        foreach (var step in (int[])[1, 50, 100]) LearningRate.At(new(OptimizerKind.Adam, 0.5), step, 100).ShouldBe(0.5);
    }

    [Fact]
    public void Warm_up_rises_linearly_and_ends_at_the_full_step_size()
    {
        var spec = new OptimizerSpec(OptimizerKind.Adam, 2, Schedule: new(ScheduleKind.Constant, WarmUp: 4));
        Enumerable.Range(1, 6).Select(step => LearningRate.At(spec, step, 100)).ShouldBe([0.5, 1, 1.5, 2, 2, 2]);
    }

    [Fact]
    public void A_step_schedule_falls_every_so_many_steps_after_warm_up()
    {
        var spec = new OptimizerSpec(OptimizerKind.Adam, 8, Schedule: new(ScheduleKind.Step, WarmUp: 1, Every: 2, Factor: 0.5));
        Enumerable.Range(1, 7).Select(step => LearningRate.At(spec, step, 7)).ShouldBe([8, 8, 8, 4, 4, 2, 2]);
    }

    [Fact]
    public void A_cosine_starts_at_the_full_step_size_and_ends_at_its_floor()
    {
        var spec = new OptimizerSpec(OptimizerKind.Adam, 1, Schedule: new(ScheduleKind.Cosine, Floor: 0.1));
        LearningRate.At(spec, 1, 101).ShouldBe(1);
        LearningRate.At(spec, 51, 101).ShouldBe(0.55, 1e-12);
        LearningRate.At(spec, 101, 101).ShouldBe(0.1, 1e-12);
        LearningRate.At(spec, 1, 1).ShouldBe(1);
    }

    [Fact]
    public void A_schedule_changes_what_is_learnt()
    {
        float[] Losses(ScheduleSpec? schedule) =>
            [.. Trials.Curve(Trials.Run(Trials.Spec() with { Train = Trials.Spec().Train with { Optimizer = new(OptimizerKind.Adam, 0.01, Schedule: schedule) } }).Frames, "train.loss").Values];
        Losses(new(ScheduleKind.Constant)).ShouldBe(Losses(null));
        Losses(new(ScheduleKind.Cosine)).ShouldNotBe(Losses(null));
    }

    [Fact]
    public void Clipping_by_value_bounds_every_entry_and_reports_the_norm_before()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new Parameter(zeros(3))];
        parameters[0].grad = tensor([3f, -4f, 0.5f]);
        var spec = new TrainSpec(1, 1, new(OptimizerKind.Adam, 0.1), null, ClipValue: 1);
        var found = GradientClip.Apply(tensor(0f), parameters, spec);
        found.Norm.ShouldBe(Math.Sqrt(25.25), 1e-6);
        found.Clipped.ShouldBeTrue();
        parameters[0].grad!.data<float>().ToArray().ShouldBe([1f, -1f, 0.5f]);
        GradientClip.Apply(tensor(0f), parameters, spec).Clipped.ShouldBeFalse();
    }

    [Theory]
    [InlineData(OptimizerKind.Adam, 0.5, null, "momentum belongs to")]
    [InlineData(OptimizerKind.Sgd, 1.0, null, "momentum must be")]
    [InlineData(OptimizerKind.Adam, null, 0.1, "weight_decay belongs to")]
    [InlineData(OptimizerKind.AdamW, null, -0.1, "weight_decay must not")]
    public void Settings_that_an_optimizer_does_not_have_are_refused(OptimizerKind kind, double? momentum, double? decay, string part) =>
        Optimizers.Faults(new(kind, 0.1, momentum, decay)).Single().ShouldContain(part);

    [Fact]
    public void Schedules_are_checked()
    {
        string Fault(ScheduleSpec schedule) => Optimizers.Faults(new(OptimizerKind.Adam, 0.1, Schedule: schedule)).Single();
        Fault(new(ScheduleKind.Step)).ShouldContain("every");
        Fault(new(ScheduleKind.Cosine, Every: 3)).ShouldContain("belong to the step schedule");
        Fault(new(ScheduleKind.Constant, Floor: 0.1)).ShouldContain("floor");
        Fault(new(ScheduleKind.Constant, WarmUp: -1)).ShouldContain("warm_up");
        Fault(new((ScheduleKind)9)).ShouldContain("'9'");
        Optimizers.Faults(new(OptimizerKind.Adam, 0.1, Schedule: new(ScheduleKind.Step, 10, 100, 0.5))).ShouldBeEmpty();
    }
}
