using Harness.Reports.Model;
using Harness.Workers;

namespace Harness.Tests.Workers;

public sealed class ProcessorTemperatureTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void The_hottest_sensor_of_the_processor_counts_and_no_other_devices()
    {
        Monitor(0, "nvme", ("temp1", "91000", null));
        Monitor(1, "coretemp", ("temp1", "52000", "Package id 0"), ("temp2", "54500", "Core 0"), ("temp3", "garbage", "Core 1"), ("temp4", "255000", "Core 2"));
        Monitor(2, "coretemp", ("temp1", "49000\n", "Package id 1"));
        Zone(0, "x86_pkg_temp", "99000");
        ProcessorTemperature.Read(folder.Path).ShouldBe(54.5);
    }

    [Fact]
    public void A_control_value_is_no_temperature_where_there_is_one()
    {
        Monitor(0, "k10temp", ("temp1", "87000", "Tctl"), ("temp2", "60000", "Tdie"));
        ProcessorTemperature.Read(folder.Path).ShouldBe(60);
        Monitor(0, "k10temp", ("temp1", "58250", "Tctl"));
        File.Delete(Path.Combine(folder.Path, "hwmon", "hwmon0", "temp2_input"));
        File.Delete(Path.Combine(folder.Path, "hwmon", "hwmon0", "temp2_label"));
        ProcessorTemperature.Read(folder.Path).ShouldBe(58.25);
    }

    [Fact]
    public void Without_monitors_the_thermal_zones_tell()
    {
        Zone(0, "acpitz", "27800");
        ProcessorTemperature.Read(folder.Path).ShouldBeNull("a board is no processor");
        Zone(1, "cpu-thermal", "47236");
        ProcessorTemperature.Read(folder.Path).ShouldBe(47.236);
    }

    [Fact]
    public void What_is_not_there_is_absent()
    {
        ProcessorTemperature.Read(folder.Path).ShouldBeNull();
        Monitor(0, "coretemp");
        ProcessorTemperature.Read(folder.Path).ShouldBeNull();
        ProcessorTemperature.Read(folder.File("nowhere")).ShouldBeNull();
    }

    private void Monitor(int number, string name, params (string Sensor, string Value, string? Label)[] sensors)
    {
        var monitor = Directory.CreateDirectory(Path.Combine(folder.Path, "hwmon", FormattableString.Invariant($"hwmon{number}"))).FullName;
        File.WriteAllText(Path.Combine(monitor, "name"), name + "\n");
        foreach (var (sensor, value, label) in sensors)
        {
            File.WriteAllText(Path.Combine(monitor, sensor + "_input"), value);
            if (label is not null) File.WriteAllText(Path.Combine(monitor, sensor + "_label"), label + "\n");
        }
    }

    private void Zone(int number, string type, string value)
    {
        var zone = Directory.CreateDirectory(Path.Combine(folder.Path, "thermal", FormattableString.Invariant($"thermal_zone{number}"))).FullName;
        File.WriteAllText(Path.Combine(zone, "type"), type + "\n");
        File.WriteAllText(Path.Combine(zone, "temp"), value + "\n");
    }
}
