namespace Harness.Store.Files;

internal static partial class FolderLog
{
    [LoggerMessage(207, LogLevel.Warning, "'{Path}' was open to other users. Now only its owner can read it.")]
    public static partial void FolderWasOpen(ILogger log, string path);

    [LoggerMessage(208, LogLevel.Warning, "'{Path}' stays open to other users: {Reason}")]
    public static partial void FolderStaysOpen(ILogger log, string path, string reason);
}
