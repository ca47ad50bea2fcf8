using Microsoft.Extensions.Logging;

namespace Harness.Workers.Connection;

internal static partial class WorkerLog
{
    [LoggerMessage(1, LogLevel.Warning, "The server does not answer: {Reason} Training continues; its measurements are delivered later.")]
    public static partial void NoAnswer(ILogger log, string reason);

    [LoggerMessage(14, LogLevel.Warning, "The server answers again.")]
    public static partial void AnswersAgain(ILogger log);

    [LoggerMessage(2, LogLevel.Information, "{Attempt}: the server refused the end of this attempt, because a newer attempt exists.")]
    public static partial void EndRefused(ILogger log, string attempt);

    [LoggerMessage(3, LogLevel.Information, "{Attempt}: abandoned, the worker exits at once.")]
    public static partial void Abandoned(ILogger log, string attempt);

    [LoggerMessage(4, LogLevel.Information, "{Attempt}: started on slot {Slot}: {Label}")]
    public static partial void Started(ILogger log, string attempt, int slot, string label);

    [LoggerMessage(5, LogLevel.Information, "{Attempt}: revoked by the server.")]
    public static partial void Revoked(ILogger log, string attempt);

    [LoggerMessage(6, LogLevel.Information, "Stopping: {Running} running trials leave a checkpoint and are released.")]
    public static partial void Draining(ILogger log, int running);

    [LoggerMessage(7, LogLevel.Warning, "{Worker} was declared lost; rejoining as {Successor}.")]
    public static partial void ComingBack(ILogger log, string worker, string successor);

    [LoggerMessage(8, LogLevel.Error, "{Attempt}: the slot failed unexpectedly.")]
    public static partial void SlotFailed(ILogger log, Exception error, string attempt);

    [LoggerMessage(9, LogLevel.Information, "{Attempt}: resumes from step {Step}.")]
    public static partial void Resumed(ILogger log, string attempt, int step);

    [LoggerMessage(10, LogLevel.Warning, "{Attempt}: checkpoint {File} was refused: {Reason}. Training resumes from step {Step}.")]
    public static partial void CheckpointRefused(ILogger log, string attempt, string file, string reason, int step);

    [LoggerMessage(11, LogLevel.Warning, "{Attempt}: no checkpoint at step {Step}: {Reason} Training continues without it.")]
    public static partial void CheckpointFailed(ILogger log, string attempt, int step, string reason);

    [LoggerMessage(12, LogLevel.Warning, "Checkpoint files of trial {Trial} could not be moved or deleted: {Reason}")]
    public static partial void FilesLeft(ILogger log, string trial, string reason);

    [LoggerMessage(15, LogLevel.Warning, "{Attempt}: its files could not be fetched from the server yet: {Reason}")]
    public static partial void NotFetched(ILogger log, string attempt, string reason);

    [LoggerMessage(16, LogLevel.Warning, "{Attempt}: the checkpoint of step {Step} stays on this machine: {Reason}")]
    public static partial void NotPushed(ILogger log, string attempt, int step, string reason);

    [LoggerMessage(17, LogLevel.Warning, "A trainer crashed while the worker started; it is restarted. {Reason}")]
    public static partial void IntroductionFailed(ILogger log, string reason);

    [LoggerMessage(18, LogLevel.Error, "{Attempt}: the server refused a message: {Reason}")]
    public static partial void Refused(ILogger log, string attempt, string reason);

    [LoggerMessage(19, LogLevel.Warning, "Slot {Slot}: the trainer has not answered for {Seconds} s while it starts. It is killed after {Limit} s.")]
    public static partial void TrainerSlow(ILogger log, int slot, double seconds, double limit);

    [LoggerMessage(20, LogLevel.Error, "{Attempt}: the trainer wrote a line that cannot be read: {Reason}")]
    public static partial void Unreadable(ILogger log, string attempt, string reason);

    [LoggerMessage(13, LogLevel.Information, "{Attempt}: its trainer ended before it took the trial; a new one starts. {Reason}")]
    public static partial void TrainerReplaced(ILogger log, string attempt, string reason);
}
