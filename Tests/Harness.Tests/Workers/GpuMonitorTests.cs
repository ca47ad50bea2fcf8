using Harness.Abstractions.Contracts;
using Harness.Reports.Model;
using Harness.Workers;
using Harness.Workers.Devices;
using Microsoft.Extensions.Time.Testing;

namespace Harness.Tests.Workers;

public sealed class GpuMonitorTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void What_the_driver_tells_is_told_in_shares_bytes_degrees_and_watts()
    {
        var monitor = new GpuMonitor(() => new FakeNvml(), time);
        monitor.Read().ShouldBe([
            new DeviceLoad(0, "NVIDIA Test 0", 0.87, 3L << 30, 16L << 30, 61, 250.5),
            new DeviceLoad(1, "NVIDIA Test 1", 0.87, 3L << 30, 16L << 30, 61, 250.5),
        ]);
    }

    [Theory]
    [InlineData(nameof(INvml.Name))]
    [InlineData(nameof(INvml.Utilisation))]
    [InlineData(nameof(INvml.Memory))]
    [InlineData(nameof(INvml.Temperature))]
    [InlineData(nameof(INvml.Power))]
    public void What_it_does_not_tell_is_absent_and_never_zero(string call)
    {
        var whole = new GpuMonitor(() => new FakeNvml(), time).Read()![1];
        var expected = call switch
        {
            nameof(INvml.Name) => whole with { Name = null },
            nameof(INvml.Utilisation) => whole with { Utilisation = null },
            nameof(INvml.Memory) => whole with { MemoryUsed = null, MemoryTotal = null },
            nameof(INvml.Temperature) => whole with { Temperature = null },
            _ => whole with { Power = null },
        };
        foreach (var code in new[] { NvmlReturn.NotSupported, NvmlReturn.FunctionNotFound, NvmlReturn.GpuIsLost, NvmlReturn.Unknown })
        {
            var library = new FakeNvml();
            library.Answers[(call, 1)] = code;
            new GpuMonitor(() => library, time).Read().ShouldBe([whole with { Index = 0, Name = "NVIDIA Test 0" }, expected]);
        }
    }

    [Fact]
    public void What_cannot_be_is_not_believed()
    {
        var library = new FakeNvml { Percent = 101, Used = 17UL << 30 };
        var device = new GpuMonitor(() => library, time).Read()![0];
        (device.Utilisation, device.MemoryUsed, device.MemoryTotal).ShouldBe((null, null, null));
        new GpuMonitor(() => new FakeNvml { Devices = uint.MaxValue }, time).Read().ShouldBeNull();
    }

    [Fact]
    public void Without_library_driver_or_device_there_is_nothing_and_nobody_asks_again()
    {
        var asked = 0;
        var monitor = new GpuMonitor(() =>
        {
            asked++;
            return null;
        }, time);
        monitor.Read().ShouldBeNull();
        monitor.Read().ShouldBeNull();
        asked.ShouldBe(1);
        foreach (var call in new[] { nameof(INvml.Init), nameof(INvml.Count) })
        {
            var library = new FakeNvml();
            library.Answers[(call, 0)] = NvmlReturn.Unknown;
            new GpuMonitor(() => library, time).Read().ShouldBeNull();
        }

        new GpuMonitor(() => new FakeNvml { Devices = 0 }, time).Read().ShouldBeNull();
    }

    [Fact]
    public void A_device_that_is_lost_is_left_out_and_the_others_keep_their_numbers()
    {
        var library = new FakeNvml();
        library.Answers[(nameof(INvml.Handle), 0)] = NvmlReturn.GpuIsLost;
        var monitor = new GpuMonitor(() => library, time);
        monitor.Read().ShouldHaveSingleItem().Index.ShouldBe(1);
        library.Answers[(nameof(INvml.Handle), 1)] = NvmlReturn.GpuIsLost;
        monitor.Read().ShouldBeNull();
        library.Answers.Clear();
        monitor.Read().ShouldNotBeNull().Count.ShouldBe(2);
    }

    [Fact]
    public void Power_is_the_mean_since_the_last_reading_where_the_board_counts_its_energy()
    {
        var library = new FakeNvml { Energies = true, Millijoules = 5_000_000 };
        var monitor = new GpuMonitor(() => library, time);
        monitor.Read()![0].Power.ShouldBe(250.5, "of the moment, the first time");
        time.Advance(TimeSpan.FromSeconds(4));
        library.Millijoules += 1_200_000;
        monitor.Read()![0].Power.ShouldBe(300);
        // A driver that was loaded anew counts from the beginning.
        time.Advance(TimeSpan.FromSeconds(4));
        library.Millijoules = 100;
        monitor.Read()![0].Power.ShouldBe(250.5);
        time.Advance(TimeSpan.FromSeconds(2));
        library.Millijoules += 200_000;
        monitor.Read()![0].Power.ShouldBe(100);
    }

    [Fact]
    public async Task A_driver_that_does_not_answer_holds_no_heartbeat_up()
    {
        using var answers = new ManualResetEventSlim();
        var readings = 0;
        DeviceLoad device = new(0, "one", 0.5, null, null, null, null);
        var load = new MachineLoad(time, () =>
        {
            Interlocked.Increment(ref readings);
            answers.Wait();
            return [device];
        });
        for (var beat = 0; beat < 5; beat++) load.Take([]).Devices.ShouldBeNull();
        readings.ShouldBeLessThanOrEqualTo(1);
        answers.Set();
        IReadOnlyList<DeviceLoad>? found;
        while ((found = load.Take([]).Devices) is null) await Task.Yield();
        found.ShouldBe([device]);
    }

    [Fact]
    public void A_reading_that_fails_is_none()
    {
        var load = new MachineLoad(time, () => throw new InvalidOperationException());
        for (var beat = 0; beat < 5; beat++) load.Take([]).Devices.ShouldBeNull();
    }

    /// <summary>A library with two devices, of which each call answers as it is told.</summary>
    private sealed class FakeNvml : INvml
    {
        public Dictionary<(string Call, nint Device), NvmlReturn> Answers { get; } = [];

        public uint Devices { get; init; } = 2;

        public uint Percent { get; init; } = 87;

        public ulong Used { get; init; } = 3UL << 30;

        public bool Energies { get; init; }

        public ulong Millijoules { get; set; }

        public NvmlReturn Init() => Answer(nameof(Init), 0);

        // What a failed call leaves behind must not be taken for an answer: here it is never 0.
        public NvmlReturn Count(out uint devices)
        {
            devices = Devices;
            return Answer(nameof(Count), 0);
        }

        public NvmlReturn Handle(uint index, out nint device)
        {
            device = (nint)index;
            return Answer(nameof(Handle), device);
        }

        public NvmlReturn Name(nint device, out string name)
        {
            name = FormattableString.Invariant($"NVIDIA Test {device}");
            return Answer(nameof(Name), device);
        }

        public NvmlReturn Utilisation(nint device, out uint percent)
        {
            percent = Percent;
            return Answer(nameof(Utilisation), device);
        }

        public NvmlReturn Memory(nint device, out ulong used, out ulong total)
        {
            (used, total) = (Used, 16UL << 30);
            return Answer(nameof(Memory), device);
        }

        public NvmlReturn Temperature(nint device, out uint celsius)
        {
            celsius = 61;
            return Answer(nameof(Temperature), device);
        }

        public NvmlReturn Power(nint device, out uint milliwatts)
        {
            milliwatts = 250_500;
            return Answer(nameof(Power), device);
        }

        public NvmlReturn Energy(nint device, out ulong millijoules)
        {
            millijoules = Millijoules;
            return Energies ? Answer(nameof(Energy), device) : NvmlReturn.NotSupported;
        }

        private NvmlReturn Answer(string call, nint device) => Answers.GetValueOrDefault((call, device), NvmlReturn.Success);
    }
}
