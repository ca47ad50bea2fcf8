namespace Harness.Orchestrator.Api;

internal static partial class ApiLog
{
    [LoggerMessage(301, LogLevel.Warning, "The pages cannot be kept up to date: the database could not be read.")]
    public static partial void FeedFailed(ILogger log, Exception error);

    [LoggerMessage(302, LogLevel.Error, "{Method} {Path} failed.")]
    public static partial void RequestFailed(ILogger log, Exception error, string method, string path);

    [LoggerMessage(303, LogLevel.Warning, "Others than its owner could read '{Path}': the tokens in it are no longer valid. New ones are there now.")]
    public static partial void TokensWereOpen(ILogger log, string path);
}
