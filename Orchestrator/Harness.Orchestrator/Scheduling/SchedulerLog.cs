using Harness.Experiments.Contracts;
using Harness.Experiments.Results;

namespace Harness.Orchestrator.Scheduling;

internal static partial class SchedulerLog
{
    [LoggerMessage(101, LogLevel.Information, "{Attempt}: {Label} leased to {Worker}")]
    public static partial void Leased(ILogger log, string attempt, string label, string worker);

    [LoggerMessage(102, LogLevel.Information, "{Attempt}: {End}, trial is {State}. {Message}")]
    public static partial void Ended(ILogger log, string attempt, AttemptEnd end, TrialState state, string? message);

    [LoggerMessage(103, LogLevel.Error, "Leases are no longer checked: the database cannot be written.")]
    public static partial void SweepFailed(ILogger log, Exception error);

    [LoggerMessage(104, LogLevel.Warning, "The database cannot be written: {Reason} Training goes on, nothing is lost, and writing is tried again.")]
    public static partial void StoreTrouble(ILogger log, string reason);

    [LoggerMessage(105, LogLevel.Warning, "The database can be written again.")]
    public static partial void StoreWell(ILogger log);

    [LoggerMessage(120, LogLevel.Warning, "Refused the call '{Call}' of a worker: {Reason}")]
    public static partial void CallRefused(ILogger log, string call, string reason);
}
