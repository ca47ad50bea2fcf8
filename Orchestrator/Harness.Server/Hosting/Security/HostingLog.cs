namespace Harness.Server.Hosting.Security;

internal static partial class HostingLog
{
    [LoggerMessage(201, LogLevel.Error, "The cluster has declared this process dead, or it lost the cluster: {Context}. Exiting for restart. If this repeats, check that the others reach its --listen address.")]
    public static partial void Evicted(ILogger log, Exception? error, string? context);

    [LoggerMessage(203, LogLevel.Warning, "Files of a deleted experiment are left in the data folder: {Reason}")]
    public static partial void FilesLeft(ILogger log, string reason);

    [LoggerMessage(202, LogLevel.Warning, "Worker {Worker} is lost.")]
    public static partial void WorkerGone(ILogger log, string worker);

    [LoggerMessage(204, LogLevel.Warning, "Refused a connection from {Address}: {Reason}.")]
    public static partial void CallerRefused(ILogger log, string address, string reason);

    [LoggerMessage(205, LogLevel.Warning, "No connection to the process at {Address}: {Reason}.")]
    public static partial void ListenerRefused(ILogger log, string address, string reason);

    [LoggerMessage(206, LogLevel.Warning, "'{Path}' was readable by other users. It was replaced; restart the workers.")]
    public static partial void SecretWasOpen(ILogger log, string path);
}
