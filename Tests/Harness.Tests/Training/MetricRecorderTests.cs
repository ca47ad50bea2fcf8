using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Training;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Training;

public sealed class MetricRecorderTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly List<MetricFrame> frames = [];

    private MetricRecorder Create(int first = 1, int stride = 1) => new("a", "m", first, stride, clock, frame => frames.Add((MetricFrame)frame));

    [Fact]
    public void Full_frames_start_at_every_256th_point()
    {
        var recorder = Create();
        for (var i = 0; i < 600; i++) recorder.Add(i);
        recorder.Flush();
        frames.Select(frame => (frame.FirstStep, frame.Values.Length)).ShouldBe([(1, 256), (257, 256), (513, 88)]);
        frames.SelectMany(frame => frame.Values).ShouldBe(Enumerable.Range(0, 600).Select(i => (float)i));
    }

    [Fact]
    public void A_growing_frame_is_sent_again_at_most_once_a_second_under_the_same_first_step()
    {
        var recorder = Create();
        for (var i = 0; i < 100; i++)
        {
            recorder.Add(i);
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }

        recorder.Flush();
        frames.Count.ShouldBe(10);
        frames.ShouldAllBe(frame => frame.FirstStep == 1);
        frames.Select(frame => frame.Values.Length).ShouldBe([11, 21, 31, 41, 51, 61, 71, 81, 91, 100]);
    }

    [Fact]
    public void Nothing_new_is_not_sent_again()
    {
        var recorder = Create();
        recorder.Flush();
        recorder.Add(1);
        recorder.Flush();
        recorder.Flush();
        frames.Count.ShouldBe(1);
    }

    [Fact]
    public void Strides_count_in_steps()
    {
        var recorder = Create(0, 50);
        for (var i = 0; i < 257; i++) recorder.Add(i);
        recorder.Flush();
        frames.Select(frame => (frame.FirstStep, frame.Stride, frame.Values.Length)).ShouldBe([(0, 50, 256), (256 * 50, 50, 1)]);
    }
}
