using Microsoft.Extensions.Logging;

namespace Harness.Workers;

internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Warning, "The orchestrator did not answer: {Reason}")]
    public static partial void NoAnswer(ILogger log, string reason);

    [LoggerMessage(2, LogLevel.Information, "{Attempt}: the orchestrator refused the end of this attempt; another one counts.")]
    public static partial void EndRefused(ILogger log, string attempt);

    [LoggerMessage(3, LogLevel.Information, "{Attempt}: abandoned, the worker leaves at once.")]
    public static partial void Abandoned(ILogger log, string attempt);

    [LoggerMessage(4, LogLevel.Information, "{Attempt}: started on slot {Slot}: {Label}")]
    public static partial void Started(ILogger log, string attempt, int slot, string label);

    [LoggerMessage(5, LogLevel.Information, "{Attempt}: revoked by the orchestrator.")]
    public static partial void Revoked(ILogger log, string attempt);

    [LoggerMessage(6, LogLevel.Information, "Leaving: {Running} running trials get {Grace} to finish.")]
    public static partial void Draining(ILogger log, int running, TimeSpan grace);

    [LoggerMessage(8, LogLevel.Error, "{Attempt}: the slot failed unexpectedly.")]
    public static partial void SlotFailed(ILogger log, Exception error, string attempt);
}
