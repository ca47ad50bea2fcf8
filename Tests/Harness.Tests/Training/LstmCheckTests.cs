using Harness.Training.Native;

namespace Harness.Tests.Training;

public sealed class LstmCheckTests
{
    /// <summary>On a Zen 5 with oneDNN on, the first three sizes differ by 0.05 to 0.9 at every batch.</summary>
    [Theory]
    [InlineData(4)]
    [InlineData(9)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(64)]
    public void Library_LSTM_evaluates_in_float32_as_in_float64(int hidden)
    {
        foreach (var inputs in (int[])[1, 9])
            foreach (var batch in (int[])[1, 32, 330])
                LstmCheck.Difference(inputs, hidden, batch, steps: 12).ShouldBeLessThan(1e-5, $"{inputs} inputs, batch {batch}");
    }

    [Fact]
    public void OneDnn_is_off_and_can_be_switched()
    {
        OneDnn.Use(TorchLibrary.Handle, true).ShouldBeTrue();
        OneDnn.Disable(TorchLibrary.Handle).ShouldBeTrue();
    }

    [Fact]
    public void A_library_without_the_switch_is_reported() => OneDnn.Disable(System.Runtime.InteropServices.NativeLibrary.GetMainProgramHandle()).ShouldBeFalse();
}
