namespace Harness.Experiments.Starting;

/// <summary>No experiment can be made of the files; the message says why and what would help.</summary>
public sealed class StartRefusedException(string message) : Exception(message);
