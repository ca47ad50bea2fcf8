using System.Diagnostics;
using Harness.Store;
using Harness.Store.Exports;
using Microsoft.Data.Sqlite;

namespace Harness.Orchestrator.Cli;

/// <summary>Writes what is stored of an experiment to a folder of TensorBoard's files while it runs, and the rest at its end.</summary>
internal sealed class LiveTensorBoard : IAsyncDisposable
{
    private static readonly TimeSpan interval = TimeSpan.FromSeconds(5);

    private readonly CancellationTokenSource end = new();
    private readonly TensorBoardFolder folder;
    private readonly string data;
    private readonly long experiment;
    private readonly Task writing;

    private LiveTensorBoard(string path, string data, long experiment)
    {
        (this.data, this.experiment) = (data, experiment);
        folder = new TensorBoardFolder(path);
        writing = Write();
    }

    /// <summary>Null without a folder.</summary>
    public static LiveTensorBoard? Start(string? path, string data, long experiment) => path is null ? null : new LiveTensorBoard(Path.GetFullPath(path), data, experiment);

    /// <exception cref="StoreException">The folder cannot be used.</exception>
    public static void Check(string? path)
    {
        if (path is null) return;
        try
        {
            if (File.Exists(path)) throw new IOException("it is a file.");
            new TensorBoardFolder(Path.GetFullPath(path)).CheckIsOurs();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"'{path}' cannot hold TensorBoard's files: {error.Message} Name another folder with --tensorboard.", error);
        }
    }

    /// <summary>Writes what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        await end.CancelAsync();
        await writing;
        end.Dispose();
    }

    private async Task Write()
    {
        try
        {
            while (true)
            {
                var isLast = end.IsCancellationRequested;
                var begun = Stopwatch.GetTimestamp();
                await using (var connection = ResultsDatabase.ConnectForReading(data)) folder.Update(new ResultsReader(connection).Read(experiment));
                if (isLast) return;
                // At most a tenth of the time goes into reading a large experiment again.
                var rest = Stopwatch.GetElapsedTime(begun) * 10;
                await Task.Delay(rest > interval ? rest : interval, TimeProvider.System, end.Token).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SqliteException or StoreException)
        {
            // Training goes on: the export can be made later from what is stored.
            await Console.Error.WriteLineAsync($"warning: TensorBoard's files are not written any more: {error.Message} 'harness export {experiment} --as tensorboard --out DIR' writes them from the database.");
        }
    }
}
