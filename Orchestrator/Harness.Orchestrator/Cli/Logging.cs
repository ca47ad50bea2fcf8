namespace Harness.Orchestrator.Cli;

/// <summary>Log lines for people, on standard error.</summary>
internal static class Logging
{
    public static ILoggerFactory ToStandardError(bool verbose) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Error);
        builder.AddFilter("Harness", verbose ? LogLevel.Debug : LogLevel.Warning);

        // At every start the watchdog takes the machine's uptime for a stuck thread; real silence shows in the leases.
        builder.AddFilter("Orleans.Runtime.Watchdog", LogLevel.Critical);
        builder.AddSimpleConsole(options =>
        {
            options.SingleLine = true;
            options.TimestampFormat = "HH:mm:ss ";
            options.UseUtcTimestamp = true;
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(options => options.LogToStandardErrorThreshold = LogLevel.Trace);
    });
}
