using Harness.Reports.Model;
using Harness.Training.Native;
using TorchSharp;

namespace Harness.Tests.Training;

public sealed class TorchLibraryTests
{
    [Fact]
    public void Loads_the_libtorch_that_the_shim_is_built_for() =>
        TorchLibrary.Load().Version.ToString(2).ShouldBe("2.10");

    [Fact]
    public void Libtorch_is_in_the_process_once()
    {
        if (!OperatingSystem.IsLinux()) Assert.Skip("Reads /proc.");
        using (torch.zeros(1)) { }
        File.ReadLines("/proc/self/maps").Where(line => line.EndsWith("libtorch_cpu.so", StringComparison.Ordinal))
            .Select(line => line[line.IndexOf('/', StringComparison.Ordinal)..]).Distinct(StringComparer.Ordinal).Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(null, 1)]
    [InlineData(" ", 1)]
    [InlineData("3", 3)]
    public void Threads_are_one_unless_told_otherwise(string? wanted, int threads) => TorchEnvironment.Threads(wanted).ShouldBe(threads);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("two")]
    [InlineData("99999999999")]
    public void A_thread_count_that_makes_no_sense_is_refused_by_name(string wanted) =>
        Should.Throw<TorchUnavailableException>(() => TorchEnvironment.Threads(wanted)).Message.ShouldContain("HARNESS_TORCH_THREADS");
}
