namespace Harness.Training.Protocol;

/// <summary>What class of failure an exception is, as far as the trainer can tell.</summary>
internal static class FailureReason
{
    public const string Error = "error";
    public const string DeviceOutOfMemory = "device_out_of_memory";

    /// <remarks>libtorch has no error codes: CUDA says "CUDA out of memory", the CPU allocator "can't allocate memory" or "not enough memory".</remarks>
    public static string Of(Exception failure)
    {
        var message = failure.Message;
        return message.Contains("out of memory", StringComparison.OrdinalIgnoreCase)
            || message.Contains("can't allocate memory", StringComparison.OrdinalIgnoreCase)
            || message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase)
            ? DeviceOutOfMemory
            : Error;
    }
}
