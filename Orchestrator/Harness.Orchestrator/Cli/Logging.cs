namespace Harness.Orchestrator.Cli;

/// <summary>Log lines for people, on standard error.</summary>
internal static class Logging
{
    public static ILoggerFactory ToStandardError(bool verbose, bool inCluster = false) => LoggerFactory.Create(builder =>
    {
        builder.SetMinimumLevel(LogLevel.Error);
        builder.AddFilter("Harness", verbose ? LogLevel.Debug : LogLevel.Warning);

        // Whoever is out of reach for a while is what a cluster is made for; our own lines say it once.
        if (inCluster && !verbose) builder.AddFilter("Orleans", LogLevel.Critical);

        // What does not start says why by an exception, which is told, or cured.
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
