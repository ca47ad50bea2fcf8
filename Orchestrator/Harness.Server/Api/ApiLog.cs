namespace Harness.Server.Api;

internal static partial class ApiLog
{
    [LoggerMessage(301, LogLevel.Warning, "Open pages are not updated: the database could not be read.")]
    public static partial void FeedFailed(ILogger log, Exception error);

    [LoggerMessage(302, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger log, Exception error, string method, string path);

    [LoggerMessage(303, LogLevel.Warning, "'{Path}' was readable by other users. Its tokens were revoked and replaced.")]
    public static partial void TokensWereOpen(ILogger log, string path);
}
