namespace Harness.Store;

/// <summary>Something about the database that a person has to decide; the message says what, where and what next.</summary>
[GenerateSerializer, Alias("harness.store-exception")]
public class StoreException(string message, Exception? cause = null) : Exception(message, cause);

/// <summary>The database takes everything but this one write, which it will never take.</summary>
[GenerateSerializer, Alias("harness.write-refused")]
public sealed class WriteRefusedException(Exception cause) : StoreException($"The database refused a write: {cause.Message}", cause)
{
    /// <summary>The database's own words.</summary>
    public string Reason => InnerException!.Message;
}
