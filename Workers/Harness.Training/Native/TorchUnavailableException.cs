namespace Harness.Training.Native;

/// <summary>libtorch cannot be used here. The message says what is wrong and names the cure.</summary>
internal sealed class TorchUnavailableException(string message, Exception? cause = null) : Exception(message, cause);
