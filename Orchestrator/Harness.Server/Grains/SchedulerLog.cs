using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Server.Grains;

internal static partial class SchedulerLog
{
    [LoggerMessage(101, LogLevel.Information, "{Attempt}: {Label} leased to {Worker}")]
    public static partial void Leased(ILogger log, string attempt, string label, string worker);

    [LoggerMessage(102, LogLevel.Information, "{Attempt}: {End}, trial is {State}. {Message}")]
    public static partial void Ended(ILogger log, string attempt, AttemptEnd end, TrialState state, string? message);

    [LoggerMessage(109, LogLevel.Information, "Experiment {Experiment}: {Stage} ended, {Added} trials follow. {Why}")]
    public static partial void Grown(ILogger log, long experiment, string stage, int added, string why);

    [LoggerMessage(110, LogLevel.Error, "Experiment {Experiment}: the next stage could not be decided.")]
    public static partial void NotGrown(ILogger log, long experiment, Exception error);

    [LoggerMessage(103, LogLevel.Error, "Expired leases are not checked: the database cannot be written.")]
    public static partial void SweepFailed(ILogger log, Exception error);

    [LoggerMessage(104, LogLevel.Warning, "The database cannot be written: {Reason} Training continues, nothing is lost, and the write is retried.")]
    public static partial void StoreTrouble(ILogger log, string reason);

    [LoggerMessage(106, LogLevel.Error, "The database refused a write for good: {Reason} Only its own attempt or request fails.")]
    public static partial void Refused(ILogger log, string reason);

    [LoggerMessage(107, LogLevel.Warning, "{Call} of {Sender} was refused: the lease's token is missing or wrong.")]
    public static partial void WrongToken(ILogger log, string call, string sender);

    [LoggerMessage(108, LogLevel.Warning, "{Call} of {Sender} was refused: {Fault}.")]
    public static partial void MessageRefused(ILogger log, string call, string sender, string fault);

    [LoggerMessage(105, LogLevel.Warning, "The database can be written again.")]
    public static partial void StoreWell(ILogger log);

    [LoggerMessage(120, LogLevel.Warning, "Refused the call '{Call}' of a worker: {Reason}")]
    public static partial void CallRefused(ILogger log, string call, string reason);
}
