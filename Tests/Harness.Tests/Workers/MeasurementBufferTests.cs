using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Workers.Slots;

namespace Harness.Tests.Workers;

public sealed class MeasurementBufferTests
{
    private static readonly AttemptKey Key = new("trial", 1, "w");

    private readonly MeasurementBuffer buffer = new(Key, capacity: 4096);

    [Fact]
    public void What_a_resumption_sends_again_is_reported_once()
    {
        for (var time = 0; time < 2; time++)
        {
            buffer.Add(Points(1, 256));
            buffer.Add(Profile());
        }

        var report = buffer.Take()!;
        report.Metrics.ShouldHaveSingleItem();
        report.Gradients.ShouldHaveSingleItem();
        buffer.Take().ShouldBeNull();
    }

    [Fact]
    public void What_could_not_be_delivered_comes_back_behind_what_is_newer()
    {
        buffer.Add(Points(1, 3));
        buffer.Add(Points(257, 2));
        buffer.Add(new TrialStarted("trial#1", 1, 2, 0.5, "cpu", new(2, 2, [0], [1], 1, [1, 0], Classes: [3])));
        buffer.Add(new TrialResumed("trial#1", 9, "a.ckpt", []));
        var undelivered = buffer.Take()!;
        buffer.Add(Points(1, 5));
        buffer.Return(undelivered);

        var report = buffer.Take()!;
        report.Metrics.Select(batch => (batch.FirstStep, batch.Values.Length)).ShouldBe([(1, 5), (257, 2)], ignoreOrder: true);
        report.Sample.ShouldNotBeNull().ShouldContain("[3]");
        report.Checkpoint!.ResumedFrom.ShouldBe(9);
    }

    [Fact]
    public void It_is_full_at_its_capacity_whatever_comes_and_goes()
    {
        for (var first = 1; first < 4 * 256; first += 256)
        {
            buffer.IsFull.ShouldBeFalse();
            buffer.Add(Points(first, 256));
            buffer.Add(Points(first, 256));
        }

        buffer.IsFull.ShouldBeTrue();
        var taken = buffer.Take()!;
        buffer.IsFull.ShouldBeFalse();
        buffer.Return(taken);
        buffer.IsFull.ShouldBeTrue();
    }

    private static MetricFrame Points(int first, int count) => new("trial#1", "train.loss", first, 1, new float[count]);

    private static GradientFrame Profile() => new("trial#1", new GradientProfile(ProbeMoment.Init, 0, "h", 0, false, [1, 0.5], -0.3, 1));
}
