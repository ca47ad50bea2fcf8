using Harness.Workers;
using Harness.Workers.Trainer;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Workers;

public sealed class MachineLoadTests
{
    [Theory]
    [InlineData("cpu  100 20 30 400 50 6 7 8 90 10\ncpu0 1 2 3 4\n", 171L, 621L)]
    [InlineData("cpu 1 2 3 4", 6L, 10L)]
    public void Processor_times_are_those_of_proc_stat(string text, long busy, long all) => MachineLoad.ProcessorTimes(text).ShouldBe((busy, all));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("intr 1 2 3 4")]
    [InlineData("cpu 1 2 x 4")]
    public void What_is_not_told_is_not_known(string? text)
    {
        MachineLoad.ProcessorTimes(text).ShouldBeNull();
        MachineLoad.Memory(text).ShouldBe((null, null));
    }

    [Fact]
    public void Memory_is_that_of_proc_meminfo()
    {
        MachineLoad.Memory("MemTotal:       16384 kB\nMemFree:         1000 kB\nMemAvailable:    4096 kB\n").ShouldBe((12288L * 1024, 16384L * 1024));
        MachineLoad.Memory("MemTotal:       16384 kB\n").ShouldBe((null, 16384L * 1024));
    }

    [Fact]
    public void Shares_are_known_from_the_second_time_on()
    {
        var time = new FakeTimeProvider();
        var load = new MachineLoad(time, () => null);
        var first = load.Take([]);
        (first.Processor, first.OwnProcessor).ShouldBe((null, null));
        first.OwnMemory.ShouldNotBeNull().ShouldBeGreaterThan(0);
        time.Advance(TimeSpan.FromSeconds(3));
        var second = load.Take([int.MaxValue]);
        second.OwnProcessor.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(0);
        if (second.Processor is { } share) share.ShouldBeInRange(0, 1);
        if (OperatingSystem.IsLinux()) second.MemoryUsed.ShouldNotBeNull().ShouldBeInRange(1, second.MemoryTotal!.Value);
    }

    [Fact]
    public void The_end_of_what_a_trainer_wrote_is_kept_within_bounds()
    {
        var tail = new ErrorTail(100);
        for (var i = 0; i < 60; i++) tail.Add(FormattableString.Invariant($"line {i}"));
        tail.All.Length.ShouldBeInRange(80, 100);
        tail.All.ShouldEndWith("line 58\nline 59");
        tail.Add(new string('x', 5000));
        tail.All.ShouldBeEmpty("a line that is longer than everything is not kept");
        tail.Add("after");
        tail.ToString().ShouldBe("after");
        tail.Clear();
        tail.All.ShouldBeEmpty();
    }
}
