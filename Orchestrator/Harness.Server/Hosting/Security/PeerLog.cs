using System.Net;

namespace Harness.Server.Hosting.Security;

/// <summary>Remembers whom the gate refused, and tells a process that no silo will have that waiting is in vain.</summary>
internal sealed class PeerLog(TimeProvider time, ILogger<PeerLog> log)
{
    /// <summary>A refused process may try again at once and for ever: the log tells of it this often.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);

    /// <summary>How long another silo may take to accept a process that one has refused.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    /// <summary>A silo that ends just now closes a connection once; one that refuses its caller does so every time.</summary>
    private const int Enough = 3;

    private const int MostRemembered = 100;

    private readonly Lock gate = new();
    private readonly Dictionary<string, long> told = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<string> hopeless = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int doubtful;
    private bool isAdmitted, isWaiting;

    /// <summary>Completes, with the reason, when a silo has refused this process, or the other way round, and none has accepted it.</summary>
    public Task<string> Hopeless => hopeless.Task;

    /// <param name="isListener">Whether the other side had dialled.</param>
    public void Admit(bool isListener)
    {
        lock (gate) isAdmitted |= !isListener;
    }

    /// <param name="peer">The other side.</param>
    /// <param name="reason">What is wrong with it.</param>
    /// <param name="isCertain">Whether it has shown what it is; else it may only have ended at a bad moment.</param>
    public void Refuse(bool isListener, EndPoint? peer, string reason, bool isCertain)
    {
        var address = peer is IPEndPoint ip && isListener ? ip.Address.ToString() : peer?.ToString() ?? "an unknown address";
        lock (gate)
        {
            if (IsNew($"{isListener} {address} {reason}")) Tell(isListener, address, reason);
            if (isListener || isAdmitted || isWaiting || (!isCertain && ++doubtful < Enough)) return;
            isWaiting = true;
        }

        _ = GiveUp($"{address}: {reason}");
    }

    private async Task GiveUp(string reason)
    {
        await Task.Delay(Grace, time);
        lock (gate)
        {
            isWaiting = false;
            if (isAdmitted) return;
        }

        hopeless.TrySetResult(reason);
    }

    private bool IsNew(string what)
    {
        if (told.TryGetValue(what, out var last) && time.GetElapsedTime(last) < Quiet) return false;
        if (told.Count >= MostRemembered) told.Clear();
        told[what] = time.GetTimestamp();
        return true;
    }

    private void Tell(bool isListener, string address, string reason)
    {
        if (isListener) HostingLog.CallerRefused(log, address, reason);
        else HostingLog.ListenerRefused(log, address, reason);
    }
}
