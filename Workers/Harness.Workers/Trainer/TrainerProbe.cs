using Harness.Abstractions.Results;

namespace Harness.Workers.Trainer;

/// <summary>Starts a trainer, asks what it is, and lets it go: for diagnosis.</summary>
public static class TrainerProbe
{
    /// <summary>What the trainer says of itself and how long it took to say it.</summary>
    /// <exception cref="InvalidOperationException">It does not start; the message says why.</exception>
    public static async Task<(string Path, EnvironmentRecord Environment, TimeSpan StartUp)> Run(TimeProvider time, TimeSpan timeout, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        string path;
        try
        {
            path = TrainerExecutable.Locate();
            await using var trainer = TrainerProcess.Start(threads: 1);
            var ready = await trainer.Ready.WaitAsync(timeout, time, cancellation);
            return (path, ready.Environment, time.GetElapsedTime(began));
        }
        catch (Exception error) when (error is TrainerFailedException or TimeoutException or FileNotFoundException)
        {
            throw new InvalidOperationException(error.Message, error);
        }
    }
}
