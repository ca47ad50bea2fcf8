using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Workers;
using Harness.Workers.Trainer;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orleans.Serialization;

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
    public void What_a_heartbeat_tells_travels_whole_with_what_is_absent()
    {
        using var services = new ServiceCollection().AddSerializer().BuildServiceProvider();
        var serializer = services.GetRequiredService<Serializer>();
        var load = new WorkerLoad(0.5, null, 3, null, 5, 61.5, [new DeviceLoad(0, "NVIDIA H200", 0.9, 1, 2, 45, 412.5), new DeviceLoad(1, null, null, null, null, null, null)]);
        var told = serializer.Deserialize<WorkerLoad>(serializer.SerializeToArray(load)).ShouldNotBeNull();
        told.Devices.ShouldBe(load.Devices);
        told.ShouldBe(load with { Devices = told.Devices });
        serializer.Deserialize<WorkerLoad>(serializer.SerializeToArray(new WorkerLoad(null, null, null, null, null))).ShouldBe(new WorkerLoad(null, null, null, null, null));
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
