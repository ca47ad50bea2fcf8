namespace Harness.Store;

/// <summary>What was asked for cannot be meant; the message says what to ask for instead. Nothing was started.</summary>
internal sealed class UsageException(string message) : Exception(message);
