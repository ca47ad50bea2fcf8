namespace Harness.Orchestrator.Hosting;

internal static partial class HostingLog
{
    [LoggerMessage(201, LogLevel.Error, "The cluster has declared this process dead, or it cannot go on in it: {Context}. It ends, to be started again. If it never got further: has it a certificate of this cluster, and can the others reach its --listen address?")]
    public static partial void Evicted(ILogger log, Exception? error, string? context);

    [LoggerMessage(203, LogLevel.Warning, "Files of a deleted experiment are left in the data folder: {Reason}")]
    public static partial void FilesLeft(ILogger log, string reason);

    [LoggerMessage(202, LogLevel.Warning, "Worker {Worker} is gone.")]
    public static partial void WorkerGone(ILogger log, string worker);
}
