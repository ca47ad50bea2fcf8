using Harness.Server.Hosting.Security;

namespace Harness.Server.Hosting;

/// <summary>A silo that was declared dead by the others ends its process, with the code that asks for a new start, in place of a core dump.</summary>
internal sealed class EvictionHandler(ILogger<EvictionHandler> log) : IFatalErrorHandler
{
    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender = null, string? context = null, Exception? exception = null)
    {
        HostingLog.Evicted(log, exception, context);
        // Trainers end by themselves when their input closes, each with a checkpoint.
        Environment.Exit(ExitCode.StartAgain);
    }
}
