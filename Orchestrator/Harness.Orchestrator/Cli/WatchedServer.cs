using System.Net;
using System.Text.Json.Serialization.Metadata;
using Harness.Server.Api;

namespace Harness.Orchestrator.Cli;

/// <summary>A server that is asked again and again. One that crashes and is restarted meanwhile, by its supervisor or by a person, is found again.</summary>
/// <param name="server">Asked first; stays the caller's.</param>
/// <param name="find">The server that is to be asked from now on; null when there is no other.</param>
internal sealed class WatchedServer(ServerClient server, Func<ServerClient?> find, TimeProvider time) : IDisposable
{
    /// <summary>The longest that a supervisor waits before it starts a server again, and as much for the start.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    private ServerClient? found;
    private long? silentSince;

    private ServerClient Current => found ?? server;

    public string Name => Current.Name;

    /// <returns>The answer; null while it does not answer, which may pass.</returns>
    /// <exception cref="ServerSilentException">It has not answered for longer than <see cref="Patience"/>.</exception>
    /// <exception cref="ServerRefusalException">It says no.</exception>
    public Task<T?> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation) where T : class => Ask(now => now.Get(path, type, cancellation));

    /// <summary>Hands an experiment in, which is the same experiment however often.</summary>
    /// <exception cref="ServerSilentException">See <see cref="Get"/>.</exception>
    /// <exception cref="ServerRefusalException">It says no.</exception>
    public async Task<long> Submit(SubmitRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            if (await Ask(now => now.Submit(request, cancellation)) is { } reply) return reply.Experiment;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    public void Dispose() => found?.Dispose();

    private async Task<T?> Ask<T>(Func<ServerClient, Task<T>> question) where T : class
    {
        try
        {
            var answer = await question(Current);
            silentSince = null;
            return answer;
        }
        // The token comes from the data folder. A server that refuses it belongs to another folder and has taken the port of a crashed one.
        catch (Exception error) when (error is ServerSilentException or ServerRefusalException { Status: HttpStatusCode.ServiceUnavailable or HttpStatusCode.Unauthorized })
        {
            silentSince ??= time.GetTimestamp();
            if (time.GetElapsedTime(silentSince.Value) >= Patience) throw;
            if (find() is { } other)
            {
                found?.Dispose();
                found = other;
            }

            return null;
        }
    }
}
