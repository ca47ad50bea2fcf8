using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Harness.Benchmarks;

/// <summary>
/// How long the server had each request in hand, from its head to the end of its answer: without the client, without the way between them, and
/// without the wait for a thread that looks at the connection. What the server waits for meanwhile counts.
/// </summary>
internal sealed class ServerClock : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";

    private readonly List<IDisposable> subscriptions = [];
    private readonly ConcurrentDictionary<string, ConcurrentBag<double>> times = new(StringComparer.Ordinal);

    public ServerClock() => subscriptions.Add(DiagnosticListener.AllListeners.Subscribe(this));

    /// <summary>Milliseconds of every request for an address, its query included; with the method in front unless that is GET.</summary>
    public double[] Of(string route) => times.TryGetValue(route, out var known) ? [.. known] : [];

    public double[] All => [.. times.Values.SelectMany(bag => bag)];

    public void Clear() => times.Clear();

    void IObserver<DiagnosticListener>.OnNext(DiagnosticListener value)
    {
        if (value.Name == "Microsoft.AspNetCore") subscriptions.Add(value.Subscribe(this, name => name.StartsWith(Request, StringComparison.Ordinal)));
    }

    void IObserver<KeyValuePair<string, object?>>.OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key != Request + ".Stop" || value.Value is not HttpContext { Request: { } request } || Activity.Current is not { } activity) return;
        // Streams end with the benchmark.
        if (request.Path.Value is not { } path || path.EndsWith("/stream", StringComparison.Ordinal)) return;
        var route = $"{(HttpMethods.IsGet(request.Method) ? "" : request.Method + " ")}{path.TrimStart('/')}{request.QueryString.Value}";
        times.GetOrAdd(route, _ => []).Add(activity.Duration.TotalMilliseconds);
    }

    void IObserver<DiagnosticListener>.OnCompleted()
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnCompleted()
    {
    }

    void IObserver<DiagnosticListener>.OnError(Exception error)
    {
    }

    void IObserver<KeyValuePair<string, object?>>.OnError(Exception error)
    {
    }

    public void Dispose()
    {
        foreach (var subscription in subscriptions) subscription.Dispose();
    }
}
