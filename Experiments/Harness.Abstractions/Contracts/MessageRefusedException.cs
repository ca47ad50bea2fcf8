namespace Harness.Abstractions.Contracts;

/// <summary>The server will never accept a message; the text says which part and why. Sending it again does not help.</summary>
[GenerateSerializer, Alias("harness.message-refused")]
public sealed class MessageRefusedException(string message) : Exception(message);
