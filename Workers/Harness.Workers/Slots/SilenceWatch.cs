namespace Harness.Workers.Slots;

/// <summary>
/// Notices when a trainer has given no sign of life for too long. Silence is counted in ticks of this process, so that a
/// standstill of the whole machine, in which nobody could be heard, is not held against the trainer.
/// </summary>
internal sealed class SilenceWatch : IDisposable
{
    private const int TicksOfPatience = 20;

    private readonly ITimer timer;
    private readonly Action onExpired;
    private int silent;
    private bool listening;

    /// <param name="patience">How long a silence may last.</param>
    /// <param name="onExpired">Called once, when it has lasted that long.</param>
    public SilenceWatch(TimeSpan patience, TimeProvider time, Action onExpired)
    {
        this.onExpired = onExpired;
        timer = time.CreateTimer(_ => Tick(), null, patience / TicksOfPatience, patience / TicksOfPatience);
    }

    public bool Expired { get; private set; }

    /// <summary>Waits for a sign of life; only such waiting counts as silence.</summary>
    public async Task<bool> Listen(ValueTask<bool> sign)
    {
        if (sign.IsCompleted) return await sign;
        silent = 0;
        Volatile.Write(ref listening, true);
        try
        {
            return await sign;
        }
        finally
        {
            Volatile.Write(ref listening, false);
        }
    }

    public void Dispose() => timer.Dispose();

    private void Tick()
    {
        if (!Volatile.Read(ref listening) || Expired || Interlocked.Increment(ref silent) <= TicksOfPatience) return;
        Expired = true;
        onExpired();
    }
}
