namespace Harness.Orchestrator.Cli;

/// <summary>Log lines for people, on standard error.</summary>
internal static class Logging
{
    public static ILoggerFactory ToStandardError(bool verbose, bool inCluster = false) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Error);
        builder.AddFilter("Harness", verbose ? LogLevel.Debug : LogLevel.Warning);

        // Unreachable members are normal in a cluster; our own log lines report them once.
        if (inCluster && !verbose) builder.AddFilter("Orleans", LogLevel.Critical);

        // A failed start throws an exception, which is reported or handled.
        builder.AddFilter("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical);

        // At every start the watchdog takes the machine's uptime for a stuck thread; real silence shows in the leases.
        builder.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Critical);
        builder.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss'Z' ";
            options.UseUtcTimestamp = true;
            // Standard error is cleaned of escape sequences.
            options.ColorBehavior = Microsoft.Extensions.Logging.Console.LoggerColorBehavior.Disabled;
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
