using System.Diagnostics;
using System.Globalization;
using System.Text;
using Harness.Server.Hosting;
using Harness.Store.Views;

namespace Harness.Server.Api;

/// <summary>The server's measurements in Prometheus' text format, version 0.0.4.</summary>
internal static class PrometheusText
{
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    private static readonly string[] states = ["pending", "running", "backing_off", "completed", "diverged", "failed", "cancelled"];

    public static async Task<IResult> Write(ClusterViews views, EmbeddedHarness harness, CancellationToken cancellation)
    {
        var trials = await views.AllTrials(cancellation);
        var queue = await views.Queue(cancellation);
        var (workers, _) = await views.Capacity(cancellation);
        var events = await views.Read(ClusterReader.LastEvent, cancellation);
        var text = new StringBuilder();
        Gauge("harness_trials", "Trials by state.", [.. states.Select(state => ($"{{state=\"{state}\"}}", (double)trials.Of(state)))]);
        Gauge("harness_workers", "Workers that are there.", [("", workers)]);
        Gauge("harness_slots", "Trials that the workers can run at once.", [("", queue.Slots)]);
        Gauge("harness_slots_busy", "Slots that train something.", [("", queue.Busy)]);
        Gauge("harness_trials_waiting", "Trials that wait, of experiments that are not cancelled.", [("", queue.Queue.Sum(entry => entry.Waiting))]);
        Gauge("harness_store_trouble", "1 while the database takes no writes.", [("", harness.Store.Trouble is null ? 0 : 1)]);
        Metric("harness_events_total", "counter", "Events since the database was made.", [("", events)]);
        using var process = Process.GetCurrentProcess();
        Gauge("process_resident_memory_bytes", "Resident memory of the server.", [("", process.WorkingSet64)]);
        Metric("process_cpu_seconds_total", "counter", "Processor time of the server.", [("", process.TotalProcessorTime.TotalSeconds)]);
        return Results.Text(text.ToString(), ContentType);

        void Gauge(string name, string help, (string Labels, double Value)[] values) => Metric(name, "gauge", help, values);

        void Metric(string name, string type, string help, (string Labels, double Value)[] values)
        {
            text.Append(CultureInfo.InvariantCulture, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            foreach (var (labels, value) in values) text.Append(CultureInfo.InvariantCulture, $"{name}{labels} {value:R}\n");
        }
    }
}
