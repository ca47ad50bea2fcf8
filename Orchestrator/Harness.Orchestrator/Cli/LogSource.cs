using Harness.Server.Api;
using Harness.Store;
using Harness.Store.Views;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Cli;

/// <summary>Where a trial's log is read: a running server, or a database without one.</summary>
internal abstract class LogSource : IDisposable
{
    /// <summary>The trial as it is now; null when no trial is called so.</summary>
    public abstract Task<TrialDetail?> Trial(CancellationToken cancellation);

    /// <summary>A stretch of a curve; null when nothing is recorded there.</summary>
    public abstract Task<MetricView?> Curve(string metric, int from, int points, CancellationToken cancellation);

    /// <summary>What an attempt's trainer wrote last; null when there is no such attempt.</summary>
    public abstract Task<AttemptLog?> Attempt(int number, CancellationToken cancellation);

    public abstract void Dispose();

    public static LogSource Of(ServerClient? server, string data, string trial) => server is null ? new Stored(data, trial) : new Served(server, trial);

    private sealed class Served(ServerClient server, string trial) : LogSource
    {
        private readonly string path = $"api/trials/{Uri.EscapeDataString(trial)}";

        public override Task<TrialDetail?> Trial(CancellationToken cancellation) => Known(async () => await server.Get(path, ApiJson.Default.TrialDetail, cancellation));

        public override Task<MetricView?> Curve(string metric, int from, int points, CancellationToken cancellation) =>
            Known(async () => await server.Get(FormattableString.Invariant($"{path}/metrics/{metric}?from={from}&points={points}"), ApiJson.Default.MetricView, cancellation));

        public override Task<AttemptLog?> Attempt(int number, CancellationToken cancellation) =>
            Known(async () => await server.Get(FormattableString.Invariant($"{path}/attempts/{number}/log"), ApiJson.Default.AttemptLog, cancellation));

        /// <summary>The client is its caller's.</summary>
        public override void Dispose()
        {
        }

        private static async Task<T?> Known<T>(Func<Task<T?>> ask) where T : class
        {
            try
            {
                return await ask();
            }
            catch (ServerRefusalException refusal) when (refusal.Status == System.Net.HttpStatusCode.NotFound)
            {
                return null;
            }
        }
    }

    private sealed class Stored(string data, string trial) : LogSource
    {
        private readonly SqliteConnection connection = ResultsDatabase.ConnectForReading(data);

        public override Task<TrialDetail?> Trial(CancellationToken cancellation) => Task.FromResult(Id is { } id ? TrialReader.Read(connection, id) : null);

        public override Task<MetricView?> Curve(string metric, int from, int points, CancellationToken cancellation) =>
            Task.FromResult(Id is { } id ? CurveReader.Read(connection, id, metric, from, int.MaxValue, points) : null);

        public override Task<AttemptLog?> Attempt(int number, CancellationToken cancellation) => Task.FromResult(Id is { } id ? TrialReader.Log(connection, id, number) : null);

        public override void Dispose() => connection.Dispose();

        private long? Id => TrialReader.Find(connection, trial);
    }
}
