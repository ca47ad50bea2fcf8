namespace Harness.Training.Shared;

/// <summary>The spec cannot be executed as asked. The message says why and names what is known.</summary>
internal sealed class TrialRejectedException(string message) : Exception(message);
