using Harness.Abstractions.Results;
using Harness.Reports.Model;
using Harness.Workers.Trainer;

namespace Harness.Tests.Workers;

public sealed class VisibleDevicesTests
{
    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(1, "3")]
    public void With_one_device_or_none_there_is_nothing_to_divide(int devices, string? restriction) =>
        VisibleDevices.Of(1, devices, restriction).ShouldBeNull();

    [Fact]
    public void Every_slot_sees_one_device_and_slots_share_them_evenly() =>
        Enumerable.Range(0, 6).Select(slot => VisibleDevices.Of(slot, 4, null)).ShouldBe(["0", "1", "2", "3", "0", "1"]);

    [Theory]
    [InlineData(2, 1, 80)]
    [InlineData(2, 2, 80)]
    [InlineData(2, 3, 40)]
    [InlineData(1, 4, 20)]
    public void A_slot_has_its_share_of_the_smallest_device(int devices, int slots, long expected) =>
        VisibleDevices.MemoryPerSlot([.. new[] { 80L, 96 }.Take(devices).Select(memory => new CudaDevice("GPU", memory, "9.0"))], slots).ShouldBe(expected);

    [Fact]
    public void What_the_driver_does_not_tell_is_not_guessed() => VisibleDevices.MemoryPerSlot([], 1).ShouldBe(0);

    [Fact]
    public void A_choice_that_was_made_for_the_process_is_kept()
    {
        Enumerable.Range(0, 3).Select(slot => VisibleDevices.Of(slot, 2, "5, GPU-8f2a")).ShouldBe(["5", "GPU-8f2a", "5"]);
        Enumerable.Range(0, 3).Select(slot => VisibleDevices.Of(slot, 2, "1,2,nonsense")).ShouldBe(["1", "2", "1"]);
    }
}
